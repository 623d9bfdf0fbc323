"""One run's reading: pages in order, work in the background, gaps where something is missing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar
from urllib.parse import quote

from archiver.gathering.change_notes import ChangeNotes
from archiver.gathering.gathered import Completeness
from archiver.gathering.held_pages import HeldPages
from archiver.gathering.named_ids import work_and_note
from archiver.gathering.progress import Progress
from archiver.gathering.sink import RecordSink
from archiver.gathering.trail import Trail
from archiver.graph.errors import ExpiredLinkError, NotFoundError, ReadError
from archiver.graph.origin import is_at
from archiver.graph.page import Page, page_of
from archiver.graph.reader import GraphReader
from archiver.graph.row import Bucket
from verify.gap import Gap

T = TypeVar("T")

PREPARATION_SECONDS = 60.0
"""For each question that is asked before the tenant is read, and that a run can do without."""
MAX_BEGINNINGS = 3
"""Times that a list is begun, because its next links grew too old (400 Directory_ExpiredPageToken)."""
MAX_WAITING_PAGES = 4
"""Pages that wait for or are in a worker; bounds memory to about 25 MB where pages are 6 MB."""
MAX_OBJECT_GAPS = 100
"""Gaps of one relation and reason that are listed one by one; of more, one gap stands for the relation."""
MAX_LEAVER_GAPS = 10_000
"""The same where objects went while the tenant was read: a gap of the whole relation would hide those who stayed."""


class Reading:
    """What all collections of a run share. `is_watched`: somebody follows how far it is."""

    def __init__(self, reader: GraphReader, sink: RecordSink, *, is_watched: bool = False) -> None:
        self.reader = reader
        self.is_watched = is_watched
        self.gaps: list[Gap] = []
        self.counts: dict[str, int] = {}
        self.completeness: list[Completeness] = []
        self.changes = ChangeNotes()
        self.held = HeldPages()
        self.progress = Progress(reader.clock)
        self._sink = sink
        self._orders = itertools.count()
        self._waiting = asyncio.Semaphore(MAX_WAITING_PAGES)

    def next_order(self) -> int:
        """Gives a number greater than all before: of two readings of one thing the later wins."""
        return next(self._orders)

    async def pages(self, url: str, *, bucket: Bucket, units: float, at: str | None = None) -> AsyncGenerator[Page]:
        """Gives the pages of a list from `at` on, or from its start, following next links.

        If a next link has grown too old, the list begins anew, with a page that says so.

        Raises:
            ReadError: a page can't be had; those before it were given.
        """
        link: str | None = at or url
        trail = Trail(at or url)
        beginnings = 1
        begins_anew = False
        while link is not None:
            try:
                page = await self._page(link, bucket, units)
            except ExpiredLinkError:
                if beginnings == MAX_BEGINNINGS:
                    raise
                beginnings += 1
                link, trail, begins_anew = url, Trail(url), True
                continue
            yield page._replace(begins_anew=True) if begins_anew else page
            begins_anew = False
            link = trail.next(page.next_link, is_empty=page.values == b"[]")

    async def _page(self, link: str, bucket: Bucket, units: float) -> Page:
        """Gives a page. One that leads away is asked for again: who is in between may have spoilt this answer alone.

        If it goes on leading away it is given as it is, and who follows its link is refused.
        """
        tries = self.reader.tries()
        while True:
            page = await self.reader.read(link, page_of, bucket=bucket, units=units, leads=True)
            if not self.leads_away(page):
                return page
            wait = tries.next_wait(0.0, is_fault=True)
            if wait is None:
                return page
            await self.reader.sleep(wait)

    def leads_away(self, page: Page) -> bool:
        """Whether the next link of a page leaves the configured host."""
        return page.next_link is not None and not is_at(page.next_link, self.reader.client.origin)

    async def start_work(self, work: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """Sends work to a worker, waiting while too many pages wait; its result is to be awaited later."""
        await self._waiting.acquire()
        future = asyncio.wrap_future(self._sink.submit(work_and_note, work, *args))
        future.add_done_callback(lambda _: self._waiting.release())
        return future

    def count(self, collection: str, objects: int) -> None:
        """Adds objects that were read to those of their collection."""
        self.counts[collection] = self.counts.get(collection, 0) + objects

    async def from_each_worker(self, work: Callable[..., T], *args: object) -> list[T]:
        """Does work in every worker and gives what came of it."""
        return await asyncio.gather(*map(asyncio.wrap_future, self._sink.each(work, *args)))

    def remark(self, collection: str, why_whole: str) -> None:
        """Records why a collection is read whole, though Graph was asked what has changed."""
        self.changes.why_whole[collection] = why_whole

    def note_gap(self, collection: str, relation: str | None, id_: str | None, error: ReadError) -> None:
        """Records what could not be read."""
        self.gaps.append(Gap(collection, relation, id_, error.reason, error.message))

    def all_gaps(self) -> tuple[Gap, ...]:
        """Gives the gaps, sorted, of several of one object and reason the first; many objects of one relation and
        reason become one gap of the relation.
        """
        groups: dict[tuple[str, str | None, str], dict[tuple[str | None, str], Gap]] = {}
        for gap in self.gaps:
            own = (gap.id, gap.detail if gap.id is None else "")
            groups.setdefault((gap.collection, gap.relation, gap.reason), {}).setdefault(own, gap)
        gaps: list[Gap] = []
        for (collection, relation, reason), by_object in groups.items():
            members = list(by_object.values())
            if len(members) <= (MAX_LEAVER_GAPS if reason == NotFoundError.reason else MAX_OBJECT_GAPS):
                gaps += members
            else:
                detail = f"{len(members)} objects, the first {members[0].id}: {members[0].detail}"
                gaps.append(Gap(collection, relation, None, reason, detail))
        return tuple(sorted(gaps, key=lambda gap: [field or "" for field in gap]))


def query_of(**options: str | int | None) -> str:
    """Gives a query string of system query options without `$`: `?$select=id&$top=999`, or nothing."""
    pairs = [f"${name}={quote(str(value), safe='(),$=;')}" for name, value in options.items() if value]
    return f"?{'&'.join(pairs)}" if pairs else ""
