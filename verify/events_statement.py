"""Events: the signed statement about what a run read of the tenant's logs (FORMAT.md section 9.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from verify.bundle_statement import BundleStatement, bundle_statement_of
from verify.dsse import VerifiedStatement
from verify.errors import MalformedError
from verify.manifest import REASONS
from verify.strict_json import Members

EVENTS = "events"
NOT_KEPT = "no-longer-kept"
"""Why events are missing that nobody asked for while Graph still had them."""

_NO_EPOCH = 0


class StreamSpan(NamedTuple):
    """What a statement says of one stream.

    `time` names the property that dates an event. Events of `asked_from` (None: of any age) to `asked_until` were
    asked for. All that Graph gave of `begins` (None: of any age) to `until` are in this bundle or an earlier one.
    `until` is None where nothing of the stream was ever read whole. `events` is their number in this bundle.
    """

    time: str
    asked_from: datetime | None
    asked_until: datetime
    begins: datetime | None
    until: datetime | None
    events: int


class EventGap(NamedTuple):
    """A span of a stream of which not everything is known, and why; `begins` None is of any age."""

    stream: str
    begins: datetime | None
    until: datetime
    reason: str
    detail: str


@dataclass(frozen=True)
class EventsStatement(BundleStatement):
    """What one run read of the logs; made by `events_statement_of` from a verified statement alone."""

    streams: Mapping[str, StreamSpan]
    gaps: tuple[EventGap, ...]

    @property
    def kind(self) -> str:
        """What the footer of its bundle says, in a word."""
        return EVENTS

    @property
    def epoch(self) -> int:
        """Events are of no epoch."""
        return _NO_EPOCH


def events_statement_of(statement: VerifiedStatement, index: int) -> EventsStatement:
    """Reads what is said of events out of a statement that was proved.

    Raises:
        MalformedError: a listed member is missing or of another type (F-JSON-2).
    """
    members = statement.members
    if statement.type != EVENTS:
        raise MalformedError(f"{members.what}: a statement of type {statement.type!r}, not of events")
    return EventsStatement(
        **vars(bundle_statement_of(statement, index, members.members("bundle"))),
        streams=_streams_of(members.members("streams")),
        gaps=tuple(_gap_of(item) for item in members.items("gaps")),
    )


def _streams_of(members: Members) -> dict[str, StreamSpan]:
    return {name: _span_of(members.members(name)) for name in sorted(members.names())}


def _span_of(one: Members) -> StreamSpan:
    return StreamSpan(
        one.text("time"),
        _time_in(one, "asked_from"),
        one.time("asked_until"),
        _time_in(one, "from"),
        _time_in(one, "until"),
        one.integer("events"),
    )


def _gap_of(one: Members) -> EventGap:
    reason = one.text("reason")
    if reason not in REASONS and reason != NOT_KEPT:
        raise one.malformed("reason", "one of the words of FORMAT.md sections 9.1 and 9.4")
    return EventGap(one.text("stream"), _time_in(one, "from"), one.time("until"), reason, one.text("detail"))


def _time_in(members: Members, name: str) -> datetime | None:
    return None if members.is_null(name) else members.time(name)
