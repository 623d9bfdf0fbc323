"""Going through the list of a row, page by page, and once more where its pages can't be all there is."""

from __future__ import annotations

import asyncio

import msgspec

from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import read_objects
from archiver.gathering.page_results import PageResults
from archiver.gathering.page_work import ids_of_page, keep_objects, keep_valued
from archiver.gathering.reading import Reading, query_of
from archiver.graph.errors import MalformedPageError, NotFoundError, ReadError
from archiver.graph.page import Page
from archiver.graph.record import shape_of
from archiver.graph.repetition import PAGES_REPEATED
from archiver.graph.row import Row


def row_query(row: Row) -> str:
    """Gives the query that lists a row, or reads it where it is one object."""
    return query_of(select=",".join(row.select), filter=row.filter, expand=",".join(row.embed), top=row.top)


async def read_list(reading: Reading, row: Row) -> tuple[IdList, bool]:
    """Gives the ids, and whether every page was read.

    A page that comes in the place of another one hides it, and a replica that lags does not find a list that is there:
    both pass, so that it is not believed before a second way through says it too. What is hidden then is a gap, and
    another pass over the list may yet see it.
    """
    listing = Listing(reading, row)
    await listing.go_through()
    if listing.is_absent or listing.hides_some:
        earlier, listing = listing, Listing(reading, row)
        await listing.go_through()
        listing.before.extend(earlier.ids)
        listing.before.extend(earlier.before)
        if listing.is_absent and earlier.is_absent:
            return IdList(), True
        if listing.hides_some:
            reading.note_gap(row.collection, None, None, MalformedPageError(PAGES_REPEATED))
    for error in listing.errors:
        reading.note_gap(row.collection, None, None, error)
    listing.ids.extend(listing.before)
    ids = await _read_singly(reading, row, listing.ids) if row.singly else listing.ids
    return ids, not listing.errors


class Listing:
    """One way through a list. `ids` are those of its pages, `before` those that came before it began anew.

    `errors` say why these are not all.
    """

    def __init__(self, reading: Reading, row: Row) -> None:
        self.ids = IdList()
        self.before = IdList()
        self.errors: list[ReadError] = []
        self._reading = reading
        self._row = row
        self._kept = PageResults[bytes](lambda ids: self.ids.add(ids))
        self._pages: set[int] = set()
        self._came_twice = False

    @property
    def is_absent(self) -> bool:
        """Whether nothing was found of a list that not every tenant has."""
        return self._row.may_be_absent and not self._kept.pages and self._fails_with(NotFoundError)

    @property
    def hides_some(self) -> bool:
        """Whether, though nothing failed, pages came in the place of others."""
        return not self.errors and (self._came_twice or self.ids.repetition().hides_some)

    async def go_through(self) -> None:
        """Keeps what is on the pages."""
        row, reading = self._row, self._reading
        query = query_of(select=row.key, filter=row.filter, top=row.top) if row.singly else row_query(row)
        url = reading.reader.client.url_of(row.version, row.path + query)
        reading.progress.begin(row.collection)
        try:
            async for page in reading.pages(url, bucket=row.bucket, units=row.resource_units):
                if page.begins_anew:
                    await self._begin_anew()
                self._kept.add(await self._work_on(page))
        except ReadError as error:
            self.errors.append(error)
        self.errors += await self._kept.rest()
        reading.progress.end(row.collection)

    async def _begin_anew(self) -> None:
        """What came before comes again, and that is no page in the place of another one."""
        await self._kept.rest()
        self.before.extend(self.ids)
        self.ids, self._pages = IdList(), set()

    async def _work_on(self, page: Page) -> asyncio.Future[bytes]:
        """Sends a page to a worker. Of a page whose objects have no value no id comes back: its bytes are compared."""
        row, reading, shape = self._row, self._reading, shape_of(self._row)
        if row.singly:
            work = await reading.start_work(ids_of_page, shape, page.values)
        elif row.extensions_of is msgspec.UNSET:
            work = await reading.start_work(keep_objects, shape, page.values, (), reading.next_order())
        else:
            if page.values != b"[]":
                self._came_twice |= hash(page.values) in self._pages
                self._pages.add(hash(page.values))
            work = await reading.start_work(keep_valued, shape, page.values, (), reading.next_order())
        work.add_done_callback(lambda future: reading.progress.meet(row.collection, _ids_of(future)))
        return work

    def _fails_with(self, kind: type[ReadError]) -> bool:
        return bool(self.errors) and all(isinstance(error, kind) for error in self.errors)


def _ids_of(future: asyncio.Future[bytes]) -> int:
    """How many ids a page gave; none where it came to nothing."""
    if future.cancelled() or future.exception() is not None or not future.result():
        return 0
    return future.result().count(b"\n") + 1


async def _read_singly(reading: Reading, row: Row, listed: IdList) -> IdList:
    """Reads the objects of a list that gives their ids alone."""
    ids = IdList()
    kept, errors = await read_objects(reading, row, shape_of(row), list(dict.fromkeys(listed)))
    ids.add_ids(kept)
    for id_, error in errors.items():
        reading.note_gap(row.collection, None, id_, error)
    return ids
