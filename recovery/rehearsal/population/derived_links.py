"""Relations that follow from the numbers of the first day's objects: kept where they were altered, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.collection import Collection


class Rule(NamedTuple):
    """Whom an object points at, by numbers, and who points at one; the latter in order."""

    targets_of: Callable[[int], Sequence[int]]
    sources_of: Callable[[int], Sequence[int]]


class DerivedLinks:
    """The targets of one relation by source, as a dict of lists has them, made from a rule when asked for."""

    def __init__(self, plan: Blueprint, sources: Collection, targets: Collection, rule: Rule) -> None:
        self._plan = plan
        self._sources, self._source_count = sources, len(sources)
        self._targets, self._target_count = targets, len(targets)
        self._rule = rule
        self._altered: dict[str, list[str]] = {}

    def get(self, id: str, default: list[str]) -> list[str]:
        """The targets of an object, `default` where it has none."""
        altered = self._altered.get(id)
        return altered if altered is not None else self._made(id) or default

    def setdefault(self, id: str, default: list[str]) -> list[str]:
        """The targets of an object as a list that may be altered; `default` where it has none."""
        if id not in self._altered:
            self._altered[id] = self._made(id) or default
        return self._altered[id]

    def __setitem__(self, id: str, targets: list[str]) -> None:
        self._altered[id] = targets

    def naming(self, wanted: set[str]) -> Iterator[tuple[str, list[str]]]:
        """Every source with a target in `wanted`: the first day's in the order of their numbers, then the others."""
        numbers = (self._number_of(self._targets, id, self._target_count) for id in wanted)
        sources = {source for number in numbers if number is not None for source in self._rule.sources_of(number)}
        found = {source: self._plan.id_of(self._sources.name, source) for source in sources}
        later: list[str] = []
        for id, targets in self._altered.items():
            number = self._number_of(self._sources, id, self._source_count)
            if number is None or not self._rule.targets_of(number):
                later.append(id)
            elif not wanted.isdisjoint(targets):
                found[number] = id
        for id in (*(found[number] for number in sorted(found)), *later):
            targets = self.get(id, [])
            if not wanted.isdisjoint(targets):
                yield id, targets

    def _made(self, id: str) -> list[str]:
        number = self._number_of(self._sources, id, self._source_count)
        targets = () if number is None else self._rule.targets_of(number)
        return [self._plan.id_of(self._targets.name, target) for target in targets]

    def _number_of(self, collection: Collection, id: str, count: int) -> int | None:
        """The number that an object of the first day was made from, None for any other."""
        place = collection.first_place_of(id)
        is_first = place is not None and place < count and self._plan.id_of(collection.name, place) == id
        return place if is_first else None
