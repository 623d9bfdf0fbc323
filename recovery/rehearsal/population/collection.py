"""A collection: objects in listing order, built when asked for and remembered only where they were altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from recovery.rehearsal.population.journal import CAME, SET, WENT, Journal

Value = dict[str, Any]


class Collection:
    """Objects of one kind. `entity` is the Graph type without prefix, `key` the property that names an object.

    A place in the listing never moves: what is deleted leaves a hole, what is added takes the end or a hole.
    So a client that pages while objects come and go sees what it would see on Graph, and never an object
    twice.

    With a `journal`, whatever is altered is written there. `names` are properties that objects to come may have.
    """

    def __init__(
        self,
        name: str,
        entity: str,
        *,
        key: str = "id",
        ids: Sequence[str] = (),
        make: Callable[[int], Value] | None = None,
        values: Sequence[Value] = (),
        names: Sequence[str] = (),
    ) -> None:
        self.name, self.entity, self.key, self.names = name, entity, key, names
        self.journal: Journal | None = None
        self.places: list[str | None] = [*ids, *(v[key] for v in values)]
        self._place_of = {id: place for place, id in enumerate(self.places) if id is not None}
        self._make = make
        self._left: dict[str, int] = {}
        self._whole = {v[key]: v for v in values}
        self._altered: dict[str, Value] = {}
        self._ever_set: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._place_of)

    def __contains__(self, id: object) -> bool:
        return id in self._place_of

    def __iter__(self) -> Iterator[str]:
        """Ids in listing order."""
        return (id for id in self.places if id is not None)

    def first_place_of(self, id: str) -> int | None:
        """The place that an object took when it came for the first time, also once it is gone; None for none."""
        return self._left.get(id, self._place_of.get(id))

    def is_as_made(self, id: str) -> bool:
        """Whether an object is what its number makes of it: not added, and never altered."""
        return id not in self._whole and id not in self._altered

    def value(self, id: str) -> Value:
        """The object, as a new mapping with all its properties. Values inside are shared: copy before altering.

        Raises: KeyError when there is no such object.
        """
        place = self._place_of[id]
        whole = self._whole.get(id)
        value = dict(whole) if whole is not None else self._build(place)
        altered = self._altered.get(id)
        if altered:
            value.update(altered)
        return value

    def set(self, id: str, attribute: str, value: object) -> None:
        """Gives one top-level property a new value. Raises: KeyError when there is no such object."""
        if id not in self._place_of:
            raise KeyError(id)
        if self.journal is not None:
            old = self.value(id).get(attribute)
            self.journal.write(SET, self.name, id, attribute, old=old, new=value)
        self._altered.setdefault(id, {})[attribute] = value
        self._ever_set.setdefault(id, set()).add(attribute)

    def was_set(self, id: str, attribute: str) -> bool:
        """Whether a property was ever given a new value, be it none, also before the object went and came back."""
        return attribute in self._ever_set.get(id, ())

    def add(self, value: Value, *, fill_hole: bool = False) -> None:
        """Adds an object at the end, or with `fill_hole` at the first hole if there is one.

        Raises: ValueError when the key is taken.
        """
        id = value[self.key]
        if id in self._place_of:
            raise ValueError(f"{self.name} has {id} already")
        if self.journal is not None:
            self.journal.write(CAME, self.name, id, new=value)
        place = len(self.places)
        if fill_hole and len(self._place_of) < len(self.places):
            place = self.places.index(None)
        if place == len(self.places):
            self.places.append(id)
        else:
            self.places[place] = id
        self._place_of[id] = place
        self._whole[id] = value

    def discard(self, id: str) -> Value:
        """Takes an object out and returns it. Raises: KeyError when there is no such object."""
        self._left.setdefault(id, self._place_of[id])
        value = self.value(id)
        if self.journal is not None:
            self.journal.write(WENT, self.name, id, old=value)
        self.places[self._place_of.pop(id)] = None
        self._whole.pop(id, None)
        self._altered.pop(id, None)
        return value

    def _build(self, place: int) -> Value:
        if self._make is None:
            raise KeyError(place)
        return self._make(place)
