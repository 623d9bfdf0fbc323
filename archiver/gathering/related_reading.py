"""What hangs on the objects of a row: a relation, or the objects that they contain.

First a pass over the list with `$expand`, which is cheap and gives at most twenty to an object; then, object
by object, those that reached the limit or that the pass has not seen. A pass that Graph refuses or that
comes broken costs nothing but time: its objects are all read one by one, and each failure is a gap.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from archiver.gathering.held_pages import Holding
from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import read_each, read_presence
from archiver.gathering.page_results import PageResults
from archiver.gathering.page_work import Expansion
from archiver.gathering.reading import Reading
from archiver.graph.errors import MalformedPageError, NotFoundError, ReadError, ServerFaultError
from archiver.graph.page import Page
from archiver.graph.page import page_of as parse_page
from archiver.graph.repetition import PAGES_REPEATED
from archiver.graph.row import Row, Version

MAX_ABSENT_AGAIN = 100
"""Objects of a row without a share that are asked for it once more, since a replica that lags says 404 too.

Of more it is what most of them say, and a hundred thousand users are not asked twice."""


class RelatedReading(ABC):
    """One relation, or one contained row, of a row's objects. `seen` holds the ids that its expanding pass has met.

    `above` are the collections that contain the row's objects, from the outermost down. `absent_is_none`: where
    an object is there and its share is not found, there is none.
    """

    version: Version
    units: float
    expand_units: float
    absent_is_none = False

    def __init__(self, reading: Reading, row: Row, above: tuple[str, ...] = ()) -> None:
        self.reading = reading
        self.row = row
        self.above = above
        self.seen = IdList()
        self._done = IdList()
        self._given_up = False
        self._not_found: list[str] = []
        self._absent: list[str] = []

    async def expand(self) -> None:
        """Makes the expanding pass, if there is one."""
        query = self.expanding_query()
        if query is None:
            return
        url = self.reading.reader.client.url_of(self.version, self.row.path + query)
        kept = PageResults(self._take)
        progress, name = self.reading.progress, self.pass_name
        progress.begin(name)
        try:
            async for page in self.reading.pages(url, bucket=self.row.bucket, units=self.expand_units):
                work = await self.start_page(page.values)
                work.add_done_callback(lambda future: progress.meet(name, _objects_of(future)))
                kept.add(work)
        except (MalformedPageError, ServerFaultError):
            pass  # the objects that are not done are read one by one, and fail by themselves if they must
        except ReadError as error:
            self.note_gap(None, error)
            self._given_up = True
        await kept.rest()  # as for faults above
        progress.end(name)

    async def finish(self, ids: IdList) -> None:
        """Reads object by object what the pass left."""
        await self._read([] if self._given_up else ids.without(self._done))
        absent, self._absent = self._absent, []
        if len(absent) <= MAX_ABSENT_AGAIN:
            await self._read(absent)
        if self._not_found:
            await self._settle_not_found()

    async def _read(self, addresses: list[str]) -> None:
        await read_each(
            self.reading,
            addresses,
            self.object_path,
            self.parse_object,
            self._take_objects,
            version=self.version,
            bucket=self.row.bucket,
            units=self.units,
        )

    async def _settle_not_found(self) -> None:
        """Looks for objects whose share was not found: a replica that lags says 404 too, and then nothing went.

        One that is there is asked once more. Objects below objects are taken to have gone with what contains them.
        """
        not_found, self._not_found = self._not_found, []
        gone = NotFoundError("it went while the tenant was read")
        presence: dict[str, ReadError | None] = dict.fromkeys(not_found, gone)
        if not self.above:
            presence = await read_presence(self.reading, self.row, not_found)
        for address, error in presence.items():
            if error is not None:
                self.note_gap(address, gone if isinstance(error, NotFoundError) else error)
        await self._read([address for address, error in presence.items() if error is None])
        for address in self._not_found:
            self.note_gap(address, ServerFaultError("Graph does not find it, and its object is there"))

    @property
    @abstractmethod
    def pass_name(self) -> str:
        """The name of the expanding pass, for who follows the reading."""

    @abstractmethod
    def expanding_query(self) -> str | None:
        """Gives the query of the expanding pass, None where objects are read one by one."""

    @abstractmethod
    async def start_page(self, values: bytes) -> asyncio.Future[Expansion]:
        """Sends a page of the expanding pass to a worker."""

    @abstractmethod
    def object_path(self, address: str) -> str:
        """Gives the path and query that read one object's share."""

    def parse_object(self, address: str, body: bytes) -> Page:
        """Takes the answer to `object_path(address)` apart."""
        return parse_page(body)

    @abstractmethod
    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        """Keeps what was read of some objects, by address, each with its only page."""

    @abstractmethod
    async def keep_long(self, address: str, pages: list[bytes]) -> bool:
        """Keeps what was read of an object that has several pages, which are packed; gives whether some hide others."""

    @abstractmethod
    def note_gap(self, address: str | None, error: ReadError) -> None:
        """Records that an object's share, or all of it, is missing."""

    def _take(self, expansion: Expansion) -> None:
        self._done.add(expansion.done)
        self.seen.add(b"\n".join(filter(None, (expansion.done, expansion.again))))

    async def _take_objects(self, results: dict[str, Page | ReadError]) -> None:
        short: list[tuple[str, bytes]] = []
        for address, page in results.items():
            if isinstance(page, NotFoundError) and self.absent_is_none:
                if len(self._absent) <= MAX_ABSENT_AGAIN:
                    self._absent.append(address)
            elif isinstance(page, NotFoundError):
                self._not_found.append(address)
            elif isinstance(page, ReadError):
                self.note_gap(address, page)
            elif page.next_link is None:
                short.append((address, page.values))
        if short:
            await self.keep(short)
        async with asyncio.TaskGroup() as group:
            for address, page in results.items():
                if isinstance(page, Page) and page.next_link is not None:
                    group.create_task(self._keep_long(address, page))

    async def _keep_long(self, address: str, first: Page) -> None:
        """Reads the pages after the first one; if that leads away, or pages come twice, from the first on once more."""
        async with self.reading.held.turn() as holding:
            try:
                await self._hold(holding, address, None if self.reading.leads_away(first) else first)
                if await self.keep_long(address, holding.pages):
                    await self._hold(holding, address, None)
                    if await self.keep_long(address, holding.pages):
                        self.note_gap(address, MalformedPageError(PAGES_REPEATED))
            except ReadError as error:
                self.note_gap(address, error)

    async def _hold(self, holding: Holding, address: str, first: Page | None) -> None:
        """Reads the pages of one object, all or those after the first one. Raises ReadError."""
        url = self.reading.reader.client.url_of(self.version, self.object_path(address))
        holding.clear()
        if first is not None:
            await holding.add(first.values)
        at = None if first is None else first.next_link
        async for page in self.reading.pages(url, bucket=self.row.bucket, units=self.units, at=at):
            if page.begins_anew:
                holding.clear()
            await holding.add(page.values)


def _objects_of(future: asyncio.Future[Expansion]) -> int:
    """How many objects a page of a pass held; none where it came to nothing."""
    if future.cancelled() or future.exception() is not None:
        return 0
    return sum(ids.count(b"\n") + 1 for ids in (future.result().done, future.result().again) if ids)
