"""Altering a tenant: every method does one thing, through the one door, and returns exactly what it changed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.contents_alteration import ContentsAlteration
from recovery.rehearsal.altering.door import Door
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.surface import CONTAINED_BY_NAME, RELATION_BY_NAME, RELATIONS
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.extensions import TARGETS
from recovery.rehearsal.population.population import RECYCLE_BINS, Population
from recovery.rehearsal.population.shadow import Shadow

Value = dict[str, Any]

_NAMED_IN = (
    ("roleAssignments", ("principalId",)),
    ("roleEligibilitySchedules", ("principalId",)),
    ("oauth2PermissionGrants", ("clientId", "resourceId", "principalId")),
    ("appRoleAssignments", ("principalId", "resourceId")),
)
"""Collections whose objects end when a directory object that they name is deleted for good."""


class Alteration:
    """Changes a population and says what changed."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self.door = Door(population)
        self._contents = ContentsAlteration(population)

    def change(self, collection: str, id: str, path: str, value: object) -> list[Change]:
        """Gives an attribute a new value. `path` is a property, or a JSON pointer (RFC 6901) into one.

        What is contained is named by `PARENT/ID`.

        Raises: ScriptError when the object or the place does not exist.
        """
        contained = collection in self._population.contents
        if not contained:
            self._require(collection, id)
        names = [p.replace("~1", "/").replace("~0", "~") for p in path.removeprefix("/").split("/")]
        current = (
            self._contents.value(collection, id) if contained else self._population.collections[collection].value(id)
        )
        if names[0] not in current and not self._is_extension(collection, names[0]):
            raise ScriptError(f"{collection} have no property {names[0]!r}")
        if len(names) > 1:
            whole = deepcopy(current.get(names[0]))
            _put(whole, names[1:], value)
            value = whole
        if current.get(names[0]) == value:
            return []
        with self.door.opened():
            if contained:
                return self._contents.set(collection, id, names[0], value)
            return self._set(collection, id, names[0], value)

    def _is_extension(self, collection: str, name: str) -> bool:
        """Whether a directory extension of this name is defined for the collection's objects, be it without a value."""
        return name in self._population.extensions.names_of(TARGETS.get(collection, ""))

    def _set(self, collection: str, id: str, attribute: str, value: object) -> list[Change]:
        shadows = self._population.shadows_of(collection)
        before = [shadow.value(id) for shadow in shadows]
        self._population.collections[collection].set(id, attribute, value)
        changes = [Change("changed", collection, id, attribute=attribute)]
        for shadow, old in zip(shadows, before, strict=True):
            new = shadow.value(id)
            changes += [Change("changed", shadow.name, id, attribute=name) for name in old if old[name] != new[name]]
        return changes

    def add(self, collection: str, value: Value, *, fill_hole: bool = False) -> list[Change]:
        """Adds an object, whole. Raises: ScriptError when its id is taken or the collection is unknown."""
        held = self._population.collections.get(collection)
        if held is None or held.key not in value:
            raise ScriptError(f"no collection {collection!r}, or the new object has no key")
        try:
            with self.door.opened():
                held.add(value, fill_hole=fill_hole)
        except ValueError as error:
            raise ScriptError(str(error)) from error
        return self._whole("added", collection, value[held.key])

    def contain(self, collection: str, id: str, relation: str, value: Value) -> list[Change]:
        """Adds a contained object (a federated credential, an assignment) under its parent."""
        declared = CONTAINED_BY_NAME.get((collection, relation.lower()))
        if declared is not None:
            with self.door.opened():
                return self._contents.add(declared.collection, id, value)
        self._require(collection, id)
        row = RELATION_BY_NAME.get((collection, relation.lower()))
        if row is None or row.kind != "contained" or row.target is None:
            raise ScriptError(f"{collection} contain no {relation}")
        with self.door.opened():
            self.add(row.target, value)
            self._population.links.add(collection, row.name, id, value["id"])
            self._show_elsewhere(row.target, value)
        return [Change("added", row.target, value["id"], parent=(collection, id))]

    def _show_elsewhere(self, target: str, value: Value) -> None:
        """Puts an assignment where its principal shows it too."""
        principal = str(value.get("principalId"))
        holder = self._population.kind_of(principal)
        for row in RELATIONS:
            if row.reverse and row.target == target and row.collection == holder:
                self._population.links.add(row.collection, row.name, principal, value["id"])

    def link(self, collection: str, id: str, relation: str, target: str) -> list[Change]:
        """Adds a link. Raises: ScriptError when either end does not exist."""
        self._require(collection, id)
        self._require_relation(collection, relation)
        if self._population.kind_of(target) is None:
            raise ScriptError(f"no directory object {target}")
        with self.door.opened():
            done = self._population.links.add(collection, relation, id, target)
        return [Change("added", collection, id, relation=relation, target=target)] if done else []

    def unlink(self, collection: str, id: str, relation: str, target: str) -> list[Change]:
        """Removes a link; no change when there is none."""
        self._require(collection, id)
        self._require_relation(collection, relation)
        with self.door.opened():
            done = self._population.links.remove(collection, relation, id, target)
        return [Change("removed", collection, id, relation=relation, target=target)] if done else []

    def soft_delete(self, collection: str, ids: list[str], at: str) -> list[Change]:
        """Moves objects to the recycle bin at instant `at`. Links to them are kept and no longer shown."""
        if collection not in RECYCLE_BINS:
            raise ScriptError(f"{collection} have no recycle bin; use hard-delete")
        for id in ids:
            self._require(collection, id)
        population, changes = self._population, [*self._lost_links(collection, ids), *self._contained(collection, ids)]
        for id in ids:
            with self.door.opened():
                value = population.collections[collection].discard(id)
                population.collections[RECYCLE_BINS[collection]].add({**value, "deletedDateTime": at})
            changes += [*self._whole("removed", collection, id), Change("added", RECYCLE_BINS[collection], id)]
        return changes

    def restore(self, collection: str, id: str) -> list[Change]:
        """Takes an object back from the recycle bin, with its id and its links."""
        bin = self._population.collections.get(RECYCLE_BINS.get(collection, ""))
        if bin is None or id not in bin:
            raise ScriptError(f"{id} is not in the recycle bin of {collection}")
        with self.door.opened():
            self._population.collections[collection].add({**bin.discard(id), "deletedDateTime": None})
        changes = [Change("removed", bin.name, id), *self._whole("added", collection, id)]
        back = [*self._lost_links(collection, [id]), *self._contained(collection, [id])]
        return changes + [change._replace(change="added") for change in back]

    def hard_delete(self, collection: str, ids: list[str]) -> list[Change]:
        """Deletes objects for good, live or from the recycle bin, with every link to them and all that names them.

        Raises: ScriptError when one of them does not exist; then none is deleted.
        """
        if collection in self._population.contents:
            with self.door.opened():
                return self._contents.discard(collection, ids)
        holders = {id: self._holder_of(collection, id) for id in ids}
        live = [id for id, held in holders.items() if held.name == collection]
        changes = [*self._lost_links(collection, live), *self._contained(collection, live)]
        with self.door.opened(about=holders):
            for link in list(self._population.links.naming(set(ids))):
                self._population.links.remove(*link)
            for id, held in holders.items():
                held.discard(id)
                changes += self._whole("removed", held.name, id)
            return changes + self._ended_with(set(ids))

    def _holder_of(self, collection: str, id: str) -> Collection:
        """The collection, or its recycle bin, that an object to be deleted is in."""
        for name in (collection, RECYCLE_BINS.get(collection, "")):
            held = self._population.collections.get(name)
            if held is not None and id in held:
                self._refuse_shadow(name)
                return held
        raise ScriptError(f"no {collection} {id}")

    def _ended_with(self, wanted: set[str]) -> list[Change]:
        changes = []
        for name, properties in _NAMED_IN:
            held = self._population.collections[name]
            for id in list(held):
                value = held.value(id)
                if not wanted.isdisjoint(value[p] for p in properties if value[p]):
                    held.discard(id)
                    parent = ("servicePrincipals", value["resourceId"]) if name == "appRoleAssignments" else None
                    changes += self._whole("removed", name, id, parent)
        return changes

    def _whole(self, change: str, collection: str, id: str, parent: tuple[str, str] | None = None) -> list[Change]:
        """An object that comes or goes, with those that Graph derives from it."""
        shadows = self._population.shadows_of(collection)
        return [Change(change, collection, id, parent=parent), *(Change(change, each.name, id) for each in shadows)]

    def _lost_links(self, collection: str, ids: list[str]) -> list[Change]:
        """The visible links of other live objects to `ids`, as removals."""
        population, gone = self._population, set(ids)
        if not gone or collection not in ("users", "groups", "devices", "servicePrincipals", "applications"):
            return []
        return [
            Change("removed", source, parent, relation=relation, target=target)
            for source, relation, parent, target in population.links.naming(gone)
            if parent in population.collections[source] and parent not in gone
        ]

    def _contained(self, collection: str, ids: list[str]) -> list[Change]:
        """The objects that go out of sight with the parents `ids`, as removals."""
        population = self._population
        declared = [
            Change("removed", name, child, parent=parent)
            for id in ids
            for name, child, parent in population.contained_in(collection, id)
        ]
        return declared + [
            Change("removed", str(row.target), child, parent=(collection, id))
            for row in RELATIONS
            if row.collection == collection and row.kind == "contained" and not row.reverse
            for id in ids
            for child in population.links.of(collection, row.name, id)
            if child in population.collections[str(row.target)]
        ]

    def _require(self, collection: str, id: str) -> None:
        held = self._population.collections.get(collection)
        if held is None or id not in held:
            raise ScriptError(f"no {collection} {id}")
        self._refuse_shadow(collection)

    def _refuse_shadow(self, collection: str) -> None:
        held = self._population.collections[collection]
        if isinstance(held, Shadow):
            raise ScriptError(f"{collection} follow {held.source.name}: change those")

    def _require_relation(self, collection: str, relation: str) -> None:
        row = RELATION_BY_NAME.get((collection, relation.lower()))
        if row is None or row.kind == "contained" or row.name != relation:
            raise ScriptError(f"{collection} have no links {relation!r}")


def _put(whole: Any, names: list[str], value: object) -> None:
    for name in names[:-1]:
        whole = whole[int(name)] if isinstance(whole, list) else whole.get(name) if isinstance(whole, dict) else None
        if whole is None:
            raise ScriptError(f"no place {name!r} to set")
    last = names[-1]
    if isinstance(whole, list):
        if last == "-":
            whole.append(value)
        elif last.isdigit() and int(last) < len(whole):
            whole[int(last)] = value
        else:
            raise ScriptError(f"no item {last!r} to set")
    elif isinstance(whole, dict):
        whole[last] = value
    else:
        raise ScriptError(f"no place {last!r} to set")
