"""Ids inside a list or an object, with the names of what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class NamedId(NamedTuple):
    """An id, its name, and whether it is among those of one value alone."""

    id: str
    name: str
    alone: bool


def named_ids_of(value: object, other: object, names: Mapping[str, str]) -> list[NamedId]:
    """The ids in a list or an object that have a name, those first that the other value lacks.

    A value that is an id itself is not looked into: its name stands beside it.
    """
    elsewhere = set(_words_in(other))
    words = dict.fromkeys(_words_in(value)) if isinstance(value, list | Mapping) else {}
    found = [NamedId(word, names[word], word not in elsewhere) for word in words if names.get(word)]
    return sorted(found, key=lambda one: not one.alone)


def _words_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _words_in(member)
    elif isinstance(value, list):
        for element in value:
            yield from _words_in(element)
