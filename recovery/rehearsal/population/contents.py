"""What objects contain: small collections of their own, made when asked for, because most parents have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.journal import CAME, SET, WENT, Journal
from recovery.rehearsal.population.template import Above

Value = dict[str, Any]


class Contents:
    """A contained collection of the whole tenant. `parent` is what contains it, `names` all properties it may have.

    `single`: an object contains one at most, which need not have an id. `unlisted` as in its declaration.
    """

    def __init__(
        self,
        name: str,
        entity: str,
        parent: str,
        make: Callable[[Above], list[Value]],
        *,
        names: frozenset[str],
        key: str = "id",
        single: bool = False,
        unlisted: bool = False,
    ) -> None:
        self.name, self.entity, self.parent, self.names = name, entity, parent, names
        self.key, self.single, self.unlisted = key, single, unlisted
        self._make = make
        self.journal: Journal | None = None
        self._altered: dict[Above, dict[str, Value]] = {}

    def within(self, above: Above) -> Collection:
        """What the object at `above` contains; nobody asks here whether there is such an object."""
        values = self._values_in(above)
        return Collection(
            self.name, self.entity, key=self.key, ids=[*values], make=lambda at: dict([*values.values()][at])
        )

    def set(self, above: Above, id: str, attribute: str, value: object) -> None:
        """Gives one top-level property of an object a new value. Raises: KeyError when there is no such object."""
        values = self._values_in(above)
        if self.journal is not None:
            self.journal.write(SET, self.name, id, attribute, old=values[id].get(attribute), new=value)
        self._altered[above] = {**values, id: {**values[id], attribute: value}}

    def add(self, above: Above, value: Value) -> str:
        """Adds an object and gives its id. Raises: ValueError when the id is taken."""
        values, id = self._values_in(above), self._id_of(value)
        if id in values:
            raise ValueError(f"{'/'.join(above)} has the {self.name} {id} already")
        if self.journal is not None:
            self.journal.write(CAME, self.name, id, new=value)
        self._altered[above] = {**values, id: value}
        return id

    def discard(self, above: Above, id: str) -> None:
        """Takes an object out. Raises: KeyError when there is no such object."""
        values = dict(self._values_in(above))
        if self.journal is not None:
            self.journal.write(WENT, self.name, id, old=values[id])
        del values[id]
        self._altered[above] = values

    def _values_in(self, above: Above) -> dict[str, Value]:
        altered = self._altered.get(above)
        return altered if altered is not None else {self._id_of(value): value for value in self._make(above)}

    def _id_of(self, value: Value) -> str:
        return self.name if self.single else str(value[self.key])
