"""What the table of served paths says of a collection, of links, and of bytes."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A collection and where it is served. `units` is the cost of a GET in resource units.

    A contained collection has a `parent`, and `{}` in its path for the objects that contain it. `filtered` are the
    properties whose value `$filter` must say; of two rows with one path, `when` says which value means which.
    `embeds` are sent only when `$expand` names them, and `left_out_of_lists` only with a single object.

    `tracks` are the relations that the collection's delta function can tell the changes of; None: there is no such
    function. `timed` is the instant by which a log's events are ordered.
    """

    collection: str
    paths: tuple[str, ...]
    permissions: frozenset[str]
    units: int = 1
    page: int | None = 100
    largest_page: int = 999
    directory: bool = False
    singleton: bool = False
    bucket: str = "identity"
    beta_paths: tuple[str, ...] = ()
    beta_only: bool = False
    parent: str | None = None
    may_be_absent: bool = False
    filtered: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    embeds: tuple[str, ...] = ()
    left_out_of_lists: tuple[str, ...] = ()
    tracks: tuple[str, ...] | None = None
    timed: str | None = None


class Relation(NamedTuple):
    """Links of a collection's objects. `kind` is links, reference or contained (then `target` is its collection).

    `reverse` marks another view of objects that belong to a different parent. `path` is set where it is not the
    collection's own with `/{id}/NAME`.
    """

    collection: str
    name: str
    permissions: frozenset[str]
    kind: str = "links"
    target: str | None = None
    units: int = 1
    principals_only_in_beta: bool = False
    reverse: bool = False
    path: str | None = None


class Stream(NamedTuple):
    """Bytes that belong to `share` in 1,000 objects of a collection.

    Where `address_in` says in which property their address stands, they belong to the objects that have one there, and
    change with it.
    """

    collection: str
    name: str
    path: str
    permissions: frozenset[str]
    media_type: str = "image/png"
    share: int = 1000
    address_in: tuple[str, ...] = ()
