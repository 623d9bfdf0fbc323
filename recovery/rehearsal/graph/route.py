"""Paths with objects in the middle: what is contained, bytes, and links that are served under another name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recovery.rehearsal.graph.row import Relation, Row, Stream
from recovery.rehearsal.graph.surface import CONTAINED, RELATIONS, STREAMS

Served = Row | Relation | Stream


class Route(NamedTuple):
    """What a path leads to, the ids in it, and what is left of it behind: an item's id, or `$count`."""

    served: Served
    ids: tuple[str, ...]
    rest: tuple[str, ...]


class _Fork:
    """What may follow the segments so far: `words` by name in lower case, or any id."""

    def __init__(self) -> None:
        self.words: dict[str, _Fork] = {}
        self.any: _Fork | None = None
        self.served: Served | None = None

    def plant(self, segments: Sequence[str], served: Served) -> None:
        if not segments:
            self.served = served
        elif segments[0].startswith("{"):
            self.any = self.any or _Fork()
            self.any.plant(segments[1:], served)
        else:
            self.words.setdefault(segments[0].lower(), _Fork()).plant(segments[1:], served)

    def find(self, segments: Sequence[str], ids: tuple[str, ...] = ()) -> Route | None:
        """The longest way along `segments` that leads to something; a word goes before an id."""
        if segments:
            word = self.words.get(segments[0].lower())
            found = word.find(segments[1:], ids) if word is not None else None
            if found is None and self.any is not None:
                found = self.any.find(segments[1:], (*ids, segments[0]))
            if found is not None:
                return found
        return None if self.served is None else Route(self.served, ids, tuple(segments))


def _planted() -> _Fork:
    root = _Fork()
    for row in CONTAINED:
        root.plant(row.paths[0].split("/"), row)
    for stream in STREAMS:
        root.plant(stream.path.split("/"), stream)
    for relation in RELATIONS:
        if relation.path is not None:
            root.plant(relation.path.split("/"), relation)
    return root


_ROOT = _planted()


def route_of(segments: Sequence[str]) -> Route | None:
    """What a path's segments lead to, None where they name no such thing."""
    return _ROOT.find(segments)
