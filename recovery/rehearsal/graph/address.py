"""What a path names: a collection, an object, its links or bytes, what it contains, or a count of one of them."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from recovery.rehearsal.graph.refusal import unknown_path
from recovery.rehearsal.graph.route import Route, route_of
from recovery.rehearsal.graph.row import Relation, Row, Stream
from recovery.rehearsal.graph.surface import RELATION_BY_NAME, ROW_BY_COLLECTION, rows_by_path
from recovery.rehearsal.population.population import DIRECTORY_TYPES

LONGEST_PATH_SEGMENTS = 12

_ROWS = {version: rows_by_path(version) for version in ("v1.0", "beta")}
_CAST = "microsoft.graph."
_DELTA = frozenset(("delta", "delta()", f"{_CAST}delta", f"{_CAST}delta()"))
_CASTS = {f"{_CAST}{entity}".lower(): collection for collection, entity in DIRECTORY_TYPES.items()}


class Address(NamedTuple):
    """`version` is v1.0 or beta, `path` as requested without leading slash, `cast` the collection of a type cast.

    `above` are the ids of the objects that contain a contained row's object, from the outermost down. `delta` asks
    the collection's delta function.
    """

    version: str
    path: str
    row: Row
    id: str | None = None
    relation: Relation | None = None
    item: str | None = None
    cast: str | None = None
    counts: bool = False
    above: tuple[str, ...] = ()
    stream: Stream | None = None
    delta: bool = False


def address_of(version: str, path: str) -> Address:
    """Resolves a raw path (percent-encoded, after the version).

    Raises: Refusal (400) naming the segment that Graph would not know, or that is not simulated.
    """
    segments = [unquote(s) for s in path.strip("/").split("/")]
    if len(segments) > LONGEST_PATH_SEGMENTS or version not in _ROWS:
        raise unknown_path(segments[-1])
    route = route_of(segments)
    if route is not None:
        return _routed(version, path.strip("/"), route)
    length = next((n for n in range(len(segments), 0, -1) if "/".join(segments[:n]).lower() in _ROWS[version]), 0)
    if not length:
        raise unknown_path(segments[0])
    address = Address(version, path.strip("/"), _ROWS[version]["/".join(segments[:length]).lower()])
    return _continued(address, segments[length:])


def _routed(version: str, path: str, route: Route) -> Address:
    served = route.served
    row = served if isinstance(served, Row) else ROW_BY_COLLECTION[served.collection]
    if row.beta_only and version != "beta":
        raise unknown_path(path.rpartition("/")[2])
    if isinstance(served, Row):
        return _of_contained(Address(version, path, row, above=route.ids), route.rest)
    if route.rest:
        raise unknown_path(route.rest[0])
    *above, id = route.ids
    address = Address(version, path, row, id=id, above=tuple(above))
    if isinstance(served, Stream):
        return address._replace(stream=served)
    return address._replace(relation=served)


def _of_contained(address: Address, rest: tuple[str, ...]) -> Address:
    if not rest:
        return address
    if len(rest) > 1 or address.row.singleton:
        raise unknown_path(rest[-1])
    return address._replace(counts=True) if rest[0] == "$count" else address._replace(id=rest[0])


def _continued(address: Address, rest: list[str]) -> Address:
    if not rest:
        return address
    if rest == ["$count"] and address.row.timed is None:
        return address._replace(counts=True)
    if len(rest) == 1 and rest[0].lower() in _DELTA and address.row.tracks is not None:
        return address._replace(delta=True)
    if address.row.singleton or address.row.timed is not None:
        raise unknown_path(rest[0])
    address, rest = address._replace(id=rest[0]), rest[1:]
    if not rest:
        return address
    relation = RELATION_BY_NAME.get((address.row.collection, rest[0].lower()))
    if relation is None:
        raise unknown_path(rest[0])
    address, rest = address._replace(relation=relation), rest[1:]
    if rest and rest[0].lower() in _CASTS and relation.kind == "links":
        address, rest = address._replace(cast=_CASTS[rest[0].lower()]), rest[1:]
    if rest == ["$count"] and relation.kind != "reference":
        return address._replace(counts=True)
    if len(rest) == 1 and relation.kind == "contained":
        return address._replace(item=rest[0])
    if rest:
        raise unknown_path(rest[0])
    return address
