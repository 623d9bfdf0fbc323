"""Events for an archive host of sealing tests: a day's snapshot of one user, with events beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.vault.host import Host, spool_records, user
from vault.sealing.events import EventsReading, StreamReading
from vault.sealing.sealer import SealedSnapshot
from vault.spooling.spool import Spool
from verify.key import KeyFields, Record, key_of

STREAM = "directoryAudits"
TIME = "activityDateTime"


def event(id_: str, at: datetime, text: str = "") -> Record:
    """One event of the audit log."""
    value = f'{{"{TIME}":"{at:%Y-%m-%dT%H:%M:%S}.1234567Z","id":"{id_}","text":"{text}"}}'
    line = f'{{"collection":"{STREAM}","id":"{id_}","value":{value}}}'
    return Record(key_of(KeyFields(STREAM, id_)), line.encode())


def seal_with_events(
    host: Host, events: Sequence[Record], *, asked_from: datetime | None = None, days: int = 1, **rules: object
) -> SealedSnapshot:
    """Seals a day with these events beside its snapshot, delivers everything, and moves the clock."""
    sealer = host.sealer()
    head = host.ledger.head.events
    begins = datetime.fromisoformat(str(head.streams[STREAM].until)) if head else None
    since = asked_from or (begins - timedelta(days=1) if begins else None)
    span = StreamReading(TIME, since, host.now, begins, host.now)
    with Spool(host.folder / "spool", 2) as spool, Spool(host.folder / "spool" / "events", 1) as own:
        spool.submit(spool_records, [user(1)]).result()
        for at in range(0, len(events), 500):
            own.submit(spool_records, events[at : at + 500]).result()
        reading = EventsReading(own, {STREAM: span}, (), {STREAM: b"seen" * 6})
        sealed = sealer.seal(spool, host.reading(), host.rules(**rules), full=False, events=reading)
    host.deliver()
    host.now += timedelta(days=days)
    return sealed


def flip(content: bytes) -> bytes:
    """The same with one bit of its middle flipped."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def seen_digest() -> str:
    """What the head says of the list that `seal_with_events` keeps."""
    return hashlib.sha256(b"seen" * 6).hexdigest()
