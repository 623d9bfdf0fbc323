"""The logs of one run: what is asked of each, what came of it, and whether there is something to seal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from archiver.events.log_reading import Known, LogRead, LogReading
from archiver.events.page_work import Seen
from archiver.gathering.reading import Reading
from archiver.graph.reader import GraphReader
from archiver.graph.row import Row
from vault.ledger.head import EventsHead
from vault.sealing.events import EventsReading
from vault.spooling.spool import Spool
from verify.events_statement import EventGap
from verify.gap import Gap
from verify.strict_json import text_of_time, time_of

SILENCE = timedelta(days=6)
"""How long nothing is signed where nothing comes; then it is said that nothing came. Less than Graph keeps events."""


class EventsGathering:
    """Reads the logs that `rows` name beside the rest of the tenant, into a spool of their own.

    `seen_path` gives the list of a stream's events that were sealed last.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        spool: Spool,
        head: EventsHead | None,
        seen_path: Callable[[str], Path],
        now: Callable[[], datetime],
    ) -> None:
        self._rows = rows
        self._spool = spool
        self._head = head
        self._seen_path = seen_path
        self._now = now
        self._read: dict[str, LogRead] = {}

    async def read(self, reader: GraphReader) -> None:
        """Reads all of them; what can't be read is a gap.

        Raises: CredentialRefusedError, and what a worker raises.
        """
        reading = Reading(reader, self._spool)
        # Graph's own clock, since it is Graph that dates events; never a time that this host has not come to.
        graph_date = reader.traffic.graph_date
        until = min(graph_date, self._now()) if graph_date else self._now()
        async with asyncio.TaskGroup() as group:
            for row in self._rows:
                group.create_task(self._read_log(reading, row, until))

    async def _read_log(self, reading: Reading, row: Row, until: datetime) -> None:
        if row.events is None:
            return
        stream = self._head.streams.get(row.collection) if self._head else None
        known = Known(
            time_of(stream.until) if stream and stream.until else None,
            time_of(stream.newest) if stream and stream.newest else None,
        )
        seen = Seen(self._seen_path(row.collection), stream.seen_sha256 if stream else None)
        self._read[row.collection] = await LogReading(reading, row, row.events, known, until, seen).read()

    @property
    def gaps(self) -> tuple[EventGap, ...]:
        """What is missing, stream by stream."""
        return tuple(gap for name in sorted(self._read) for gap in self._read[name].gaps)

    def reading(self) -> EventsReading | None:
        """What is to be sealed; None where nothing is new, nothing is missing, and that was said not long ago."""
        spans = [log.span for log in self._read.values()]
        is_due = any(
            span.until is not None and (span.begins is None or span.until - span.begins >= SILENCE) for span in spans
        )
        if not is_due and not self.gaps and not any(log.new for log in self._read.values()):
            return None
        return EventsReading(
            self._spool,
            {name: log.span for name, log in self._read.items()},
            self.gaps,
            {name: log.seen for name, log in self._read.items()},
        )


def run_gap_of(gap: EventGap) -> Gap:
    """Gives the gap as a run tells of it, beside those of the snapshot."""
    begins = text_of_time(gap.begins) if gap.begins else "the first day that Graph had"
    return Gap(gap.stream, None, None, gap.reason, f"from {begins} to {text_of_time(gap.until)}: {gap.detail}")
