"""Reading one log of the tenant on from where the last run ended, and how far it is known by that.

Events arrive late, minutes to hours after they happened (Microsoft Learn, latency of the Entra logs), so a reading
begins OVERLAP before the newest event that was ever met, and what was sealed before is dropped by its id. Where Graph
itself falls behind, and nothing comes for days, nothing is missed by that. Graph gives them oldest
first: a reading that is cut short has all up to the last event that it met. Where that order does not hold nothing is
certain, and the next reading begins where this one did; what was met is true, and is kept all the same. So is an
event without a date, or with one that was not asked for: how far a reading has come is not judged by it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import NamedTuple

from archiver.events.page_work import Dating, KeptEvents, Seen, keep_new_events
from archiver.events.seen import SeenList, SeenRows
from archiver.gathering.reading import Reading, query_of
from archiver.graph.errors import ReadError
from archiver.graph.record import RecordShape
from archiver.graph.row import Events, Row
from vault.sealing.events import StreamReading
from verify.events_statement import NOT_KEPT, EventGap
from verify.strict_json import text_of_time
from verify.wording import counted

OVERLAP = timedelta(hours=24)
"""How late an event may arrive and still be met: far more than the hours that Microsoft speaks of, and a day of ids."""
MAX_EVENTS = 5_000_000
"""Events of one log and run, so that a first reading of a large tenant's sign-ins ends: 2.8 hours at 500 a second."""
LEAST_KEPT = timedelta(days=7)
"""What Graph keeps for a tenant without a licence (Microsoft Learn, data retention); for others, the row says."""
INTERRUPTED = "interrupted"

_WAITING_PAGES = 8


class Known(NamedTuple):
    """How far a log is known (None: not at all), and the date of the newest event that was ever met."""

    until: datetime | None
    newest: datetime | None


class LogRead(NamedTuple):
    """One log as a run has read it: `new` events, how far it is known, what is missing, and the next list of events."""

    new: int
    span: StreamReading
    gaps: list[EventGap]
    seen: bytes


