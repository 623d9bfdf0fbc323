"""An entry of `coverage.json`: what Graph has for an archive, what reads it here, and which of three others read it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether somebody else reads it: yes, part or no, and a remark behind a colon where there is one."""

    entra_exporter: str
    microsoft: str
    keepit: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation, a contained collection or a stream of an entry: what reads it, or why nothing does.

    `peers` where somebody else is known to read it who reads it otherwise than what it belongs to.
    """

    what: str
    collections: tuple[str, ...] = ()
    why_not: str | None = None
    peers: Peers | None = None


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that Graph has; `collections` may name relations and streams as `COLLECTION.NAME`.

    `properties` are those that come only when they are asked for, as far as the first selecting row does not name
    them; `beside` is what belongs to it and lies elsewhere.
    """

    what: str
    area: str
    path: str
    version: str
    collections: tuple[str, ...]
    peers: Peers
    why_not: str | None = None
    parts: tuple[Part, ...] = ()
    properties: tuple[Part, ...] = ()
    beside: tuple[Part, ...] = ()


@cache
def load_coverage() -> tuple[Entry, ...]:
    """Gives all entries, in order of areas."""
    return msgspec.json.decode((files("archiver.graph") / "coverage.json").read_bytes(), type=tuple[Entry, ...])


def share_of(text: str) -> tuple[str, str]:
    """Gives what `Peers` says of one: yes, part or no, and its remark, "" without one."""
    share, _, remark = text.partition(": ")
    return share, remark
