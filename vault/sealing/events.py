"""Writes the statement of events: what was read of the tenant's logs (FORMAT.md section 9.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from vault.sealing.bundle import SealedBundle
from vault.sealing.manifest import bundle_members_of
from vault.spooling.spool import Spool
from verify.events_statement import EventGap
from verify.strict_json import text_of_time


class StreamReading(NamedTuple):
    """How far one stream was read; `verify.events_statement.StreamSpan` says what each member means.

    `newest` is the date of the newest event that was ever met, and is not signed.
    """

    time: str
    asked_from: datetime | None
    asked_until: datetime
    begins: datetime | None
    until: datetime | None
    newest: datetime | None = None


@dataclass(frozen=True)
class EventsReading:
    """What was read of the logs: events in a spool of their own, and how far each stream is known by it.

    `seen` holds, for each stream, the new list of events that the next reading will meet again.
    """

    spool: Spool
    streams: Mapping[str, StreamReading]
    gaps: Sequence[EventGap]
    seen: Mapping[str, bytes]


def events_members_of(events: EventsReading, bundle: SealedBundle) -> dict[str, object]:
    """Returns what the statement says beside `vault.sealing.manifest.bundle_statement_members_of`."""
    return {
        "streams": {name: _span_members(span, bundle.objects[name]) for name, span in events.streams.items()},
        "gaps": [_gap_members(gap) for gap in events.gaps],
        "bundle": bundle_members_of(bundle),
    }


def _span_members(span: StreamReading, events: int) -> dict[str, object]:
    return {
        "time": span.time,
        "asked_from": text_or_null(span.asked_from),
        "asked_until": text_of_time(span.asked_until),
        "from": text_or_null(span.begins),
        "until": text_or_null(span.until),
        "events": events,
    }


def _gap_members(gap: EventGap) -> dict[str, object]:
    return {
        "stream": gap.stream,
        "from": text_or_null(gap.begins),
        "until": text_of_time(gap.until),
        "reason": gap.reason,
        "detail": gap.detail,
    }


def text_or_null(instant: datetime | None) -> str | None:
    """An instant as statements and the head have it, None as it is."""
    return text_of_time(instant) if instant else None
