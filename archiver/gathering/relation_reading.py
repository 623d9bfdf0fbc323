"""Reading a relation of a row's objects: links to other objects, in parts."""

from __future__ import annotations

import asyncio

from archiver.gathering.address import path_at
from archiver.gathering.page_work import (
    Expansion,
    expanded_reference,
    keep_expanded_relations,
    keep_large_relation,
    keep_relations,
)
from archiver.gathering.reading import Reading, query_of
from archiver.gathering.related_reading import RelatedReading
from archiver.graph.errors import ReadError
from archiver.graph.page import Page, named_of
from archiver.graph.relation import RelationShape
from archiver.graph.row import Relation, Row


class RelationReading(RelatedReading):
    """A relation of a row's objects, none of which is contained in anything."""

    def __init__(self, reading: Reading, row: Row, relation: Relation) -> None:
        super().__init__(reading, row)
        self._relation = relation
        self._is_reference = relation.kind == "reference"
        self._shape = RelationShape(row.collection, relation.name, frozenset(relation.carries))
        self.version = relation.version
        self.units = relation.resource_units
        self.expand_units = relation.expand_resource_units or relation.resource_units

    @property
    def pass_name(self) -> str:
        return f"{self.row.collection}.{self._relation.name}"

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
            return path_at(f"{self.row.path}/{{id}}", (), id_) + query_of(select=self.row.key, expand=self._expand())
        query = query_of(select=",".join(self._relation.select), top=self._relation.top)
        return path_at(self._relation.path, (), id_) + query

    def parse_object(self, id_: str, body: bytes) -> Page:
        if self._is_reference:
            return Page(expanded_reference(named_of(body, self.row.key, id_), self._relation.name), None)
        return super().parse_object(id_, body)

    async def keep(self, read: list[tuple[str, bytes]]) -> None:
        order = self.reading.next_order()
        for id_, error in await (await self.reading.start_work(keep_relations, self._shape, read, order)):
            self.note_gap(id_, error)

    async def keep_long(self, id_: str, pages: list[bytes]) -> bool:
        order = self.reading.next_order()
        kept = await (await self.reading.start_work(keep_large_relation, self._shape, id_, pages, order))
        if kept.error is not None:
            self.note_gap(id_, kept.error)
        return kept.hides_some

    def note_gap(self, id_: str | None, error: ReadError) -> None:
        self.reading.note_gap(self.row.collection, self._relation.name, id_, error)

    def _expand(self) -> str:
        select = f"($select={','.join(self._relation.select)})" if self._relation.select else ""
        return self._relation.name + select
