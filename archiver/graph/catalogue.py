"""What is read from Graph: the rows of `catalogue.json`, checked strictly when they are loaded.

Adding a collection is adding a row. A row's path, version and `$select` fix the shape of its records.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from archiver.graph.errors import CatalogueError

EXPAND_LIMIT = 20
"""Related objects that `$expand` gives at most (Microsoft Learn, query parameters); as many may be more."""

Version = Literal["v1.0", "beta"]
Bucket = Literal["directory", "conditional-access"]
How = Literal["expand", "per-object"]


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Application permissions: `least`, or one of `also` in its place; `besides` on top, for a part of it."""

    least: str
    also: tuple[str, ...]
    besides: tuple[str, ...]


class Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation of a row's objects.

    `how` is `expand` (one pass over the collection, and a read per object where the limit is reached) or
    `per-object`. `carries` names what a target keeps besides `@odata.type` and `id`. `resource_units` is the
    price of one read, `expand_resource_units` that of a page of the pass.
    """

    name: str
    kind: Literal["collection", "reference"]
    path: str
    version: Version
    how: How
    select: tuple[str, ...]
    carries: tuple[str, ...]
    top: int | None
    permission: Permission
    resource_units: int
    expand_resource_units: int | None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collection. An empty `select` asks for the default set, which then is the full one."""

    collection: str
    kind: Literal["list", "singleton", "contained"]
    path: str
    version: Version
    entity: str
    key: str
    select: tuple[str, ...]
    top: int | None
    count: bool
    permission: Permission
    bucket: Bucket
    resource_units: int
    priority: Literal["must", "should"]
    default: bool
    relations: tuple[Relation, ...] = ()
    parent: str | None = None
    how: How | None = None
    expand: str | None = None
    expand_resource_units: int | None = None


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, in the order of the file, and the version that manifests name."""

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
            next_step=f"Choose among: {', '.join(row.collection for row in self.collections)}.",
        )

    def chosen(self, choice: Iterable[str]) -> tuple[Row, ...]:
        """Gives the rows that `export.collections` means: `all`, names, and `-name` to leave one out.

        A contained row brings its parent's ids with it, so its parent is read too.

        Raises:
            CatalogueError: a name is unknown.
        """
        wanted: dict[str, None] = {}
        left_out = {self.row_of(name[1:]).collection for name in choice if name.startswith("-")}
        for name in choice:
            if name == "all":
                wanted.update({row.collection: None for row in self.collections if row.default})
            elif not name.startswith("-"):
                wanted[self.row_of(name).collection] = None
        names = set(wanted) - left_out
        parents = {self.row_of(name).parent for name in names}
        return tuple(row for row in self.collections if row.collection in names | parents)


@cache
def load_catalogue() -> Catalogue:
    """Gives the catalogue that is shipped.

    Raises:
        CatalogueError: the file is not what this version understands.
    """
    return catalogue_of((files("archiver.graph") / "catalogue.json").read_bytes())


def catalogue_of(unverified: bytes) -> Catalogue:
    """Gives the catalogue that a file's bytes say, having checked that its rows fit together.

    Raises:
        CatalogueError: an unknown field, a wrong type, or rows that contradict each other.
    """
    try:
        catalogue = msgspec.json.decode(unverified, type=Catalogue, strict=True)
    except msgspec.MsgspecError as error:
        raise CatalogueError(f"the catalogue is not understood: {error}") from error
    names = [row.collection for row in catalogue.collections]
    if len(set(names)) != len(names):
        raise CatalogueError("the catalogue names a collection twice")
    for row in catalogue.collections:
        _check(row, catalogue)
    return catalogue


def _check(row: Row, catalogue: Catalogue) -> None:
    contained = row.kind == "contained"
    problems = {
        "a contained row needs parent and how, and no other row has them": contained != bool(row.parent and row.how),
        "its path must hold {id} exactly when it is contained": contained != ("{id}" in row.path),
        "its parent is not in the catalogue": bool(row.parent)
        and all(row.parent != other.collection for other in catalogue.collections),
        "an expanding row needs expand and its price": row.how == "expand"
        and not (row.expand and row.expand_resource_units),
        "a selecting row must select its key": bool(row.select) and row.key not in row.select,
        "an expanding relation needs its price": any(
            relation.how == "expand" and not relation.expand_resource_units for relation in row.relations
        ),
        "a relation's path must hold {id}": any("{id}" not in relation.path for relation in row.relations),
        "a relation that is a reference is read by expansion": any(
            relation.kind == "reference" and relation.how != "expand" for relation in row.relations
        ),
        "a selecting relation must select id": any(
            relation.select and "id" not in relation.select for relation in row.relations
        ),
    }
    for problem, found in problems.items():
        if found:
            raise CatalogueError(f"the catalogue's row {row.collection}: {problem}")
