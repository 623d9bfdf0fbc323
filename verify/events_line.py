"""Statements of events as a verdict and a list of snapshots show them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from verify.bundle_state import EXPIRED, MISSING, PRESENT
from verify.coverage import Coverage
from verify.events_statement import EventsStatement
from verify.strict_json import text_of_time


@dataclass(frozen=True)
class EventsLine:
    """One statement of events as the verdict shows it; `state`, `covered` and `read` as of a `SnapshotLine`."""

    statement: EventsStatement
    state: str
    covered: bool
    read: bool

    def document(self) -> dict[str, Any]:
        """Returns what a verdict says of it (COMMANDS.md section 4)."""
        one = self.statement
        return {**document_of(one), "state": self.state, "covered": self.covered, "read": self.read}


def document_of(one: EventsStatement) -> dict[str, Any]:
    """Returns a statement of events as JSON has it."""
    return {
        "sequence": one.sequence,
        "taken_at": text_of_time(one.taken_at),
        "events": one.state_count,
        "streams": {
            name: {
                "from": text_of_time(span.begins) if span.begins else None,
                "until": text_of_time(span.until) if span.until else None,
                "events": span.events,
            }
            for name, span in one.streams.items()
        },
        "gaps": [
            {
                "stream": gap.stream,
                "from": text_of_time(gap.begins) if gap.begins else None,
                "until": text_of_time(gap.until),
                "reason": gap.reason,
                "detail": gap.detail,
            }
            for gap in one.gaps
        ],
        "retain_until": text_of_time(one.retain_until),
        "simulated": one.simulated,
        "bundle_sha256": one.bundle.sha256,
        "bundle_bytes": one.bundle.bytes,
    }


def events_lines_of(
    events: Sequence[EventsStatement],
    coverage: Coverage,
    expired: Collection[str],
    is_damaged: Callable[[EventsStatement], bool],
) -> list[EventsLine]:
    """Returns the lines of all statements, newest first; `events` are in the log's order."""
    asked = {one.index for one in coverage.asked_events}
    read = {bundle.sha256 for bundle in coverage.read}
    lines = []
    for one in reversed(events):
        damaged = is_damaged(one)
        state = EXPIRED if one.bundle.sha256 in expired else MISSING if damaged else PRESENT
        lines.append(EventsLine(one, state, one.index in asked, one.bundle.sha256 in read and not damaged))
    return lines