class LogReading:
    """One reading of one log. `known` says how far it is known, `asked_until` by which time this reading ends; `seen`
    are the events that were sealed before.
    """

    def __init__(
        self, reading: Reading, row: Row, events: Events, known: Known, asked_until: datetime, seen: Seen
    ) -> None:
        self._reading = reading
        self._row = row
        self._events = events
        self._begins = known.until
        self._newest = known.newest
        self._asked_until = asked_until.replace(microsecond=0)
        self._asked_from = self._start_after(known.until, known.newest)
        self._seen = seen
        self._known = SeenList(*seen)
        self._rows = SeenRows(self._known.rows())
        self._new = 0
        self._met = _Met()
        self._cut: tuple[str, str] | None = None

    async def read(self) -> LogRead:
        """Reads it. What could not be read is a gap.

        Raises: CredentialRefusedError, and what the sink raises.
        """
        # Not PageResults: here it counts which page is missing, and those behind it are taken all the same.
        waiting: deque[asyncio.Future[KeptEvents]] = deque()
        shape = RecordShape(self._row.collection, self._row.key, frozenset())
        dating = Dating(self._events.time, self._asked_from, self._asked_until)
        pages = self._reading.pages(self._url(), bucket=self._row.bucket, units=self._row.resource_units)
        try:
            async with aclosing(pages):
                async for page in pages:
                    order = self._reading.next_order()
                    work = (shape, dating, page.values, self._seen, order)
                    waiting.append(await self._reading.start_work(keep_new_events, *work))
                    if len(waiting) >= _WAITING_PAGES:
                        await self._take(waiting.popleft())
                    if self._new >= MAX_EVENTS and page.next_link is not None:
                        self._cut = (INTERRUPTED, f"{counted(self._new, 'event')} were read; the next run goes on")
                        break
        except ReadError as error:
            self._cut = self._cut or (error.reason, error.message)
        while waiting:
            await self._take(waiting.popleft())
        return self._concluded()

    async def _take(self, kept: asyncio.Future[KeptEvents]) -> None:
        """Counts a page, in the order of pages; behind one that is missing, nothing says how far the log is known."""
        try:
            page = await kept
        except ReadError as error:
            self._met.is_ended = True
            self._cut = (error.reason, error.message)
            return
        self._new += page.new
        self._rows.add(page.rows)
        self._met.add(page)

    def _url(self) -> str:
        time = self._events.time
        bounds = [f"{time} ge {text_of_time(self._asked_from)}"] if self._asked_from else []
        bounds.append(f"{time} le {text_of_time(self._asked_until)}")
        if self._row.filter is not None:
            bounds.append(self._row.filter)
        query = query_of(filter=" and ".join(bounds), orderby=f"{time} asc", top=self._row.top)
        return self._reading.reader.client.url_of(self._row.version, self._row.path + query)

    def _concluded(self) -> LogRead:
        until = self._until()
        newest = max((one for one in (self._newest, self._met.newest) if one is not None), default=None)
        span = StreamReading(self._events.time, self._asked_from, self._asked_until, self._begins, until, newest)
        seen = self._rows.content(self._start_after(until, newest))
        return LogRead(self._new, span, [*self._hole(), *self._rest(until)], seen)

    def _start_after(self, until: datetime | None, newest: datetime | None) -> datetime | None:
        """What a reading asks for from, if the log is known until then; None for everything that Graph has.

        In whole seconds, as it is asked: what is remembered has to begin where the question does.
        """
        if until is None or newest is None:
            return None
        return (min(until, newest, self._asked_until) - OVERLAP).replace(microsecond=0)

    def _until(self) -> datetime | None:
        """How far the log is known. It never goes back: a clock that was ahead is made up for by what is asked."""
        reached = self._met.newest_for_certain if self._cut else self._asked_until
        if reached is None or self._begins is None:
            return reached or self._begins
        return max(reached, self._begins)

    def _rest(self, until: datetime | None) -> list[EventGap]:
        """What this reading did not come to; the next one tries again from there."""
        if self._cut is None:
            return []
        reason, detail = self._cut
        end = max(self._asked_until, until or self._asked_until)
        return [EventGap(self._row.collection, until, end, reason, detail)]

    def _hole(self) -> list[EventGap]:
        """Events that Graph let go of before anybody asked: certain beyond the longest that it keeps them, and beyond
        the shortest where nothing came back of what was met before.
        """
        if self._begins is None or (self._cut is not None and self._met.oldest is None):
            return []
        age = self._asked_until - self._begins
        longest = timedelta(days=self._events.keeps_days)
        is_lost = age > longest or (age > LEAST_KEPT and len(self._known) > 0)
        oldest = self._met.oldest
        if not is_lost or (oldest is not None and oldest <= self._begins):
            return []
        end = self._asked_until if oldest is None else min(oldest, self._asked_until)
        detail = (
            f"the last reading ended {counted(age.days, 'day')} before this one, and Graph had let go of what was "
            "before the first event that it gave"
        )
        return [EventGap(self._row.collection, self._begins, end, NOT_KEPT, detail)]


class _Met:
    """Which events a reading has met so far, page by page; `is_ended` once a page is missing."""

    def __init__(self) -> None:
        self.oldest: datetime | None = None
        self.newest: datetime | None = None
        self.is_ended = False
        self._reached: datetime | None = None
        self._is_ordered = True

    @property
    def newest_for_certain(self) -> datetime | None:
        """All events before this instant were met, if all came oldest first; None if not, or if there were none."""
        return self._reached.replace(microsecond=0) if self._reached is not None and self._is_ordered else None

    def add(self, page: KeptEvents) -> None:
        """Counts a page."""
        if page.oldest is None or page.newest is None:
            return
        self.oldest = page.oldest if self.oldest is None else min(page.oldest, self.oldest)
        self.newest = page.newest if self.newest is None else max(page.newest, self.newest)
        if self.is_ended:
            return
        self._is_ordered &= page.is_ordered and (self._reached is None or self._reached <= page.oldest)
        self._reached = page.newest if self._reached is None else max(page.newest, self._reached)
