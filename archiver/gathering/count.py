"""Graph's own count of a list, and what a reading may differ from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from archiver.gathering.gathered import Completeness
from archiver.gathering.reading import Reading
from archiver.graph.errors import MalformedPageError, ReadError
from archiver.graph.row import Bucket, Row, Version

TOLERANCE_SHARE = 0.01
"""Share of a collection that may change while it is read before a count says that objects are missing."""
TOLERANCE_OBJECTS = 10
"""The same for small collections, in objects; `$count` comes from an index that lags (Microsoft Learn)."""


async def completeness_of(reading: Reading, row: Row, read: int) -> Completeness:
    """Gives Graph's own count beside the number of objects read. A count that can't be had is no fault."""
    try:
        counted = await _count_of(reading, row)
    except ReadError:
        return Completeness(row.collection, read, None, 0)
    return Completeness(row.collection, read, counted, max(TOLERANCE_OBJECTS, int(counted * TOLERANCE_SHARE)))


async def tell_count(reading: Reading, row: Row, passes: Sequence[str]) -> None:
    """Tells who follows the reading how long a list is; where Graph does not say, nobody knows."""
    with suppress(ReadError):
        counted = await _count_of(reading, row)
        for name in (row.collection, *passes):
            reading.progress.tell(name, counted)


async def _count_of(reading: Reading, row: Row) -> int:
    """Asks Graph how many objects a list has, from an index that may lag. Raises ReadError."""
    return await count_at(reading, row.version, row.path, row.bucket)


async def count_at(reading: Reading, version: Version, path: str, bucket: Bucket) -> int:
    """Asks Graph how many objects the list at a path has, from an index that may lag.

    Raises:
        ReadError: one of its classes.
    """
    url = reading.reader.client.url_of(version, f"{path}/$count")
    headers = {"ConsistencyLevel": "eventual", "Accept": "text/plain"}
    return await reading.reader.read(url, _number_of, bucket=bucket, units=1, headers=headers)


def _number_of(unverified: bytes) -> int:
    """Reads the answer of `$count`: digits, sometimes after a byte order mark."""
    digits = unverified.removeprefix(b"\xef\xbb\xbf").strip()
    if not digits.isdigit() or len(digits) > 15:
        raise MalformedPageError("the answer to $count is no number")
    return int(digits)
