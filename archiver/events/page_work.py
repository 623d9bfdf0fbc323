"""What worker processes do with a page of events: keep those that were not sealed before, and say what it held."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from archiver.events.seen import SeenList, row_of
from archiver.gathering.sink import RecordWriter
from archiver.graph.page import values_of
from archiver.graph.record import RecordShape, records_of
from verify.event_log import CLOCK_TOLERANCE, time_of_event
from verify.key import parts_of

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No service has kept an event since before it was there."""


class Seen(NamedTuple):
    """Where the list of events lies that were sealed before, and its digest; None: there is none."""

    path: Path
    sha256: str | None


class Dating(NamedTuple):
    """What dates the events of a reading: the property `time`, and from when to when events were asked for."""

    time: str
    asked_from: datetime | None
    asked_until: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether an event can be of that date. One that can't, such as .NET's 0001-01-01, says nothing of where a
        reading stands: neither how far it has come nor how old the oldest event is.
        """
        if at is None or at > self.asked_until:
            return False
        return at >= (self.asked_from - CLOCK_TOLERANCE if self.asked_from else EARLIEST)

    def latest(self, at: datetime | None) -> datetime:
        """The latest date by which an event may be asked for once more."""
        return at if at is not None and (self.has(at) or at > self.asked_until) else self.asked_until


class KeptEvents(NamedTuple):
    """What a page held. `rows` are those of its new events (archiver.events.seen); `oldest` and `newest` are dates of
    events that can be of their date.

    `is_ordered`: none of these is older than the one before it.
    """

    rows: bytes
    new: int
    oldest: datetime | None
    newest: datetime | None
    is_ordered: bool


def keep_new_events(
    writer: RecordWriter, shape: RecordShape, dating: Dating, values: bytes, seen: Seen, order: int
) -> KeptEvents:
    """Keeps the events of a page that are not in `seen`, whatever they say of their date.

    Raises:
        MalformedPageError: an event is not what COMMANDS.md section 3 allows; nothing of the page is kept.
    """
    records = records_of(shape, values)
    times = [_time_in(value, dating.time) for value in values_of(values)]
    known = _seen_list(seen)
    new, rows = [], []
    for record, at in zip(records, times, strict=True):
        id_ = parts_of(record.key).id.decode()
        if id_ not in known:
            new.append(record)
            rows.append(row_of(id_, dating.latest(at)))
    writer.add(new, order)
    dates = [at for at in times if at is not None and dating.has(at)]
    is_ordered = all(before <= after for before, after in pairwise(dates))
    return KeptEvents(b"".join(rows), len(new), min(dates, default=None), max(dates, default=None), is_ordered)


@cache
def _seen_list(seen: Seen) -> SeenList:
    """One list a stream and worker, whose life is one run."""
    return SeenList(*seen)


@cache
def _dated(time: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Dated", [("at", str)], rename={"at": time}))


def _time_in(unverified: msgspec.Raw, time: str) -> datetime | None:
    try:
        return time_of_event(_dated(time).decode(unverified).at)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
