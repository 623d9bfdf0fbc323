"""Which properties and relations a round of change tracking is about, and what it says of one object."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

from recovery.rehearsal.graph.projection import Projection
from recovery.rehearsal.graph.question import Caller
from recovery.rehearsal.graph.row import Row
from recovery.rehearsal.graph.surface import HIDDEN_MEMBERS_PERMISSION
from recovery.rehearsal.population.journal import CAME, SET, WENT, Entry
from recovery.rehearsal.population.links import REMOVED
from recovery.rehearsal.population.population import RECYCLE_BINS, Population

Value = dict[str, Any]

WITHOUT_SELECT = ("members",)
"""Relations that are tracked although no `$select` names them (Graph's group-delta page)."""

UNTRACKED = frozenset(("signInActivity",))
"""Properties outside the directory's own store that a list can send: a change of them changes no object."""

GONE, BINNED = "deleted", "changed"
"""Reasons of `@removed`: for good, or restorable (Graph's delta query overview)."""


class Tracked(NamedTuple):
    """What `$select` of the first request made a round about; `selected` says that there was one."""

    properties: frozenset[str]
    relations: tuple[str, ...]
    selected: bool


class Subjects:
    """Tells of the objects of one collection, to one caller."""

    def __init__(
        self,
        population: Population,
        projection: Projection,
        row: Row,
        version: str,
        select: tuple[str, ...] | None,
        caller: Caller,
    ) -> None:
        self._population, self._projection, self._caller = population, projection, caller
        self.row = row
        self.collection = population.collections[row.collection]
        self._bin = population.collections.get(RECYCLE_BINS.get(row.collection, ""))
        self.tracked = self._tracked_of(version, select)

    def _tracked_of(self, version: str, select: tuple[str, ...] | None) -> Tracked:
        relations = self.row.tracks or ()
        names = None if select is None else tuple(name for name in select if name not in relations)
        properties = frozenset(("id",))
        if names != ():
            wanted = self._projection.wanted_of(
                self.collection.entity, version, names, single=False, roles=self._caller.roles
            )
            properties |= wanted
        chosen = WITHOUT_SELECT if select is None else select
        return Tracked(properties, tuple(name for name in relations if name in chosen), select is not None)

    def concerns(self, entries: list[Entry]) -> bool:
        """Whether an object is told of after such alterations; what it is like by now has no part in that."""
        properties, relations = self.tracked.properties - UNTRACKED, self.tracked.relations
        return any(
            entry.change in (CAME, WENT) or entry.name in (properties if entry.change == SET else relations)
            for entry in entries
        )

    def removal(self, id: str) -> Value:
        """What is said of an object that is not in the collection."""
        reason = BINNED if self._bin is not None and id in self._bin else GONE
        return {"@removed": {"reason": reason}, "id": id}

    def head(self, id: str) -> Value:
        """The properties of an object that were ever given a value."""
        held = self.collection
        cut = self._projection.cut(held.value(id), self.tracked.properties, selected=self.tracked.selected)
        return {name: content for name, content in cut.items() if content is not None or held.was_set(id, name)}

    def links(self, id: str) -> list[tuple[str, list[str]]]:
        """Tracked relations of an object with all their targets, holes too: places in there never move."""
        links = self._population.links
        shown = [name for name in self.tracked.relations if not self._hides(id, name)]
        return [(name, links.of(self.row.collection, name, id)) for name in shown]

    def _hides(self, id: str, relation: str) -> bool:
        if self.row.collection != "groups" or relation != "members":
            return False
        hidden = self.collection.value(id)["visibility"] == "HiddenMembership"
        roles = self._caller.roles
        return hidden and roles is not None and HIDDEN_MEMBERS_PERMISSION not in roles

    def page_of_links(self, id: str, offset: int, room: int) -> tuple[list[tuple[str, Value]], int]:
        """Targets from `offset` on by relation, at most `room`, and how many places that were."""
        found: list[tuple[str, Value]] = []
        taken = 0
        for name, targets in self.links(id):
            if offset >= len(targets):
                offset -= len(targets)
                continue
            part = list(islice(targets, offset, offset + room - taken))
            found += [(name, _link(target, kind)) for target in part if (kind := self._kind_of(target))]
            taken, offset = taken + len(part), 0
            if taken == room:
                break
        return found, taken

    def changed_links(self, id: str, entries: list[Entry]) -> list[tuple[str, Value]]:
        """The tracked links that the entries touch, as they are by now: there, or removed."""
        found: dict[tuple[str, str], Value] = {}
        touched = {entry.name for entry in entries}
        present = {name: set(targets) for name, targets in self.links(id) if name in touched}
        for entry in entries:
            if entry.target is None or entry.name not in present:
                continue
            link = _link(entry.target, str(entry.kind))
            if entry.target not in present[entry.name]:
                link["@removed"] = {"reason": GONE}
            found[entry.name, entry.target] = link
        return [(name, link) for (name, _), link in found.items()]

    def _kind_of(self, target: str) -> str | None:
        """The type of a target, one in the recycle bin too: it stays a member until it is deleted for good."""
        return None if target == REMOVED else self._population.type_of(target)


def _link(target: str, kind: str) -> Value:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": target}


def annotated(head: Value, links: list[tuple[str, Value]]) -> Value:
    """An object with its links as annotations, `members@delta`."""
    value = dict(head)
    for name, link in links:
        value.setdefault(f"{name}@delta", []).append(link)
    return value
