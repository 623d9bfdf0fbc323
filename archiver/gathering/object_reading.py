"""Reading things of single objects by id: twenty to a request, many requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeGuard, TypeVar

from archiver.gathering.address import ids_in, path_at, words_of
from archiver.gathering.page_work import keep_single
from archiver.gathering.reading import Reading, query_of
from archiver.graph.batch import MAX_BATCH, read_batch
from archiver.graph.errors import MalformedPageError, NotFoundError, PermissionMissingError, ReadError
from archiver.graph.page import named_of
from archiver.graph.record import RecordShape
from archiver.graph.row import Bucket, Row, Version

T = TypeVar("T")

BATCHES_AT_ONCE = 16
"""Batches of one relation that are under way or worked on at once; `Pace` decides how many really go."""
HOPELESS_OBJECTS = 100
"""Objects in a row that only faults came of, each after all patience; the rest of the list is then not asked for.

A hundred thousand objects that fail one by one would take a run through days of patience."""

_DOTS = frozenset({".", ".."})
"""Ids of which a path leads somewhere else: what came from there would be kept as theirs."""


async def read_each(
    reading: Reading,
    addresses: Sequence[str],
    path: Callable[[str], str],
    parse: Callable[[str, bytes], T],
    take: Callable[[dict[str, T | ReadError]], Awaitable[None]],
    *,
    version: Version,
    bucket: Bucket,
    units: float,
) -> None:
    """Reads `path(address)` for each address and gives `take` what `parse(address, body)` made of it, in batches."""

    async def read(chunk: Sequence[str]) -> dict[str, T | ReadError]:
        paths = {address: path(address) for address in chunk}
        return await read_batch(reading.reader, version, paths, parse, bucket=bucket, units=units)

    await take_each(reading, addresses, MAX_BATCH, read, take)


async def take_each(
    reading: Reading,
    addresses: Sequence[str],
    size: int,
    read: Callable[[Sequence[str]], Awaitable[dict[str, T | ReadError]]],
    take: Callable[[dict[str, T | ReadError]], Awaitable[None]],
) -> None:
    """Gives `take` what `read` gives for `size` addresses at a time, many at once.

    Where it is hopeless, what was not asked for gets the error of what was.
    """
    reading.progress.ask(len(addresses))
    chunks = iter([addresses[at : at + size] for at in range(0, len(addresses), size)])
    faults: list[ReadError] = []

    async def drain() -> None:
        for chunk in chunks:
            if len(faults) >= HOPELESS_OBJECTS:
                await take(dict.fromkeys(chunk, faults[-1]))
                reading.progress.answer(len(chunk))
                continue
            askable = [address for address in chunk if _DOTS.isdisjoint(ids_in(address))]
            results: dict[str, T | ReadError] = {one: _unaskable(one) for one in chunk if one not in askable}
            results |= await read(askable) if askable else {}
            failed = [result for result in results.values() if _is_fault(result)]
            if len(failed) < len(results):
                faults.clear()
            faults.extend(failed)
            await take(results)
            reading.progress.answer(len(chunk))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(BATCHES_AT_ONCE, -(-len(addresses) // size))):
            group.create_task(drain())


def _unaskable(address: str) -> MalformedPageError:
    return MalformedPageError(
        f"{words_of(address)!r} in a path is a step in it (RFC 3986, 5.2.4), so that nobody can ask for it"
    )


def _is_fault(result: object) -> TypeGuard[ReadError]:
    """Whether Graph did not answer the question; that an object went, or is not for this app, is an answer."""
    return isinstance(result, ReadError) and not isinstance(result, NotFoundError | PermissionMissingError)


async def read_objects(
    reading: Reading, row: Row, shape: RecordShape, ids: Sequence[str]
) -> tuple[list[str], dict[str, ReadError]]:
    """Reads objects of a list by id in the row's own shape; gives the ids kept, and why others were not."""
    query = query_of(select=",".join(row.select), expand=",".join(row.embed))
    kept: list[str] = []
    errors: dict[str, ReadError] = {}

    async def take(results: dict[str, bytes | ReadError]) -> None:
        for id_, body in results.items():
            if isinstance(body, ReadError):
                errors[id_] = body
                continue
            try:
                await (await reading.start_work(keep_single, shape, body, reading.next_order()))
                kept.append(id_)
            except MalformedPageError as error:
                errors[id_] = error

    await _read_each_of(reading, row, ids, query, take)
    return kept, errors


async def read_presence(reading: Reading, row: Row, ids: Sequence[str]) -> dict[str, ReadError | None]:
    """Asks for objects of a list by id; gives, for each, None where it is there, or why nobody could see it."""
    query = query_of(select=row.key)
    presence: dict[str, ReadError | None] = {}

    async def take(results: dict[str, bytes | ReadError]) -> None:
        for id_, body in results.items():
            presence[id_] = body if isinstance(body, ReadError) else None

    await _read_each_of(reading, row, ids, query, take)
    return presence


async def _read_each_of(
    reading: Reading,
    row: Row,
    ids: Sequence[str],
    query: str,
    take: Callable[[dict[str, bytes | ReadError]], Awaitable[None]],
) -> None:
    """What comes is the object that was asked for: another's would be kept as its, and itself be missed."""

    def whole(id_: str, body: bytes) -> bytes:
        named_of(body, row.key, id_)
        return body

    await read_each(
        reading,
        ids,
        lambda id_: path_at(f"{row.path}/{{id}}", (), id_) + query,
        whole,
        take,
        version=row.version,
        bucket=row.bucket,
        units=row.resource_units,
    )
