"""Links between objects: for each relation and each object, the ids of its targets in a stable order."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.rehearsal.population.derived_links import DerivedLinks
from recovery.rehearsal.population.journal import LINKED, UNLINKED, Journal, UnannouncedError

REMOVED = ""
"""Stands where a target was, so that the place of every later target stays the same for a client that pages."""


class Links:
    """All relations of a tenant, kept as lists of shared id strings (8 bytes a link), or derived from a rule.

    With a `journal`, whatever is altered is written there.
    """

    def __init__(self) -> None:
        self.journal: Journal | None = None
        self._tables: dict[tuple[str, str], dict[str, list[str]] | DerivedLinks] = {}

    def derive(self, collection: str, relation: str, links: DerivedLinks) -> None:
        """Opens a relation whose links are made when asked for."""
        self._tables[collection, relation] = links

    def of(self, collection: str, relation: str, id: str) -> list[str]:
        """Targets in order, REMOVED where one was; not a copy where the list is kept."""
        return self._tables.get((collection, relation), {}).get(id, [])

    def put(self, collection: str, relation: str, id: str, targets: list[str]) -> None:
        """Sets all targets at once; an empty list is not kept. Raises: UnannouncedError once there is a journal."""
        if self.journal is not None:
            raise UnannouncedError(f"all {relation} of {collection} {id} were set at once")
        if targets:
            self._tables.setdefault((collection, relation), {})[id] = targets

    def add(self, collection: str, relation: str, id: str, target: str) -> bool:
        """Appends a target; False when it was there already."""
        targets = self._tables.setdefault((collection, relation), {}).setdefault(id, [])
        if target in targets:
            return False
        if self.journal is not None:
            self.journal.write(LINKED, collection, id, relation, target=target)
        targets.append(target)
        return True

    def remove(self, collection: str, relation: str, id: str, target: str) -> bool:
        """Removes a target and keeps its place; False when it was not there."""
        targets = self._kept(collection, relation, id, target)
        if target not in targets:
            return False
        if self.journal is not None:
            self.journal.write(UNLINKED, collection, id, relation, target=target)
        targets[targets.index(target)] = REMOVED
        return True

    def naming(self, wanted: set[str]) -> Iterator[tuple[str, str, str, str]]:
        """Every (collection, relation, source, target) whose target is in `wanted`; one pass over all that is kept."""
        for (collection, relation), table in self._tables.items():
            for source, targets in _naming(table, wanted):
                for target in targets:
                    if target in wanted:
                        yield collection, relation, source, target

    def _kept(self, collection: str, relation: str, id: str, target: str) -> list[str]:
        """The targets, as a list that is kept if `target` is in it."""
        targets = self.of(collection, relation, id)
        return self._tables[collection, relation].setdefault(id, targets) if target in targets else targets


def _naming(table: dict[str, list[str]] | DerivedLinks, wanted: set[str]) -> Iterator[tuple[str, list[str]]]:
    if isinstance(table, DerivedLinks):
        yield from table.naming(wanted)
        return
    for source, targets in table.items():
        if not wanted.isdisjoint(targets):
            yield source, targets
