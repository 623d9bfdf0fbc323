"""Collections that Graph derives from another one: an object for each of its objects, under the same id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recovery.rehearsal.population.collection import Collection

Value = dict[str, Any]


class Shadow(Collection):
    """Follows `source`: what joins or leaves that does so here, at the same place. It can't be altered by itself."""

    def __init__(self, name: str, entity: str, source: Collection, make: Callable[[Value], Value]) -> None:
        super().__init__(name, entity, key=source.key)
        self.places, self._place_of = source.places, source._place_of
        self.source, self._shaped = source, make

    def value(self, id: str) -> Value:
        """The object, as a new mapping. Raises: KeyError when there is no such object."""
        return self._shaped(self.source.value(id))

    def set(self, id: str, attribute: str, value: object) -> None:
        """Raises: ValueError, always."""
        raise ValueError(f"{self.name} follow {self.source.name}: change those")

    def add(self, value: Value, *, fill_hole: bool = False) -> None:
        """Raises: ValueError, always."""
        raise ValueError(f"{self.name} follow {self.source.name}: add to those")

    def discard(self, id: str) -> Value:
        """Raises: ValueError, always."""
        raise ValueError(f"{self.name} follow {self.source.name}: delete those")
