"""Changes that nobody made by themselves: links and assignments that went because an object at their end went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from recovery.attribute import Value
from recovery.naming import mentioned_ids_of


class Cause(NamedTuple):
    """A removed object from whose removal others follow. `name` is None where it has none."""

    collection: str
    id: str
    name: str | None


def causes_of_links(removed: Mapping[str, Cause], lost: Collection[str]) -> list[Cause]:
    """Returns what the loss of these targets follows from; empty unless every one of them was removed itself."""
    return _distinct(removed[id_] for id_ in lost) if lost and all(id_ in removed for id_ in lost) else []


def causes_of_object(
    removed: Mapping[str, Cause], parent: tuple[str, ...], value: Value, about: Collection[str] = ()
) -> list[Cause]:
    """Returns what the removal of an assignment, a grant, a contained object or a report follows from: its parent, an
    end, or what the report is `about`.
    """
    ends = [*parent[1::2], *mentioned_ids_of(value), *about]
    return _distinct(removed[id_] for id_ in ends if id_ in removed)


def _distinct(causes: Iterable[Cause]) -> list[Cause]:
    return sorted(set(causes), key=lambda cause: (cause.collection, cause.id))
