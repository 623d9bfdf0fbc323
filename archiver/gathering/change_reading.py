"""Reading a list by what Graph says has changed: the objects that it names are read again, in the row's own shape.

Graph's change query is trusted for speed and never for completeness: where its link is too old, where it fails, or
where the number of objects does not fit Graph's own count, the list is read whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from archiver.gathering.count import completeness_of
from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import read_objects
from archiver.gathering.reading import Reading
from archiver.gathering.since import KnownObjects, Remarks
from archiver.gathering.trail import Trail
from archiver.graph.catalogue import load_catalogue
from archiver.graph.change_page import Change, change_page_of
from archiver.graph.errors import MalformedPageError, NotFoundError, ReadError
from archiver.graph.record import shape_of
from archiver.graph.reference import recycle_bin_of
from archiver.graph.row import Row
from vault.sealing.scope import ReadAgain
from verify.key import RELATION, STREAM

_BLOCK = 1000
"""Ids that stand together in an `IdList`."""


class Changes(NamedTuple):
    """`ids` are all objects of the list, `renewed` those that were read again.

    `related`: those whose relation is to be read again, by its name. `moved`: an object of the epoch's full is gone,
    or one that was in the recycle bin then is back.
    """

    ids: IdList
    renewed: IdList
    related: dict[str, IdList]
    again: ReadAgain
    moved: bool

    def believing(self, relations: Collection[str]) -> Changes:
        """Gives the changes without the relations that have to be read for all objects."""
        doubted = {_part(RELATION, name) for name in self.related if name not in relations}
        return self._replace(
            related={name: ids for name, ids in self.related.items() if name in relations},
            again=ReadAgain(
                self.again.objects, {part: ids for part, ids in self.again.parts.items() if part not in doubted}
            ),
        )


async def read_changes(reading: Reading, row: Row, link: str, known: KnownObjects, remarks: Remarks) -> Changes | None:
    """Reads the objects that changed; None, and a remark, where the list has to be read whole.

    Objects that can't be read are gaps. What hangs on the objects is left to the caller: the streams that show in
    what changed are to be read again with the objects. What the full missed is read whatever Graph names.
    """
    try:
        named, left = await _named_since(reading, row, link)
    except ReadError as error:
        reading.remark(row.collection, f"Graph does not say what changed: {error.message}")
        return None
    missed = set(remarks.missed.get(row.collection, ()))
    # What came and went while the full was read left before Graph's word of it could be asked for.
    left |= missed.difference(named, (id_ for id_ in known.ids_of(row.collection) if id_ in missed))
    for id_ in sorted(missed):
        named[id_] = Change(id_, True, named[id_].relations if id_ in named else ())
    kept, failed = await read_objects(reading, row, shape_of(row), sorted(named))
    gone, doubted = await _gone(reading, row, kept, failed, left)
    ids, stood = _ids_now(known.ids_of(row.collection), named.keys(), gone, kept)
    if row.count:
        completeness = await completeness_of(reading, row, len(ids))
        if completeness.differs_by:
            counted = completeness.counted
            reading.remark(row.collection, f"what changed leads to {len(ids)} objects, and Graph counts {counted}")
            return None
        reading.completeness.append(completeness)
    for id_, failure in failed.items():
        if id_ not in gone or id_ in doubted:
            reading.note_gap(row.collection, None, id_, failure)
    chosen = {relation.name for relation in row.relations}
    tracks = [name for name in (row.delta.tracks if row.delta else ()) if name in chosen]
    to_read = {name: [id_ for id_ in named if _is_touched(named[id_], name, stood)] for name in tracks}
    objects = _packed(named)
    parts = {_part(RELATION, name): _packed([*to_read[name], *gone]) for name in tracks}
    parts |= {_part(STREAM, stream.name): objects for stream in row.streams if stream.shows_in is not None}
    related = {name: _listed([id_ for id_ in to_read[name] if id_ not in gone]) for name in tracks}
    moved = not stood.isdisjoint(gone) or _may_be_back(row, set(kept) - stood, known, remarks)
    return Changes(ids, _listed(kept), related, ReadAgain(objects, parts), moved)


async def _gone(
    reading: Reading, row: Row, kept: list[str], failed: dict[str, ReadError], left: Collection[str]
) -> tuple[set[str], list[str]]:
    """Gives the objects that nobody finds, and those of them of which Graph does not say that they left the list.

    These are asked for once more, since a replica that lags does not find them either: what comes then is `kept`, and
    no failure.
    """
    gone = {id_ for id_, failure in failed.items() if isinstance(failure, NotFoundError)}
    found, still = await read_objects(reading, row, shape_of(row), sorted(gone.difference(left)))
    for id_ in found:
        del failed[id_]
    kept += found
    failed |= still
    doubted = [id_ for id_, failure in still.items() if isinstance(failure, NotFoundError)]
    return (gone & set(left)).union(doubted), doubted


async def _named_since(reading: Reading, row: Row, link: str) -> tuple[dict[str, Change], set[str]]:
    """Follows a change query to its end; gives what it names, and which of that it says last to have left the list.

    Of an object that it names several times, all that was said counts; a page that comes twice hides another one.
    """
    named: dict[str, Change] = {}
    left: set[str] = set()
    pages: set[int] = set()
    trail = Trail(link)
    next_link: str | None = link
    while next_link is not None:
        page = await reading.reader.read(next_link, change_page_of, bucket=row.bucket, units=row.resource_units)
        if page.changes and page.mark in pages:
            raise MalformedPageError("a page of changes came twice, and what belongs in its place is missing")
        pages.add(page.mark)
        for change in page.changes:
            before = named.get(change.id, change)
            relations = tuple(dict.fromkeys((*before.relations, *change.relations)))
            named[change.id] = Change(change.id, before.removed or change.removed, relations)
            (left.add if change.removed else left.discard)(change.id)
        next_link = trail.next(page.next_link, is_empty=not page.changes)
    return named, left


def _may_be_back(row: Row, new: set[str], known: KnownObjects, remarks: Remarks) -> bool:
    """Whether one of the new objects was in the recycle bin when the full was read, as far as the full had the bin."""
    name = recycle_bin_of(row.collection)
    if not new or name not in _collections():
        return False
    return name not in remarks.whole or not new.isdisjoint(known.ids_of(name))


@cache
def _collections() -> frozenset[str]:
    return frozenset(row.collection for row in load_catalogue().collections)


def _is_touched(change: Change, relation: str, stood: set[str]) -> bool:
    """Whether an object's relation may differ from the full's: what is new, or was away, is read whole."""
    return relation in change.relations or change.removed or change.id not in stood


def _ids_now(
    known: Iterable[str], named: Iterable[str], gone: set[str], kept: Sequence[str]
) -> tuple[IdList, set[str]]:
    """Gives the ids of all objects, and those of the named that the epoch's full holds."""
    named = set(named)
    stood: set[str] = set()
    ids, block = IdList(), list[str]()
    for id_ in known:
        if id_ in named:
            stood.add(id_)
        if id_ not in gone:
            block.append(id_)
        if len(block) == _BLOCK:
            ids.add_ids(block)
            block = []
    ids.add_ids([*block, *(id_ for id_ in kept if id_ not in stood)])
    return ids, stood


def _part(kind: str, name: str) -> bytes:
    return (kind + name).encode()


def _packed(ids: Iterable[str]) -> frozenset[bytes]:
    return frozenset(id_.encode() for id_ in ids)


def _listed(ids: Sequence[str]) -> IdList:
    listed = IdList()
    listed.add_ids(ids)
    return listed
