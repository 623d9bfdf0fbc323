"""A run as the history of runs holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

import msgspec

from archiver.alarm import Alarm
from archiver.run_error import RunError
from verify.errors import MalformedError
from verify.gap import Gap
from verify.strict_json import text_of_time, time_of

COMPLETE, GAPS, FAILED = "complete", "gaps", "failed"


class StoreOutcome(NamedTuple):
    """What became of a run's snapshot in one store."""

    name: str
    outcome: str
    error: str | None


class _Counts(msgspec.Struct):
    objects: int


class _Gap(msgspec.Struct):
    collection: str
    reason: str
    id: str | None
    relation: str | None = None
    detail: str = ""


class _Alarm(msgspec.Struct):
    kind: str
    subject: str
    detail: str | None


class _Store(msgspec.Struct):
    name: str
    outcome: str
    error: str | None = None


class _Error(msgspec.Struct):
    name: str | None = msgspec.field(default=None, name="class")
    code: int | None = None
    message: str | None = None


class _Line(msgspec.Struct):
    """What is read of a line; a line of which this is not true is damaged, or another version's."""

    outcome: str
    started_at: str
    ended_at: str
    taken_at: str | None = None
    sequence: int | None = None
    process: int | None = None
    collections: dict[str, _Counts] = {}
    left_out: list[str] = []
    gaps: list[_Gap] = []
    alarms: list[_Alarm] = []
    stores: list[_Store] = []
    error: _Error | None = None


_LINE = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class RunRecord:
    """One run. `document` is all that the history has of it (COMMANDS.md section 4), the rest what is read of that.

    `objects` counts each collection's, `left_out` names what the settings left out though a rebuild needs it;
    `taken_at` and `sequence` are of a run that sealed a snapshot, `error` is of one that did not. `process` is the
    number of the process that made it.
    """

    document: Mapping[str, Any]
    outcome: str
    started_at: datetime
    ended_at: datetime
    taken_at: datetime | None
    sequence: int | None
    process: int | None
    objects: Mapping[str, int]
    left_out: tuple[str, ...]
    gaps: tuple[Gap, ...]
    alarms: tuple[Alarm, ...]
    stores: tuple[StoreOutcome, ...]
    error: RunError | None

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Reads a line of the history.

        Raises:
            MalformedError: it is damaged, or of another version.
        """
        try:
            read = _LINE.decode(line)
            return cls(
                document=json.loads(line),
                outcome=read.outcome,
                started_at=time_of(read.started_at),
                ended_at=time_of(read.ended_at),
                taken_at=time_of(read.taken_at) if read.taken_at else None,
                sequence=read.sequence,
                process=read.process,
                objects={name: counts.objects for name, counts in read.collections.items()},
                left_out=tuple(read.left_out),
                gaps=tuple(Gap(one.collection, one.relation, one.id, one.reason, one.detail) for one in read.gaps),
                alarms=tuple(Alarm(one.kind, one.subject, one.detail or "") for one in read.alarms),
                stores=tuple(StoreOutcome(one.name, one.outcome, one.error) for one in read.stores),
                error=RunError(read.error.name, read.error.code, read.error.message) if read.error else None,
            )
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise MalformedError(f"a line of the history is no run: {error}") from error

    @property
    def is_sealed(self) -> bool:
        """Whether the run sealed a snapshot."""
        return self.outcome in (COMPLETE, GAPS)

    def is_of(self, process: int, started_at: datetime) -> bool:
        """Whether it is the run of that process that began then, to the second, or a little later by its own clock."""
        return self.process == process and self.started_at >= started_at.replace(microsecond=0)


def line_of_failure(started_at: datetime, ended_at: datetime, error: RunError) -> dict[str, Any]:
    """The document of a run that sealed nothing. A clock that was set back does not end it before it began."""
    return {
        "outcome": FAILED,
        "started_at": text_of_time(started_at),
        "ended_at": text_of_time(max(started_at, ended_at)),
        "alarms": [Alarm("failed", "run", error.message or "").of_run],
        "error": error.document,
    }
