"""What hangs on the objects of a list: a relation, or the objects that they contain.

First a pass over the list with `$expand`, which is cheap and gives at most twenty to an object; then, object
by object, those that reached the limit or that the pass has not seen. A pass that Graph refuses or that
comes broken costs nothing but time: its objects are all read one by one, and each failure is a gap.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable

from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import read_each
from archiver.gathering.page_work import (
    Expansion,
    Malformed,
    expanded_reference,
    keep_expanded_objects,
    keep_expanded_relations,
    keep_large_relation,
    keep_objects,
    keep_relations,
)
from archiver.gathering.reading import Reading, path_of, query_of
from archiver.graph.catalogue import Relation, Row, Version
from archiver.graph.errors import MalformedPageError, NotFoundError, ReadError, ServerFaultError
from archiver.graph.page import Page, packed, unpacked
from archiver.graph.page import page_of as parse_page
from archiver.graph.record import RecordShape
from archiver.graph.relation import RelationShape


class RelatedReading(ABC):
    """One relation, or one contained row, of a list. `seen` holds the ids that its expanding pass has met."""

    version: Version
    units: float
    expand_units: float

    def __init__(self, reading: Reading, row: Row) -> None:
        self.reading = reading
        self.row = row
        self.seen = IdList()
        self._done = IdList()
        self._given_up = False

    async def expand(self) -> None:
        """Makes the expanding pass, if there is one."""
        query = self.expanding_query()
        if query is None:
            return
        url = self.reading.reader.client.url_of(self.version, self.row.path + query)
        kept: list[asyncio.Future[Expansion]] = []
        try:
            async for page in self.reading.pages(url, bucket=self.row.bucket, units=self.expand_units):
                kept.append(await self.start_page(page.values))
        except (MalformedPageError, ServerFaultError):
            pass  # the objects that are not done are read one by one, and fail by themselves if they must
        except ReadError as error:
            self.note_gap(None, error)
            self._given_up = True
        for future in kept:
            try:
                self._take(await future)
            except MalformedPageError:
                continue  # as above

    async def finish(self, ids: IdList) -> None:
        """Reads object by object what the pass left."""
        left = [] if self._given_up else ids.without(self._done)
        await read_each(
            self.reading,
            left,
            self.object_path,
            self.parse_object,
            self._take_objects,
            version=self.version,
            bucket=self.row.bucket,
            units=self.units,
        )

    @abstractmethod
    def expanding_query(self) -> str | None:
        """Gives the query of the expanding pass, None where objects are read one by one."""

    @abstractmethod
    async def start_page(self, values: bytes) -> asyncio.Future[Expansion]:
        """Sends a page of the expanding pass to a worker."""

    @abstractmethod
    def object_path(self, id_: str) -> str:
        """Gives the path and query that read one object's share."""

    def parse_object(self, body: bytes) -> Page:
        """Takes the answer to `object_path` apart."""
        return parse_page(body)

    @abstractmethod
    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        """Keeps what was read of some objects, each with its only page."""

    @abstractmethod
    async def keep_long(self, id_: str, pages: list[bytes]) -> None:
        """Keeps what was read of an object that has several pages, which are packed."""

    @abstractmethod
    def note_gap(self, id_: str | None, error: ReadError) -> None:
        """Records that an object's share, or all of it, is missing."""

    def _take(self, expansion: Expansion) -> None:
        self._done.add(expansion.done)
        self.seen.add(b"\n".join(filter(None, (expansion.done, expansion.again))))

    async def _take_objects(self, results: dict[str, Page | ReadError]) -> None:
        short: list[tuple[str, bytes]] = []
        for id_, page in results.items():
            if isinstance(page, NotFoundError):
                self.note_gap(id_, NotFoundError("it went while the tenant was read"))
            elif isinstance(page, ReadError):
                self.note_gap(id_, page)
            elif page.next_link is None:
                short.append((id_, page.values))
        if short:
            await self.keep(short)
        for id_, page in results.items():
            if isinstance(page, Page) and page.next_link is not None:
                await self._keep_long(id_, page.values, page.next_link)

    async def _keep_long(self, id_: str, first: bytes, link: str) -> None:
        pages = [packed(first)]
        url = self.reading.reader.client.url_of(self.version, self.object_path(id_))
        try:
            async for page in self.reading.pages(url, bucket=self.row.bucket, units=self.units, at=link):
                pages.append(packed(page.values))
        except ReadError as error:
            self.note_gap(id_, error)
            return
        await self.keep_long(id_, pages)


