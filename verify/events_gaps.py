"""Which spans of the tenant's logs are still not wholly known, by all that was signed about them (FORMAT.md 9.4)."""

from __future__ import annotations

from collections.abc import Iterable

from verify.events_statement import NOT_KEPT, EventGap, EventsStatement, StreamSpan


def open_gaps_of(statements: Iterable[EventsStatement]) -> list[EventGap]:
    """Returns the gaps that no later reading closed, the oldest first; `statements` are in the log's order.

    Once a stream is known up to an instant, so is all before it; but what the service had let go of stays missing.
    Where the next reading comes to no end either, its own gap takes the place of the one before.
    """
    still: list[EventGap] = []
    for one in statements:
        still = [gap for gap in still if not _is_closed(gap, one.streams.get(gap.stream), one.gaps)]
        still += one.gaps
    return still


def _is_closed(gap: EventGap, span: StreamSpan | None, later: Iterable[EventGap]) -> bool:
    if gap.reason == NOT_KEPT or span is None:
        return False
    if span.until is not None and span.until >= gap.until:
        return True
    return any(one.stream == gap.stream and one.reason != NOT_KEPT and one.until >= gap.until for one in later)
