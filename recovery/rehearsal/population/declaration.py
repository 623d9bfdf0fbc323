"""What the tables in `declarations/` say of a collection: where Graph serves it, who may read it, and what is in it.

Everything that is not built from the tenant's numbers is declared: one to three objects of each kind of policy, and
templates for what grows with the tenant. Adding such a collection is adding an entry.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from archiver.graph.catalogue import AREAS


class Repeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often the templates of a collection are used: once for so many `users`, and `least` times at least."""

    users: int
    least: int


class DeclaredRelation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Links of a collection's objects, which stand in these under `@links`; `target` where they lead to no directory
    object, `path` where they are not below the collection's own."""

    name: str
    permissions: frozenset[str]
    kind: Literal["links", "reference", "contained"] = "links"
    target: str | None = None
    path: str | None = None


class DeclaredStream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes that belong to `share` in 1,000 of a collection's objects."""

    name: str
    path: str
    permissions: frozenset[str]
    media_type: str = "image/png"
    share: int = 1000


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collection.

    `of` is the collection whose objects contain its own: all of them, or `among` those and `share` in 1,000 of the
    others. Objects are templates (`template.Template`); without any, a module of this room makes them.

    `filtered` are the properties that `$filter` must say the value of; of two collections on one path, `when` says
    which is meant. `embeds` is sent only when `$expand` names it; `left_out_of_lists` only with a single object.
    `tracks` are the relations whose changes Graph's delta function tells; None where there is no such function.
    `may_have` are properties that no object has on the first day.
    `unlisted` is what an archive holds only when it is asked for by name: it goes with its parent, and no list of
    changes names it.
    """

    collection: str
    entity: str
    path: str
    permissions: frozenset[str]
    beta: bool = False
    key: str = "id"
    of: str | None = None
    single: bool = False
    may_be_absent: bool = False
    bucket: str = "identity"
    units: int = 1
    page: int | None = None
    largest_page: int = 999
    filtered: tuple[str, ...] = ()
    when: tuple[str, str] | None = None
    embeds: tuple[str, ...] = ()
    left_out_of_lists: tuple[str, ...] = ()
    unlisted: bool = False
    among: tuple[str, ...] = ()
    share: int | None = None
    repeat: Repeat | None = None
    tracks: tuple[str, ...] | None = None
    may_have: tuple[str, ...] = ()
    relations: tuple[DeclaredRelation, ...] = ()
    streams: tuple[DeclaredStream, ...] = ()
    objects: tuple[dict[str, Any], ...] | None = None


@cache
def declarations() -> tuple[Declaration, ...]:
    """All declarations, area by area."""
    folder = files("recovery.rehearsal.population") / "declarations"
    read = msgspec.json.Decoder(tuple[Declaration, ...]).decode
    served = [file for area in AREAS if (file := folder / f"{area}.json").is_file()]
    return tuple(each for file in served for each in read(file.read_bytes()))
