"""Reading one row of the catalogue: its objects, then whatever hangs on them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from archiver.gathering.contained_reading import ContainedReading
from archiver.gathering.gathered import Completeness
from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import read_objects
from archiver.gathering.page_work import ids_of_page, keep_objects, keep_single
from archiver.gathering.reading import Reading, query_of
from archiver.gathering.related_reading import RelatedReading
from archiver.gathering.relation_reading import RelationReading
from archiver.gathering.stream_reading import read_stream
from archiver.graph.errors import (
    MalformedPageError,
    NotFoundError,
    ReadError,
    ServerFaultError,
)
from archiver.graph.page import single_of
from archiver.graph.record import RecordShape
from archiver.graph.row import Row

COUNT_TOLERANCE_SHARE = 0.01
"""Share of a collection that may change while it is read before a count says that objects are missing."""
COUNT_TOLERANCE_OBJECTS = 10
"""The same for small collections, in objects; `$count` comes from an index that lags (Microsoft Learn)."""

Children = Mapping[str, Sequence[Row]]
"""The contained rows that are read, by what contains them."""


async def read_singleton(reading: Reading, row: Row) -> None:
    """Reads a row that is one object."""
    url = reading.reader.client.url_of(row.version, row.path + row_query(row))
    try:
        body = await reading.reader.read(url, single_of, bucket=row.bucket, units=row.resource_units)
        await (await reading.start_work(keep_single, shape_of(row), body, reading.next_order()))
    except ReadError as error:
        if not (row.may_be_absent and isinstance(error, NotFoundError)):
            reading.note_gap(row.collection, None, None, error)
    else:
        reading.counts[row.collection] = 1


async def read_collection(reading: Reading, row: Row, children: Children) -> None:
    """Reads a list, its relations and streams, and the rows that its objects contain.

    Passes over the list run beside each other, so an object may be in one and not in another, because it
    came or went in between. What a later pass alone has seen is read by itself, so that no relation stands
    without its object; what it has not seen is asked for object by object.
    """
    contained = _contained_in(reading, row, (), children)
    related: list[RelatedReading] = [RelationReading(reading, row, relation) for relation in row.relations]
    related += contained
    async with asyncio.TaskGroup() as group:
        if row.count and reading.is_watched:
            group.create_task(_tell_count(reading, row, [each.pass_name for each in related]))
        listing = group.create_task(_read_list(reading, row))
        for each in related:
            group.create_task(each.expand())
    ids, whole = listing.result()
    if whole:
        await _read_strangers(reading, row, ids, related)
    reading.counts[row.collection] = len(ids)
    async with asyncio.TaskGroup() as group:
        for each in related:
            group.create_task(each.finish(ids))
        for stream in row.streams:
            group.create_task(read_stream(reading, row, stream, (), ids))
        if row.count and whole:
            group.create_task(_compare_count(reading, row))
    await _read_below(reading, contained, (row.collection,), children)


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


def shape_of(row: Row) -> RecordShape:
    """Gives the shape of a row's records."""
    key = "" if row.kind == "singleton" else row.key
    return RecordShape(row.collection, key, frozenset(relation.name for relation in row.relations))


def row_query(row: Row) -> str:
    """Gives the query that lists a row, or reads it where it is one object."""
    return query_of(select=",".join(row.select), filter=row.filter, expand=",".join(row.embed), top=row.top)


