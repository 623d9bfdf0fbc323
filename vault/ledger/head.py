"""Where an archive stands after its last commit, as the archive host remembers it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from vault.errors import ForkRefusedError
from verify.tree import EMPTY_ROOT

HEAD_FILE = "head.json"
"""Name of the head's file, in the ledger and in each commit."""


@dataclass(frozen=True)
class EpochFull:
    """The full on which the epoch's deltas lean. `secret` is hex; times are text (FORMAT.md section 2).

    `table_sha256` is the digest of the epoch table: a damaged table would make deltas that leave changes out.
    """

    sequence: int
    manifest_sha256: str
    bundle_sha256: str
    bundle_bytes: int
    table_sha256: str
    secret: str = field(repr=False)
    recipients: list[str]
    taken_at: str
    retain_until: str


@dataclass(frozen=True)
class StreamHead:
    """How far one log of the tenant is known: `until` (text) everything that Graph gave is sealed, None if nothing is.
    `newest` (text) is the date of the newest event that was ever met, None if there was none.

    `seen_sha256` is the digest of the list of events that a next reading will meet again: one that was put back from
    another day would make it leave out what was never sealed.
    """

    until: str | None
    newest: str | None
    seen_sha256: str


@dataclass(frozen=True)
class EventsHead:
    """Where events stand: number and digest of the last statement of them, and each stream."""

    sequence: int
    previous: str
    streams: Mapping[str, StreamHead]


@dataclass(frozen=True)
class LastCheckpoint:
    """The checkpoint of the commit before: its name in the archive and the digest of its file."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Head:
    """Where the archive stands after the last commit.

    `checkpoint` is the newest one. `log_root` is the hex root over the log's leaves.
    `previous` is the SHA-256 of the newest manifest's file. `objects` counts objects per collection in the
    newest snapshot, for drop alarms. `proved` lists fingerprints of recipients whose canary was opened.
    """

    archive_id: str
    log_size: int = 0
    log_root: str = EMPTY_ROOT.hex()
    checkpoint: LastCheckpoint | None = None
    sequence: int = 0
    previous: str | None = None
    epoch: int = 0
    tenant: str | None = None
    simulated: bool | None = None
    full: EpochFull | None = None
    objects: Mapping[str, int] = field(default_factory=dict)
    proved: Sequence[str] = ()
    events: EventsHead | None = None

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Reads `head.json`. Raises ForkRefusedError if it is damaged: going on could fork the log."""
        try:
            document: dict[str, Any] = json.loads(content)
            full, checkpoint = document.pop("full"), document.pop("checkpoint")
            events = document.pop("events", None)
            return cls(
                **document,
                full=EpochFull(**full) if full else None,
                checkpoint=LastCheckpoint(**checkpoint) if checkpoint else None,
                events=_events_head_of(**events) if events else None,
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ForkRefusedError(f"the ledger's head is damaged: {error}") from error

    def to_json(self) -> bytes:
        """The content of `head.json`."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()


def _events_head_of(sequence: int, previous: str, streams: Mapping[str, Mapping[str, Any]]) -> EventsHead:
    return EventsHead(sequence, previous, {name: StreamHead(**stream) for name, stream in streams.items()})