class _RelationReading(RelatedReading):
    def __init__(self, reading: Reading, row: Row, relation: Relation) -> None:
        super().__init__(reading, row)
        self._relation = relation
        self._is_reference = relation.kind == "reference"
        self._shape = RelationShape(row.collection, relation.name, frozenset(relation.carries))
        self.version = relation.version
        self.units = relation.resource_units
        self.expand_units = relation.expand_resource_units or relation.resource_units

    def expanding_query(self) -> str | None:
        if self._relation.how != "expand":
            return None
        return query_of(select=self.row.key, expand=self._expand(), top=self.row.top)

    async def start_page(self, values: bytes) -> asyncio.Future[Expansion]:
        return await self.reading.start_work(
            keep_expanded_relations,
            self._shape,
            self.row.key,
            self._is_reference,
            values,
            self.reading.next_order(),
        )

    def object_path(self, id_: str) -> str:
        """A reference is read through its object: an object without a target is then no 404."""
        if self._is_reference:
            return path_of(f"{self.row.path}/{{id}}", id_) + query_of(select=self.row.key, expand=self._expand())
        query = query_of(select=",".join(self._relation.select), top=self._relation.top)
        return path_of(self._relation.path, id_) + query

    def parse_object(self, body: bytes) -> Page:
        if self._is_reference:
            return Page(expanded_reference(body, self._relation.name), None)
        return super().parse_object(body)

    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        order = self.reading.next_order()
        self._note(await (await self.reading.start_work(keep_relations, self._shape, read, order)))

    async def keep_long(self, id_: str, pages: list[bytes]) -> None:
        order = self.reading.next_order()
        self._note(await (await self.reading.start_work(keep_large_relation, self._shape, id_, pages, order)))

    def _note(self, malformed: list[Malformed]) -> None:
        for id_, detail in malformed:
            self.note_gap(id_, MalformedPageError(detail))

    def note_gap(self, id_: str | None, error: ReadError) -> None:
        self.reading.note_gap(self.row.collection, self._relation.name, id_, error)

    def _expand(self) -> str:
        select = f"($select={','.join(self._relation.select)})" if self._relation.select else ""
        return self._relation.name + select


class _ContainedReading(RelatedReading):
    def __init__(self, reading: Reading, row: Row, child: Row) -> None:
        super().__init__(reading, row)
        self._child = child
        self._shape = RecordShape(child.collection, child.key, frozenset())
        self.version = child.version
        self.units = child.resource_units
        self.expand_units = child.expand_resource_units or child.resource_units
        self._counts: dict[str, int] = {}

    async def finish(self, ids: IdList) -> None:
        await super().finish(ids)
        self.reading.counts[self._child.collection] = sum(self._counts.values())

    def expanding_query(self) -> str | None:
        if self._child.how != "expand":
            return None
        return query_of(select=self.row.key, expand=self._expand(), top=self.row.top)

    async def start_page(self, values: bytes) -> asyncio.Future[Expansion]:
        return await self.reading.start_work(
            keep_expanded_objects,
            self._shape,
            self.row.collection,
            self.row.key,
            self._child.expand,
            values,
            self.reading.next_order(),
        )

    def object_path(self, id_: str) -> str:
        query = query_of(select=",".join(self._child.select), top=self._child.top)
        return path_of(self._child.path, id_) + query

    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        for id_, values in read:
            await self._keep_pages(id_, [values])

    async def keep_long(self, id_: str, pages: list[bytes]) -> None:
        await self._keep_pages(id_, map(unpacked, pages))

    async def _keep_pages(self, id_: str, pages: Iterable[bytes]) -> None:
        kept = IdList()
        for values in pages:
            parent = (self.row.collection, id_)
            work = await self.reading.start_work(keep_objects, self._shape, values, parent, self.reading.next_order())
            try:
                kept.add(await work)
            except MalformedPageError as error:
                self.note_gap(id_, error)
        self._counts[id_] = len(kept)

    def note_gap(self, id_: str | None, error: ReadError) -> None:
        """The id of such a gap is the parent's: what it contains has no ids yet."""
        self.reading.note_gap(self._child.collection, None, id_, error)

    def _take(self, expansion: Expansion) -> None:
        super()._take(expansion)
        if expansion.done:
            self._counts.update(zip(expansion.done.decode().split("\n"), expansion.contained, strict=True))

    def _expand(self) -> str:
        select = f"($select={','.join(self._child.select)})" if self._child.select else ""
        return f"{self._child.expand}{select}"


def relation_reading(reading: Reading, row: Row, relation: Relation) -> RelatedReading:
    """Gives the reading of a relation of a row's objects."""
    return _RelationReading(reading, row, relation)


def contained_reading(reading: Reading, row: Row, child: Row) -> RelatedReading:
    """Gives the reading of a contained row."""
    return _ContainedReading(reading, row, child)
