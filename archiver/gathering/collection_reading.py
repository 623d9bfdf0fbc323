"""Reading one row of the catalogue: its objects, then whatever hangs on them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from archiver.gathering.change_reading import Changes, read_changes
from archiver.gathering.contained_reading import ContainedReading
from archiver.gathering.count import completeness_of, tell_count
from archiver.gathering.id_list import IdList
from archiver.gathering.listing import read_list, row_query
from archiver.gathering.object_reading import read_objects
from archiver.gathering.page_work import keep_single
from archiver.gathering.reading import Reading
from archiver.gathering.related_reading import RelatedReading
from archiver.gathering.relation_reading import RelationReading
from archiver.gathering.since import Since
from archiver.gathering.stream_reading import read_stream
from archiver.graph.errors import NotFoundError, ReadError, ServerFaultError
from archiver.graph.page import single_of
from archiver.graph.record import shape_of
from archiver.graph.reference import load_references, target_collections_of
from archiver.graph.row import Delta, Row, Stream

Children = Mapping[str, Sequence[Row]]
"""The contained rows that are read, by what contains them."""


async def read_singleton(reading: Reading, row: Row) -> None:
    """Reads a row that is one object."""
    try:
        body = await _single_body_of(reading, row)
        await (await reading.start_work(keep_single, shape_of(row), body, reading.next_order()))
    except ReadError as error:
        if not (row.may_be_absent and isinstance(error, NotFoundError)):
            reading.note_gap(row.collection, None, None, error)
    else:
        reading.count(row.collection, 1)


async def _single_body_of(reading: Reading, row: Row) -> bytes:
    """Gives a row that is one object as it came. A replica that lags says 404 too: asked twice, it is believed."""
    url = reading.reader.client.url_of(row.version, row.path + row_query(row))
    try:
        return await reading.reader.read(url, single_of, bucket=row.bucket, units=row.resource_units)
    except NotFoundError:
        return await reading.reader.read(url, single_of, bucket=row.bucket, units=row.resource_units)


async def read_collection(reading: Reading, row: Row, children: Children, since: Since | None = None) -> None:
    """Reads a list, its relations and streams, and the rows that its objects contain.

    With `since`, the list and the relations whose changes Graph tells are read as far as they changed, if that can
    be known; whatever else hangs on the objects is read for all of them.

    Passes over the list run beside each other, so an object may be in one and not in another, because it
    came or went in between. What a later pass alone has seen is read by itself, so that no relation stands
    without its object; what it has not seen is asked for object by object.
    """
    changes = await _changes_of(reading, row, since)
    told = changes.related if changes is not None else {}
    contained = _contained_in(reading, row, (), children)
    relations = {relation.name: RelationReading(reading, row, relation) for relation in row.relations}
    related = [*(relations[name] for name in relations if name not in told), *contained]
    async with asyncio.TaskGroup() as group:
        if row.count and reading.is_watched and changes is None:
            group.create_task(tell_count(reading, row, [each.pass_name for each in related]))
        listing = group.create_task(_listed(reading, row, changes))
        for each in related:
            group.create_task(each.expand())
    ids, whole = listing.result()
    strangers = await _read_strangers(reading, row, ids, related) if whole else []
    for listed in (ids, *told.values(), *([changes.renewed] if changes is not None else ())):
        listed.add_ids(strangers)
    reading.count(row.collection, len(ids))
    async with asyncio.TaskGroup() as group:
        for each in related:
            group.create_task(each.finish(ids))
        for name, touched in told.items():
            group.create_task(relations[name].finish(touched))
        for stream in row.streams:
            group.create_task(read_stream(reading, row, stream, (), _addresses_of(stream, ids, changes)))
        if row.count and whole and changes is None:
            group.create_task(_compare_count(reading, row))
    await _read_below(reading, contained, (row.collection,), children)


def _addresses_of(stream: Stream, ids: IdList, changes: Changes | None) -> IdList:
    """The objects whose stream is to be read: of one that shows in what changed, those that were read again."""
    return ids if changes is None or stream.shows_in is None else changes.renewed


async def read_newcomers(reading: Reading, row: Row, ids: Sequence[str], children: Children) -> list[str]:
    """Reads objects of a list that only other objects name, with all that hangs on them; gives those that are there.

    Why others can't be read is nobody's gap: nothing says that they are of this list.
    """
    kept, _ = await read_objects(reading, row, shape_of(row), ids)
    if not kept:
        return kept
    newcomers = IdList()
    newcomers.add_ids(kept)
    contained = _contained_in(reading, row, (), children)
    async with asyncio.TaskGroup() as group:
        for each in (*(RelationReading(reading, row, relation) for relation in row.relations), *contained):
            group.create_task(each.finish(newcomers))
        for stream in row.streams:
            group.create_task(read_stream(reading, row, stream, (), newcomers))
    await _read_below(reading, contained, (row.collection,), children)
    reading.count(row.collection, len(newcomers))
    return kept


async def _changes_of(reading: Reading, row: Row, since: Since | None) -> Changes | None:
    """Reads what changed, where a link says what did; None where the list is to be read whole.

    Graph tells of no group that a member of it was deleted, or came back from the recycle bin, and shows it in the
    group's members all the same. So a relation is believed only where nothing of the kind has happened.
    """
    if since is None or row.delta is None:
        return None
    changes = await _own_changes_of(reading, row, row.delta, since)
    reading.changes.tell_moved(row.collection, changes is None or changes.moved)
    if changes is None:
        return None
    believed = [name for name in changes.related if not await _may_have_moved(reading, row.collection, name)]
    changes = changes.believing(believed)
    reading.changes.again[row.collection] = changes.again
    reading.changes.stood[row.collection] = changes.ids
    return changes


async def _own_changes_of(reading: Reading, row: Row, delta: Delta, since: Since) -> Changes | None:
    link = since.link_of(row)
    if link is None:
        reading.remark(row.collection, "there is no link that asks what changed since the epoch's full")
        return None
    if any(gap.collection == row.collection and gap.relation in delta.tracks for gap in reading.gaps):
        reading.remark(row.collection, "the app may not see all of its relations")
        return None
    if await _names_what_moved(reading, row):
        reading.remark(row.collection, "what its objects name may have left, or come back")
        return None
    return await read_changes(reading, row, link, since.known, since.remarks)


async def _names_what_moved(reading: Reading, row: Row) -> bool:
    """Whether objects that stand may name one that left or came back: which do is known from their records alone.

    No list waits for one that has such places (a test looks at the tables), so that none waits for itself.
    """
    homes = {home for one in load_references() if one.of == row.collection and one.relation is None for home in one.to}
    return any([await reading.changes.may_have_moved(home) for home in sorted(homes)])


async def _may_have_moved(reading: Reading, collection: str, relation: str) -> bool:
    """Whether a target of the relation may have left or come back: also where nobody looked."""
    homes = target_collections_of(collection, relation)
    moved = [await reading.changes.may_have_moved(home) for home in homes]
    return any(moved) or not homes


async def _listed(reading: Reading, row: Row, changes: Changes | None) -> tuple[IdList, bool]:
    """Gives the ids of a list, and whether that are all."""
    return (changes.ids, True) if changes is not None else await read_list(reading, row)


async def _read_below(
    reading: Reading, contained: Sequence[ContainedReading], above: tuple[str, ...], children: Children
) -> None:
    """Reads what hangs on contained objects, and on what those contain."""
    for each in contained:
        below = _contained_in(reading, each.child, above, children)
        async with asyncio.TaskGroup() as group:
            for one in below:
                group.create_task(one.finish(each.kept))
            for stream in each.child.streams:
                group.create_task(read_stream(reading, each.child, stream, above, each.kept))
        await _read_below(reading, below, (*above, each.child.collection), children)


def _contained_in(reading: Reading, row: Row, above: tuple[str, ...], children: Children) -> list[ContainedReading]:
    return [
        ContainedReading(reading, row, child, above, keeps=bool(child.streams or children.get(child.collection)))
        for child in children.get(row.collection, ())
    ]


async def _read_strangers(reading: Reading, row: Row, ids: IdList, related: Sequence[RelatedReading]) -> list[str]:
    """Reads objects that only another pass has seen, in the row's own shape; gives the ids kept."""
    strangers = list(dict.fromkeys(id_ for each in related for id_ in each.seen.without(ids)))
    if not strangers:
        return []
    kept, errors = await read_objects(reading, row, shape_of(row), strangers)
    for id_, error in errors.items():
        if isinstance(error, NotFoundError):
            error = NotFoundError("it came and went while the tenant was read; what hangs on it was kept")
        reading.note_gap(row.collection, None, id_, error)
    return kept


async def _compare_count(reading: Reading, row: Row) -> None:
    """Compares with Graph's own count; short by more than the tolerance is a gap."""
    completeness = await completeness_of(reading, row, reading.counts[row.collection])
    reading.completeness.append(completeness)
    if completeness.differs_by > 0:
        missing = ServerFaultError(f"Graph counts {completeness.counted} objects, and {completeness.read} were read")
        reading.note_gap(row.collection, None, None, missing)
