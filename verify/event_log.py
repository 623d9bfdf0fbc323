"""The events of an archive: what its statements of events hold together, each event proved and given once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from verify.archive import Archive
from verify.bundle import Bundle
from verify.errors import DigestError, MissingFileError, UsageError
from verify.events_statement import EventsStatement, StreamSpan
from verify.identity import Identity
from verify.key import OBJECT_ENDING, KeyFields, Record, fields_of, key_of
from verify.segments import bundle_name_of, segment_list_name_of
from verify.store import ArchiveReader

CLOCK_TOLERANCE = timedelta(days=1)
"""How far an event may be dated outside of the span that was asked for: the service filters by a clock of its own."""


class Event(NamedTuple):
    """One event: `at` is None where the record does not say when it was; `sequence` is that of its statement."""

    stream: str
    id: str
    at: datetime | None
    record: Record
    sequence: int


class EventLog:
    """All events of an archive that have not expired.

    `statements` are in the log's order, `expired` those of them whose bundles are gone after their retention.
    """

    def __init__(self, archive: Archive, identities: Sequence[Identity], now: datetime) -> None:
        """Reads the statements, and opens no bundle; raises as `Archive.statement`."""
        self._archive = archive
        self._identities = identities
        self.statements = sorted(archive.events(), key=lambda one: one.index)
        self.expired = [one for one in self.statements if one.retain_until < now and not _is_there(archive.reader, one)]

    @property
    def streams(self) -> list[str]:
        """The names of the streams that were ever read, sorted."""
        return sorted({name for one in self.statements for name in one.streams})

    def event(self, stream: str, id_: str) -> Event | None:
        """Returns one event, None if there is none of that id.

        Raises:
            UsageError: there is no such stream.
            StrongroomError: as `events`.
        """
        key = key_of(KeyFields(stream, id_))
        for statement, span in self._holding(stream):
            record = self._opened(statement).record(key)
            if record is not None:
                return _event_of(stream, span.time, record, statement.sequence)
        return None

    def events(self, stream: str, begins: datetime | None = None, until: datetime | None = None) -> Iterator[Event]:
        """Yields the events of a stream from `begins` to before `until`, in the order in which they were sealed, and
        by id among those that were sealed together. One that was sealed twice comes once.

        What is undated is of any time. Memory holds a day or two of ids, and one block of a bundle.

        Raises:
            UsageError: there is no such stream.
            WrongIdentityError: a bundle is sealed to the recipient of none of the identities.
            StrongroomError: a bundle is missing, damaged, or not what its statement says.
        """
        given: dict[bytes, datetime | None] = {}
        for statement, span in self._holding(stream):
            given = _still_possible(given, span)
            if not _may_hold(span, begins, until):
                continue
            for record in _records_of(self._opened(statement), stream):
                event = _event_of(stream, span.time, record, statement.sequence)
                if record.key not in given and _is_between(event.at, begins, until):
                    given[record.key] = event.at
                    yield event

    def _holding(self, stream: str) -> Iterator[tuple[EventsStatement, StreamSpan]]:
        """The statements that have events of a stream, oldest first."""
        if stream not in self.streams:
            raise UsageError(
                f"{stream} is no stream of events in this archive",
                next_step=f"There are: {', '.join(self.streams)}." if self.streams else "No run has read any.",
            )
        gone = {one.index for one in self.expired}
        for statement in self.statements:
            span = statement.streams.get(stream)
            if span is not None and span.events and statement.index not in gone:
                yield statement, span

    def _opened(self, statement: EventsStatement) -> Bundle:
        return self._archive.open_events(statement, self._identities)


def _is_there(reader: ArchiveReader, statement: EventsStatement) -> bool:
    """Whether a file of the bundle is there; a bundle is gone when both are."""
    names = (bundle_name_of(statement.bundle.sha256), segment_list_name_of(statement.bundle.sha256))
    return any(_has(reader, name) for name in names)


def _has(reader: ArchiveReader, name: str) -> bool:
    try:
        reader.size(name)
    except MissingFileError:
        return False
    return True


def _still_possible(given: dict[bytes, datetime | None], span: StreamSpan) -> dict[bytes, datetime | None]:
    """The events that a later statement may hold again: it asked for none that is older."""
    if span.asked_from is None:
        return given
    oldest = _moved(span.asked_from, -CLOCK_TOLERANCE)
    return {key: at for key, at in given.items() if at is None or at >= oldest}


def _may_hold(span: StreamSpan, begins: datetime | None, until: datetime | None) -> bool:
    is_too_old = begins is not None and _moved(span.asked_until, CLOCK_TOLERANCE) < begins
    asked_from = span.asked_from
    is_too_new = until is not None and asked_from is not None and _moved(asked_from, -CLOCK_TOLERANCE) >= until
    return not is_too_old and not is_too_new


def _moved(instant: datetime, by: timedelta) -> datetime:
    """The instant that much later, within what a date can be."""
    try:
        return instant + by
    except OverflowError:
        return instant


def _is_between(at: datetime | None, begins: datetime | None, until: datetime | None) -> bool:
    if at is None:
        return True
    return (begins is None or at >= begins) and (until is None or at < until)


def _records_of(bundle: Bundle, stream: str) -> Iterator[Record]:
    prefix = stream.encode() + b"\x00"
    first = max(bundle.table.place_of(prefix), 0)
    for number in range(first, len(bundle.table)):
        if bundle.table.first_keys[number] >= prefix[:-1] + b"\x01":
            return
        for page, lines in bundle.blocks(number, number + 1):
            for key, line in zip(page.keys, lines, strict=True):
                if key.startswith(prefix):
                    if not key.endswith(OBJECT_ENDING):
                        raise DigestError(f"{bundle.name}: holds what is no event (F-EVT-6)")
                    yield Record(key, line)


def _event_of(stream: str, time: str, record: Record, sequence: int) -> Event:
    # Numbers stay text: only the time is looked at, and canonical bytes allow integers of any length.
    value = json.loads(record.line, parse_int=str, parse_float=str)["value"]
    at = time_of_event(value.get(time)) if isinstance(value, dict) else None
    return Event(stream, fields_of(record.key).id, at, record, sequence)


def time_of_event(value: object) -> datetime | None:
    """Reads the time of an event as Graph writes it, with any number of digits of a second; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: an hour that no year of the calendar holds in UTC
        return None