async def _read_list(reading: Reading, row: Row) -> tuple[IdList, bool]:
    """Gives the ids, and whether every page was read."""
    query = query_of(select=row.key, filter=row.filter, top=row.top) if row.singly else row_query(row)
    url = reading.reader.client.url_of(row.version, row.path + query)
    ids, whole, shape = IdList(), True, shape_of(row)
    kept: list[asyncio.Future[bytes]] = []
    reading.progress.begin(row.collection)
    try:
        async for page in reading.pages(url, bucket=row.bucket, units=row.resource_units):
            if row.singly:
                kept.append(await reading.start_work(ids_of_page, shape, page.values))
            else:
                order = reading.next_order()
                kept.append(await reading.start_work(keep_objects, shape, page.values, (), order))
            kept[-1].add_done_callback(lambda future: reading.progress.meet(row.collection, _ids_of(future)))
    except ReadError as error:
        whole = row.may_be_absent and isinstance(error, NotFoundError) and not kept
        if not whole:
            reading.note_gap(row.collection, None, None, error)
    for future in kept:
        try:
            ids.add(await future)
        except MalformedPageError as error:
            reading.note_gap(row.collection, None, None, error)
            whole = False
    reading.progress.end(row.collection)
    return (await _read_singly(reading, row, ids), whole) if row.singly else (ids, whole)


def _ids_of(future: asyncio.Future[bytes]) -> int:
    """How many ids a page gave; none where it came to nothing."""
    if future.cancelled() or future.exception() is not None or not future.result():
        return 0
    return future.result().count(b"\n") + 1


async def _read_singly(reading: Reading, row: Row, listed: IdList) -> IdList:
    """Reads the objects of a list that gives their ids alone."""
    ids = IdList()
    kept, errors = await read_objects(reading, row, shape_of(row), list(dict.fromkeys(listed)))
    ids.add("\n".join(kept).encode())
    for id_, error in errors.items():
        reading.note_gap(row.collection, None, id_, error)
    return ids


async def _read_strangers(reading: Reading, row: Row, ids: IdList, related: Sequence[RelatedReading]) -> None:
    """Reads objects that only another pass has seen, in the row's own shape."""
    strangers = list(dict.fromkeys(id_ for each in related for id_ in each.seen.without(ids)))
    if not strangers:
        return
    kept, errors = await read_objects(reading, row, shape_of(row), strangers)
    ids.add("\n".join(kept).encode())
    for id_, error in errors.items():
        if isinstance(error, NotFoundError):
            error = NotFoundError("it came and went while the tenant was read; what hangs on it was kept")
        reading.note_gap(row.collection, None, id_, error)


async def _compare_count(reading: Reading, row: Row) -> None:
    """Compares with Graph's own count; short by more than the tolerance is a gap."""
    read = reading.counts[row.collection]
    try:
        counted = await _count_of(reading, row)
    except ReadError:
        reading.completeness.append(Completeness(row.collection, read, None, 0))
        return
    tolerance = max(COUNT_TOLERANCE_OBJECTS, int(counted * COUNT_TOLERANCE_SHARE))
    reading.completeness.append(Completeness(row.collection, read, counted, tolerance))
    if read < counted - tolerance:
        missing = ServerFaultError(f"Graph counts {counted} objects, and {read} were read")
        reading.note_gap(row.collection, None, None, missing)


async def _tell_count(reading: Reading, row: Row, passes: Sequence[str]) -> None:
    """Tells who follows the reading how long a list is; where Graph does not say, nobody knows."""
    with suppress(ReadError):
        counted = await _count_of(reading, row)
        for name in (row.collection, *passes):
            reading.progress.tell(name, counted)


async def _count_of(reading: Reading, row: Row) -> int:
    """Asks Graph how many objects a list has, from an index that may lag. Raises ReadError."""
    url = reading.reader.client.url_of(row.version, f"{row.path}/$count")
    headers = {"ConsistencyLevel": "eventual", "Accept": "text/plain"}
    return await reading.reader.read(url, _number_of, bucket=row.bucket, units=1, headers=headers)


def _number_of(unverified: bytes) -> int:
    """Reads the answer of `$count`: digits, sometimes after a byte order mark."""
    digits = unverified.removeprefix(b"\xef\xbb\xbf").strip()
    if not digits.isdigit() or len(digits) > 15:
        raise MalformedPageError("the answer to $count is no number")
    return int(digits)
