"""What worker processes do with a page of events: keep those that were not sealed before, and say what it held."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from archiver.events.seen import SeenList, row_of
from archiver.gathering.sink import RecordWriter
from archiver.graph.errors import MalformedPageError
from archiver.graph.page import values_of
from archiver.graph.record import RecordShape, records_of
from verify.event_log import time_of_event
from verify.key import parts_of


class Seen(NamedTuple):
    """Where the list of events lies that were sealed before, and its digest; None: there is none."""

    path: Path
    sha256: str | None


class KeptEvents(NamedTuple):
    """What a page held. `rows` are those of its new events (archiver.events.seen), `oldest` and `newest` of all.

    `is_ordered`: no event is older than the one before it.
    """

    rows: bytes
    new: int
    oldest: datetime | None
    newest: datetime | None
    is_ordered: bool


def keep_new_events(
    writer: RecordWriter, shape: RecordShape, time: str, values: bytes, seen: Seen, order: int
) -> KeptEvents:
    """Keeps the events of a page that are not in `seen`; `time` names the property that dates them.

    Raises:
        MalformedPageError: an event is not what COMMANDS.md section 3 allows, or not dated; nothing of the page is
            kept.
    """
    records = records_of(shape, values)
    times = [_time_in(value, shape, time) for value in values_of(values)]
    known = _seen_list(seen)
    new, rows = [], []
    for record, at in zip(records, times, strict=True):
        id_ = parts_of(record.key).id.decode()
        if id_ not in known:
            new.append(record)
            rows.append(row_of(id_, at))
    writer.add(new, order)
    is_ordered = all(before <= after for before, after in pairwise(times))
    return KeptEvents(b"".join(rows), len(new), min(times, default=None), max(times, default=None), is_ordered)


@cache
def _seen_list(seen: Seen) -> SeenList:
    """One list a stream and worker, whose life is one run."""
    return SeenList(*seen)


@cache
def _dated(time: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(msgspec.defstruct("Dated", [("at", str)], rename={"at": time}))


def _time_in(unverified: msgspec.Raw, shape: RecordShape, time: str) -> datetime:
    try:
        at = time_of_event(_dated(time).decode(unverified).at)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        at = None
    if at is None:
        raise MalformedPageError(f"{shape.collection} holds an event without a usable {time}")
    return at
