"""Reading a stream of a row's objects: bytes such as a photo, one request each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archiver.gathering.address import id_in, parent_of, path_at, words_of
from archiver.gathering.id_list import IdList
from archiver.gathering.object_reading import take_each
from archiver.gathering.page_work import keep_stream
from archiver.gathering.reading import Reading
from archiver.graph.client import Response
from archiver.graph.errors import MalformedPageError, NotFoundError, ReadError
from archiver.graph.page import single_of
from archiver.graph.row import Row, Stream
from archiver.graph.stream import media_type_of

_PAGE_TYPE = "text/html"
"""What a proxy or a gateway answers in Graph's place; no stream that is read is of this type."""
_ERROR_TYPE = "application/json"
"""What Graph's errors are of."""


class _Content(NamedTuple):
    """A stream as it came."""

    type: str
    body: bytes


async def read_stream(reading: Reading, row: Row, stream: Stream, above: tuple[str, ...], addresses: IdList) -> None:
    """Reads a stream of all objects; an object without one has no record of it.

    `above` are the collections that contain the row's objects, from the outermost down.
    """
    lineage = (*above, row.collection)

    async def read(chunk: Sequence[str]) -> dict[str, _Content | ReadError]:
        (address,) = chunk
        try:
            return {address: await _content_of(reading, row, stream, path_at(stream.path, lineage, address))}
        except ReadError as error:
            return {address: error}

    async def take(results: dict[str, _Content | ReadError]) -> None:
        for address, result in results.items():
            if isinstance(result, NotFoundError):
                continue
            error = result if isinstance(result, ReadError) else await keep(address, result)
            if error is not None:
                reading.note_gap(row.collection, stream.name, words_of(address), error)

    async def keep(address: str, content: _Content) -> MalformedPageError | None:
        *parent, _, _ = parent_of(lineage, address)
        place = (row.collection, id_in(address), tuple(parent), stream.name)
        try:
            await (await reading.start_work(keep_stream, place, content.type, content.body, reading.next_order()))
        except MalformedPageError as error:
            return error
        return None

    await take_each(reading, list(addresses), 1, read, take)


async def _content_of(reading: Reading, row: Row, stream: Stream, path: str) -> _Content:
    client = reading.reader.client
    types: list[str | None] = []

    async def send() -> Response:
        response = await client.get(client.url_of(stream.version, path), {"Accept": "*/*"})
        types.append(response.headers.get("content-type"))
        return response

    def whole(body: bytes) -> _Content:
        content = _Content(media_type_of(types[-1]), body)
        if not body or content.type == _PAGE_TYPE:
            raise MalformedPageError(f"the answer is no {stream.name}: it is empty, or a page from in between")
        if content.type == _ERROR_TYPE:
            single_of(body)
        return content

    return await reading.reader.ask(send, whole, bucket=row.bucket, units=stream.resource_units)
