"""Reading a contained row: objects that belong to one object each, and have no life without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from archiver.gathering.address import address_below, filter_at, parent_of, path_at, words_of
from archiver.gathering.id_list import IdList
from archiver.gathering.page_work import Expansion, keep_expanded_objects, keep_objects
from archiver.gathering.reading import Reading, query_of
from archiver.gathering.related_reading import RelatedReading
from archiver.graph.errors import MalformedPageError, ReadError
from archiver.graph.page import Page, single_of, unpacked
from archiver.graph.record import RecordShape
from archiver.graph.row import Row


class ContainedReading(RelatedReading):
    """A contained row, `child` of `row`; `kept` are the addresses of its objects, where something hangs on them."""

    def __init__(self, reading: Reading, row: Row, child: Row, above: tuple[str, ...], *, keeps: bool) -> None:
        super().__init__(reading, row, above)
        self.kept = IdList()
        self.absent_is_none = child.single or child.may_be_absent
        self._keeps = keeps
        self.child = child
        self._lineage = (*above, row.collection)
        self._shape = RecordShape(child.collection, "" if child.single else child.key, frozenset())
        self.version = child.version
        self.units = child.resource_units
        self.expand_units = child.expand_resource_units or child.resource_units
        self._counts: dict[str, int] = {}
        self._doubtful: dict[str, IdList] = {}

    async def finish(self, ids: IdList) -> None:
        await super().finish(ids)
        self.reading.count(self.child.collection, sum(self._counts.values()))

    @property
    def pass_name(self) -> str:
        return self.child.collection

    def expanding_query(self) -> str | None:
        if self.child.how != "expand":
            return None
        return query_of(select=self.row.key, expand=self._expand(), top=self.row.top)

    async def start_page(self, values: bytes) -> asyncio.Future[Expansion]:
        return await self.reading.start_work(
            keep_expanded_objects,
            self._shape,
            self.row.collection,
            self.row.key,
            self.child.expand,
            values,
            self.reading.next_order(),
        )

    def object_path(self, address: str) -> str:
        child = self.child
        query = query_of(
            select=",".join(child.select),
            filter=filter_at(child.filter, address) if child.filter else None,
            expand=",".join(child.embed),
            top=child.top,
        )
        return path_at(child.path, self._lineage, address) + query

    def parse_object(self, address: str, body: bytes) -> Page:
        return Page(b"[" + single_of(body) + b"]", None) if self.child.single else super().parse_object(address, body)

    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        for address, values in read:
            await self._keep_pages(address, [values])

    async def keep_long(self, address: str, pages: list[bytes]) -> bool:
        return await self._keep_pages(address, map(unpacked, pages))

    async def _keep_pages(self, address: str, pages: Iterable[bytes]) -> bool:
        """Gives whether some pages hide others; what an earlier reading kept then stays beside what comes next."""
        kept = IdList()
        parent = parent_of(self._lineage, address)
        for values in pages:
            work = await self.reading.start_work(keep_objects, self._shape, values, parent, self.reading.next_order())
            try:
                kept.add(await work)
            except MalformedPageError as error:
                self.note_gap(address, error)
        earlier = self._doubtful.pop(address, IdList())
        new = kept.without(earlier)
        self._note_count(address, len(earlier) + len(new))
        if self._keeps:
            self.kept.add_ids(address_below(address, id_) for id_ in new)
        hides_some = kept.repetition().hides_some
        if hides_some:
            self._doubtful[address] = kept
        return hides_some

    def note_gap(self, address: str | None, error: ReadError) -> None:
        """The id of such a gap is the parent's: what it contains has no ids yet."""
        self.reading.note_gap(self.child.collection, None, None if address is None else words_of(address), error)

    def _take(self, expansion: Expansion) -> None:
        super()._take(expansion)
        if expansion.done:
            for address, count in zip(expansion.done.decode().split("\n"), expansion.contained, strict=True):
                self._note_count(address, count)

    def _note_count(self, address: str, count: int) -> None:
        """Most objects contain nothing, and a tenant has a hundred thousand of them."""
        if count:
            self._counts[address] = count
        else:
            self._counts.pop(address, None)

    def _expand(self) -> str:
        select = f"($select={','.join(self.child.select)})" if self.child.select else ""
        return f"{self.child.expand}{select}"
