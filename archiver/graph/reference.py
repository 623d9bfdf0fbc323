"""Where records name other objects by id: `references.json`, one row a place, with the collections that it leads to.

Ids that are the same in every tenant (application ids of Microsoft, role templates) and ids of other tenants are
no references: nothing of this tenant is missing where they lead nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec

from archiver.graph.errors import CatalogueError
from archiver.graph.guid import GUID

_GUID = re.compile(GUID, re.IGNORECASE)
UNRESOLVED = "unresolvedReferences"
"""The collection of ids that lead nowhere: `{"id", "namedBy": [{"place", "id"}]}`."""
NOBODY = "00000000-0000-0000-0000-000000000000"
"""What Graph writes where it means none, or all."""


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place: the targets of a relation, or what stands at `path` in an object, or in the relation's targets.

    `path` names members joined by dots; `[]` after one goes into each element. `to` are the collections that hold
    what is named, one of which has it; what is in their recycle bins is found too.
    """

    of: str
    to: tuple[str, ...]
    relation: str | None = None
    path: str | None = None

    @property
    def place(self) -> str:
        """The place in words: `groups.members`, `roleAssignments.principalId`."""
        return ".".join(filter(None, (self.of, self.relation, self.path)))

    @property
    def homes(self) -> tuple[str, ...]:
        """The collections that may hold what is named, recycle bins too."""
        return tuple(home for name in self.to for home in (name, recycle_bin_of(name)))


@cache
def load_references() -> tuple[Reference, ...]:
    """Gives all places.

    Raises:
        CatalogueError: the file is not what this code understands.
    """
    content = files("archiver.graph").joinpath("references.json").read_bytes()
    try:
        return msgspec.json.decode(content, type=tuple[Reference, ...])
    except msgspec.MsgspecError as error:
        raise CatalogueError(f"archiver/graph/references.json: {error}") from error


def target_collections_of(collection: str, relation: str) -> tuple[str, ...]:
    """Gives the collections that hold the targets of a relation; none where the table does not know it."""
    return next(
        (one.to for one in load_references() if (one.of, one.relation, one.path) == (collection, relation, None)), ()
    )


def recycle_bin_of(collection: str) -> str:
    """Gives the name that the recycle bin of a collection has, if it has one."""
    return f"deleted{collection[0].upper()}{collection[1:]}"


def ids_at(value: object, path: str) -> Iterator[str]:
    """Yields the GUIDs that stand at a path, in lower case. Words such as `All` stand there too, and are no ids."""
    for found in _values_at(value, path.split(".")):
        if isinstance(found, str) and _GUID.fullmatch(found) and found != NOBODY:
            yield found.lower()


def _values_at(value: object, names: list[str]) -> Iterator[object]:
    if not names:
        yield value
        return
    name, rest = names[0], names[1:]
    inner = value.get(name.removesuffix("[]")) if isinstance(value, dict) else None
    if not name.endswith("[]"):
        yield from _values_at(inner, rest)
        return
    for element in inner if isinstance(inner, list) else ():
        yield from _values_at(element, rest)
