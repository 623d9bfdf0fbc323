"""Addresses of objects: the ids that lead to one, from the outermost object down, as one text.

Most objects are their id. One that is contained is reached through what contains it: a synchronization job is
`SERVICE_PRINCIPAL tab JOB`. No id of Graph's holds a tab, and none that does becomes a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

_SEPARATOR = "\t"


def ids_in(address: str) -> list[str]:
    """Gives the ids of an address, the object's own last."""
    return address.split(_SEPARATOR)


def id_in(address: str) -> str:
    """Gives the object's own id."""
    return address.rpartition(_SEPARATOR)[2]


def address_below(address: str, id_: str) -> str:
    """Gives the address of an object that the one at `address` contains."""
    return f"{address}{_SEPARATOR}{id_}"


def words_of(address: str) -> str:
    """Gives an address as commands take it: `PARENT_ID/ID` (COMMANDS.md section 3)."""
    return "/".join(ids_in(address))


def parent_of(collections: Sequence[str], address: str) -> tuple[str, ...]:
    """Gives the `parent` of what the object at `address` contains; `collections` are those of its ids."""
    return tuple(text for pair in zip(collections, ids_in(address), strict=True) for text in pair)


def path_at(template: str, collections: Sequence[str], address: str) -> str:
    """Fills `{id}` with the object's own id, and `{COLLECTION}` with that of an object above it."""
    *above, own = ids_in(address)
    path = template.replace("{id}", quote(own, safe=""))
    for collection, id_ in zip(collections, above, strict=False):
        path = path.replace(f"{{{collection}}}", quote(id_, safe=""))
    return path


def filter_at(template: str, address: str) -> str:
    """Fills `{id}` in an OData filter, where it stands between quotes (OData 4.01 part 2, section 5.1.1.14.1)."""
    return template.replace("{id}", id_in(address).replace("'", "''"))
