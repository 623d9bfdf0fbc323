"""One page of Graph's change query: which objects it names. What it says of them is never a record.

Its bodies leave out what was never set, and come in another shape than the list's (DECISIONS.md, "Changes are read
again"), so that an id, and which of its relations changed, is all that is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from archiver.graph.errors import MalformedPageError
from archiver.graph.guid import id_as_graph_writes
from archiver.graph.page import link_in, members_of, refuse_error, values_of

_DELTA = "@delta"
_REMOVED = "@removed"


class Change(NamedTuple):
    """An object that Graph names. `relations` are those whose targets changed; `removed`: it was gone at that time."""

    id: str
    removed: bool
    relations: tuple[str, ...]


class ChangePage(NamedTuple):
    """A page has a next link, or, if it is the last, the link that later asks what has changed since.

    `mark` is the same for two pages that came with the same bytes: those of a large group name it alone, each with
    other members.
    """

    changes: tuple[Change, ...]
    next_link: str | None
    delta_link: str | None
    mark: int


def change_page_of(unverified: bytes) -> ChangePage:
    """Takes a page of a change query apart.

    Raises:
        MalformedPageError: it is no page, an object in it has no usable id, or it ends without any link.
    """
    members = members_of(unverified)
    refuse_error(members)
    values = members.get("value", b"")
    if not values.startswith(b"["):
        raise MalformedPageError("the answer is no page: it has no array named value")
    page = ChangePage(
        tuple(_change_in(bytes(value)) for value in values_of(values)),
        link_in(members, "@odata.nextLink"),
        link_in(members, "@odata.deltaLink"),
        hash(values),
    )
    if (page.next_link is None) == (page.delta_link is None):
        raise MalformedPageError("a page of changes has neither, or both, of a next link and a delta link")
    return page


def _change_in(unverified: bytes) -> Change:
    members = members_of(unverified)
    try:
        id_ = msgspec.json.decode(members.get("id", b"null"), type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedPageError("a change query names an object without an id") from error
    if not id_ or not id_.isprintable():
        raise MalformedPageError("a change query names an object whose id no key can hold")
    relations = tuple(name.removesuffix(_DELTA) for name in members if name.endswith(_DELTA))
    return Change(id_as_graph_writes(id_), _REMOVED in members, relations)
