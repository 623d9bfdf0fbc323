"""What is read from Graph: the rows in `rows/*.json`, checked strictly when they are loaded.

Adding a collection is adding a row. A row's path, version and query fix the shape of its records.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.resources import files

import msgspec

from archiver.graph.errors import CatalogueError
from archiver.graph.row import Relation, Row, Stream
from archiver.graph.suggestion import suggestion_for

CATALOGUE_VERSION = "2"
"""Names the shape of all records; it changes whenever a row's path, version, key or query does."""

AREAS = (
    "organization",
    "users",
    "groups",
    "devices",
    "roles",
    "applications",
    "service-principals",
    "conditional-access",
    "policies",
    "external-identities",
    "governance",
    "tenant-relationships",
    "protection",
    "global-secure-access",
    "other-workloads",
    "logs",
)
"""Files of rows, in the order in which collections are listed."""
_PLACE = re.compile(r"\{([^}]*)\}")


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, area by area, and the version that manifests name."""

    catalogue_version: str
    collections: tuple[Row, ...]

    def row_of(self, collection: str) -> Row:
        """Gives the row of a collection.

        Raises:
            CatalogueError: there is none of this name.
        """
        for row in self.collections:
            if row.collection == collection:
                return row
        raise CatalogueError(
            f"there is no collection named {collection!r}",
            next_step=suggestion_for(collection, (row.collection for row in self.collections))
            or "archiver/graph/COVERAGE.md lists the collections.",
        )

    def lineage_of(self, row: Row) -> tuple[Row, ...]:
        """Gives the rows that contain a row's objects, from the outermost down; empty for what nothing contains."""
        if row.parent is None:
            return ()
        parent = self.row_of(row.parent)
        return (*self.lineage_of(parent), parent)

    def chosen(self, choice: Iterable[str], secrets: Collection[str] = ()) -> tuple[Row, ...]:
        """Gives the rows that `export.collections` and `export.secrets` mean, with the relations and streams meant.

        A choice is `all`, a collection, or `COLLECTION.NAME` for a relation or stream that is read only when it is
        named; `-` in front leaves out. A contained row brings its parents' ids with it, so they are read too.

        Raises:
            CatalogueError: a name is unknown, nothing is left, or what is left out has to be read for what it contains.
        """
        wanted = {row.collection for row in self.collections if row.secret in secrets and row.secret}
        left_out: set[str] = set()
        for word in choice:
            name = word.removeprefix("-")
            if word == "all":
                wanted |= {row.collection for row in self.collections if row.off is None}
            else:
                self._require(name)
                (left_out if word.startswith("-") else wanted).add(name)
        names = {name.partition(".")[0] for name in wanted} - left_out
        parents = {parent.collection for name in names for parent in self.lineage_of(self.row_of(name))}
        for parent in sorted(parents & left_out):
            below = sorted(n for n in names if parent in {one.collection for one in self.lineage_of(self.row_of(n))})
            raise CatalogueError(
                f"{parent} are left out, and {', '.join(below)}, read through them, are not",
                next_step=f"Leave {', '.join(below)} out too, or take -{parent} away.",
            )
        names |= parents
        if not names:
            raise CatalogueError(
                "every collection that is chosen is left out again", next_step="Choose one, or begin with all."
            )
        return tuple(_narrowed(row, wanted, left_out) for row in self.collections if row.collection in names)

    def _require(self, name: str) -> None:
        collection, dot, part = name.partition(".")
        row = self.row_of(collection)
        parts = [relation.name for relation in row.relations] + [stream.name for stream in row.streams]
        if dot and part not in parts:
            raise CatalogueError(
                f"the collection {collection} has no relation or stream named {part!r}",
                next_step=f"Choose among: {', '.join(parts)}." if parts else "It has none at all.",
            )


def _narrowed(row: Row, wanted: Collection[str], left_out: Collection[str]) -> Row:
    def is_meant(part: Relation | Stream) -> bool:
        name = f"{row.collection}.{part.name}"
        return (part.off is None or name in wanted) and name not in left_out

    relations = tuple(relation for relation in row.relations if is_meant(relation))
    streams = tuple(stream for stream in row.streams if is_meant(stream))
    if (relations, streams) == (row.relations, row.streams):
        return row
    return msgspec.structs.replace(row, relations=relations, streams=streams)


