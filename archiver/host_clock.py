"""This host's clock beside two others: Graph's, and what the archive was told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archiver.alarm import Alarm
from archiver.state.run_record import RunRecord
from vault.ledger.head import Head
from verify.strict_json import text_of_time, time_of

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Further apart, a clock is wrong; Entra refuses client assertions beyond it (Microsoft Learn)."""


def clock_alarms_of(taken_at: datetime, graph_date: datetime | None, before: datetime | None) -> list[Alarm]:
    """Returns one (`clock`) for each: dated before its predecessor, or far from Graph's clock.

    `graph_date` is Graph's clock at the end of reading, `before` the date of the snapshot before; None if unknown.
    """
    details = []
    if before is not None and taken_at < before:
        details.append(
            f"the snapshot is dated {text_of_time(taken_at)}, and the one before it {text_of_time(before)}: "
            "this host's clock was set back, or was ahead"
        )
    if graph_date is not None and abs(taken_at - graph_date) > CLOCK_TOLERANCE:
        side = "ahead of" if taken_at > graph_date else "behind"
        details.append(f"this host's clock is {words_of_span(abs(taken_at - graph_date))} {side} Graph's")
    return [Alarm("clock", "taken_at", detail) for detail in details]


def date_of_last_snapshot(head: Head, history: Sequence[RunRecord]) -> datetime | None:
    """Returns when the newest snapshot was taken, None before the first one.

    The ledger knows it of a full only; of a delta the history does, and where that is lost, the epoch's full.
    """
    if head.full is None:
        return None
    if head.full.sequence != head.sequence:
        for run in reversed(history):
            if run.sequence == head.sequence and run.taken_at is not None:
                return run.taken_at
    return time_of(head.full.taken_at)


def words_of_span(span: timedelta) -> str:
    """Returns a length of time in the largest unit of which there are two."""
    for name, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if span >= 2 * unit:
            return f"{span / unit:,.0f} {name}"
    return f"{span.total_seconds():.0f} seconds"
