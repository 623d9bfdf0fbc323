"""Seals what was read of the tenant's logs beside a snapshot, and signs for it; one commit makes both happen."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import NamedTuple

from vault.ledger.commit import SEEN_PREFIX, Staging
from vault.ledger.head import EventsHead, StreamHead
from vault.ledger.ledger import Ledger
from vault.sealing.bundle import BundlePlan, seal_events
from vault.sealing.epoch_rule import events_retain_until
from vault.sealing.events import EventsReading, events_members_of, text_or_null
from vault.sealing.manifest import TenantReading, bundle_statement_members_of
from vault.sealing.recomputation import recompute
from vault.signing.log_writer import LogWriter
from verify.constants import EPOCH_SECRET_BYTES
from verify.events_statement import EVENTS, EventsStatement
from verify.identity import Recipient
from verify.segments import bundle_name_of, segment_list_name_of
from verify.strict_json import text_of_time

_NO_EPOCH = 0


class SealedEvents(NamedTuple):
    """Events that are sealed and signed for, and not committed yet."""

    entry: bytes
    statement: EventsStatement
    reading: EventsReading

    def head_after(self, head: EventsHead | None) -> EventsHead:
        """Returns where events stand once this is committed; streams that were not read stay where they were."""
        streams = dict(head.streams) if head else {}
        for name, stream in self.reading.streams.items():
            seen = hashlib.sha256(self.reading.seen[name]).hexdigest()
            streams[name] = StreamHead(text_or_null(stream.until), text_or_null(stream.newest), seen)
        return EventsHead(self.statement.sequence, self.statement.sha256, streams)


class EventSealer:
    """Seals events for one archive; whom to seal to was proved by the sealer of the snapshot."""

    def __init__(self, log: LogWriter, ledger: Ledger, archive_id: str, software: str) -> None:
        self._log = log
        self._ledger = ledger
        self._archive_id = bytes.fromhex(archive_id)
        self._software = software

    def seal(
        self,
        events: EventsReading,
        reading: TenantReading,
        recipients: Sequence[Recipient],
        retention_days: int,
        staging: Staging,
    ) -> SealedEvents:
        """Seals what lies in the spool, signs for it, and proves with the reader's own code that both are true.

        Raises:
            SealMismatchError: the bundle does not open as it was sealed; nothing must be committed.
            SpoolError: the disk is full.
        """
        head = self._ledger.head.events
        sequence = head.sequence + 1 if head else 1
        plan = BundlePlan(self._archive_id, _NO_EPOCH, sequence, os.urandom(EPOCH_SECRET_BYTES), recipients)
        bundle = seal_events(events.spool, events.spool.finish(), plan, staging.folder)
        until = events_retain_until(reading.taken_at, retention_days)
        members = bundle_statement_members_of(
            reading,
            bundle,
            sequence,
            head.previous if head else None,
            recipients=[recipient.fingerprint for recipient in recipients],
            retain_until=until,
            software=self._software,
        )
        entry = self._log.entry(EVENTS, members | events_members_of(events, bundle))
        statement = self._log.proved_events(entry)
        recompute(statement, bundle, self._ledger.table_path, events.spool)
        staging.add_file(bundle_name_of(bundle.sha256), bundle.path.name, bundle.sha256, text_of_time(until))
        staging.add(segment_list_name_of(bundle.sha256), bundle.segments, text_of_time(until))
        for stream, content in events.seen.items():
            staging.keep(f"{SEEN_PREFIX}{stream}", content)
        return SealedEvents(entry, statement, events)
