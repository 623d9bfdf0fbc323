"""What a reading costs that makes one call for each object and relation, as exporters do that know no other way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archiver.graph.row import Row

PAGE_OBJECTS = 100
"""Objects on a page that nobody asked a size of (Microsoft Learn, paging; lists of the directory)."""


class OneByOne(NamedTuple):
    """Requests, and the resource units that the directory counts for them."""

    requests: int
    units: float


def one_by_one(rows: Iterable[Row], objects: Mapping[str, int]) -> OneByOne:
    """The cost by the catalogue's prices; `objects` are how many there are of each collection.

    Each list is read in pages of PAGE_OBJECTS; then each object's relations, streams and contained lists are read by
    one GET each. Further pages of long ones are left out, so that it is never too much.
    """
    requests, units = 0, 0.0
    for row in rows:
        count = objects.get(row.collection, 0)
        own = objects.get(row.parent, 0) if row.parent is not None else max(1, -(-count // PAGE_OBJECTS))
        prices = [relation.resource_units for relation in row.relations]
        prices += [stream.resource_units for stream in row.streams]
        requests += own + count * len(prices)
        if row.bucket == "directory":
            units += own * row.resource_units + count * sum(prices)
    return OneByOne(requests, units)
