"""Directory extensions: properties that applications define for a whole tenant, and the objects that have values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.contents import Contents
from recovery.rehearsal.population.journal import Journal

Value = dict[str, Any]

PREFIX = "extension_"
"""Begins the name of every directory extension, and of no property of Graph's own."""
TARGETS = {
    "users": "User",
    "groups": "Group",
    "devices": "Device",
    "applications": "Application",
    "administrativeUnits": "AdministrativeUnit",
    "organization": "Organization",
}
"""Collections whose objects may have values, and what `targetObjects` calls these."""
TARGET_OF_ENTITY = {target[0].lower() + target[1:]: target for target in TARGETS.values()}

_EVERY = {"users": 3, "groups": 9, "devices": 24, "administrativeUnits": 3}
"""One in so many objects has values on the first day."""


class Extensions:
    """What is defined, which follows what becomes of the applications; and who has values on the first day."""

    def __init__(self) -> None:
        self._first_day: dict[str, list[str]] = {}
        self._named: tuple[int, dict[str, frozenset[str]]] = (-1, {})

    def open(self, applications: Collection, definitions: Contents, journal: Journal) -> None:
        """Learns where definitions are; until then nothing has values."""
        self._applications, self._definitions, self._journal = applications, definitions, journal
        self._first_day = {name: sorted(self.names_of(TARGETS[name])) for name in _EVERY}

    def definitions(self) -> Iterator[Value]:
        """Every definition, application by application."""
        for id in self._applications:
            contained = self._definitions.within((id,))
            yield from map(contained.value, contained)

    def names_of(self, target: str) -> frozenset[str]:
        """The names that are defined for `User`, `Group` or another of TARGETS."""
        head, named = self._named
        if head != self._journal.head:
            named = {}
            for definition in self.definitions():
                for each in definition["targetObjects"]:
                    named[each] = named.get(each, frozenset()) | {definition["name"]}
            self._named = (self._journal.head, named)
        return named.get(target, frozenset())

    def names_of_entity(self, entity: str) -> frozenset[str]:
        """The names that are defined for a Graph type such as `user`; none for what can't be extended."""
        target = TARGET_OF_ENTITY.get(entity)
        return frozenset() if target is None else self.names_of(target)

    def valued(self, collection: str, make: Callable[[int], Value]) -> Callable[[int], Value]:
        """Gives what makes the objects of a collection, with the values that some of them have."""
        every = _EVERY.get(collection)
        if every is None:
            return make

        def made(index: int) -> Value:
            value = make(index)
            if index % every == 1:
                for number, name in enumerate(self._first_day.get(collection, ())):
                    value[name] = f"{100 + (index * 7 + number) % 900}"
            return value

        return made