@cache
def load_catalogue() -> Catalogue:
    """Gives the catalogue that is shipped.

    Raises:
        CatalogueError: a file is not what this version understands.
    """
    folder = files("archiver.graph") / "rows"
    return catalogue_of((folder / f"{area}.json").read_bytes() for area in AREAS)


def catalogue_of(unverified: Iterable[bytes]) -> Catalogue:
    """Gives the catalogue that files of rows say, having checked that the rows fit together.

    Raises:
        CatalogueError: an unknown field, a wrong type, or rows that contradict each other.
    """
    try:
        areas = [msgspec.json.decode(content, type=tuple[Row, ...], strict=True) for content in unverified]
    except msgspec.MsgspecError as error:
        raise CatalogueError(f"the catalogue is not understood: {error}") from error
    rows = tuple(row for area in areas for row in area)
    twice = [name for name, number in Counter(row.collection for row in rows).items() if number > 1]
    if twice:
        raise CatalogueError(f"the catalogue names a collection twice: {', '.join(twice)}")
    catalogue = Catalogue(CATALOGUE_VERSION, rows)
    for row in rows:
        for problem in _problems_of(row, catalogue):
            raise CatalogueError(f"the catalogue's row {row.collection}: {problem}")
    return catalogue


def _problems_of(row: Row, catalogue: Catalogue) -> Iterator[str]:
    contained = row.kind == "contained"
    names = {other.collection for other in catalogue.collections}
    if contained != bool(row.parent and row.how):
        yield "a contained row needs parent and how, and no other row has them"
    elif contained and (row.parent not in names or _is_in_a_circle(row, catalogue)):
        yield "its parent is not in the catalogue, or contained in it"
    else:
        yield from _problems_of_paths(row, catalogue)
    if (row.kind == "events") != (row.events is not None):
        yield "a row of events says how they are dated, and no other row does"
    if row.kind == "events" and (row.relations or row.streams or row.select):
        yield "an event is read whole"
    if row.how == "expand" and not (row.expand and row.expand_resource_units):
        yield "an expanding row needs expand and its price"
    if row.select and row.key not in row.select:
        yield "a selecting row must select its key"
    if row.single and not contained:
        yield "only a contained row is single"
    if row.guarded and not row.select:
        yield "guarded properties are asked for besides others"
    if row.extensions_of is not msgspec.UNSET and (
        row.kind != "list" or row.select != (row.key,) or row.singly or row.relations or row.streams or row.count
    ):
        yield "a row of directory extensions is a list of their values alone"
    if contained and row.relations:
        yield "relations of contained objects are not read"
    if row.how == "expand" and (row.streams or any(other.parent == row.collection for other in catalogue.collections)):
        yield "what something hangs on is read per object"
    if row.singly and row.kind != "list":
        yield "only a list is read singly"
    if row.secret and not row.off:
        yield "a secret is off unless it is asked for"
    if any(
        stream.shows_in and (row.delta is None or (row.select and stream.shows_in not in row.select))
        for stream in row.streams
    ):
        yield "what a stream shows in is a property that a change query follows"
    for relation in row.relations:
        if relation.how == "expand" and not relation.expand_resource_units:
            yield "an expanding relation needs its price"
        if relation.kind == "reference" and relation.how != "expand":
            yield "a relation that is a reference is read by expansion"
        if relation.select and "id" not in relation.select:
            yield "a selecting relation must select id"


def _is_in_a_circle(row: Row, catalogue: Catalogue) -> bool:
    parents = {other.collection: other.parent for other in catalogue.collections}
    above = [row.collection]
    while (parent := parents.get(above[-1])) is not None:
        if parent in above:
            return True
        above.append(parent)
    return False


def _problems_of_paths(row: Row, catalogue: Catalogue) -> Iterator[str]:
    """Which places a path and a filter may name: the containing object, and what contains that."""
    above = catalogue.lineage_of(row)
    outer = {parent.collection for parent in above[:-1]}
    own = {parent.collection for parent in above}
    if _places_in(row.path + (row.filter or "")) - outer != ({"id"} if above else set()):
        yield "its path must hold {id} exactly when it is contained"
    paths = [relation.path for relation in row.relations] + [stream.path for stream in row.streams]
    for path in paths:
        if _places_in(path) - own != {"id"}:
            yield "the path of a relation or stream must hold {id}"


def _places_in(path: str) -> set[str]:
    return set(_PLACE.findall(path))
