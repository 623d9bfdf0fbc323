"""Altering what objects contain, where it is declared: a domain's federation, a consent policy's conditions."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.contents import Contents
from recovery.rehearsal.population.population import Population
from recovery.rehearsal.population.template import Above

Value = dict[str, Any]


class ContentsAlteration:
    """Changes declared contents and says what changed. An object is named by the ids that lead to it: `PARENT/ID`."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def value(self, collection: str, words: str) -> Value:
        """The object. Raises: ScriptError when it, or what should contain it, does not exist."""
        above, id = self._place_of(collection, words)
        return self._population.collection(collection, above).value(id)

    def set(self, collection: str, words: str, attribute: str, value: object) -> list[Change]:
        """Gives a property that the object has a new value."""
        above, id = self._place_of(collection, words)
        contents = self._population.contents[collection]
        contents.set(above, id, attribute, value)
        return [Change("changed", collection, id, parent=self._parent_of(contents, above), attribute=attribute)]

    def add(self, collection: str, words: str, value: Value) -> list[Change]:
        """Adds an object below the one that `words` name. Raises: ScriptError also when its id is taken."""
        contents = self._population.contents[collection]
        above = self._above_of(contents, words)
        if contents.key not in value and not contents.single:
            raise ScriptError(f"the new object has no {contents.key}")
        try:
            id = contents.add(above, value)
        except ValueError as error:
            raise ScriptError(str(error)) from error
        return [Change("added", collection, id, parent=self._parent_of(contents, above))]

    def discard(self, collection: str, all_words: list[str]) -> list[Change]:
        """Takes objects out for good."""
        changes = []
        for words in all_words:
            above, id = self._place_of(collection, words)
            contents = self._population.contents[collection]
            contents.discard(above, id)
            changes.append(Change("removed", collection, id, parent=self._parent_of(contents, above)))
        return changes

    def _place_of(self, collection: str, words: str) -> tuple[Above, str]:
        contents = self._population.contents[collection]
        parent, _, id = words.rpartition("/")
        above = self._above_of(contents, parent)
        if id not in contents.within(above):
            raise ScriptError(f"no {collection} {words}")
        return above, id

    def _above_of(self, contents: Contents, words: str) -> Above:
        above = tuple(words.split("/"))
        try:
            if len(above) == len(self._population.lineage_of(contents.name)):
                self._population.collection(contents.name, above)
                return above
        except KeyError:
            pass  # answered below, like a way of the wrong length
        raise ScriptError(
            f"nothing at {words!r} contains {contents.name}; name it as PARENT/ID, from the outermost down"
        )

    def _parent_of(self, contents: Contents, above: Above) -> tuple[str, ...]:
        names = self._population.lineage_of(contents.name)
        return tuple(text for pair in zip(names, above, strict=True) for text in pair)
