"""The assignments of the first day as Graph has them: ids, objects that are built when asked for, and links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recovery.rehearsal.population.assignments import (
    KINDS,
    Assignment,
    Value,
    assignment_id_of,
    assignment_value_of,
    assignments_of,
)
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.groups import Groups
from recovery.rehearsal.population.people import People
from recovery.rehearsal.population.principals import Principals


class AssignedRoles:
    """`granted` are the archiver's own permissions on Microsoft Graph; an assignment's place is its number."""

    def __init__(
        self, plan: Blueprint, people: People, groups: Groups, principals: Principals, granted: tuple[str, ...]
    ) -> None:
        self._plan = plan
        self._people = people
        self._groups = groups
        self._principals = principals
        self._assignments = assignments_of(plan, principals, granted)

    def ids(self) -> list[str]:
        """The ids of all assignments, by place."""
        return [self._id_of(a) for a in self._assignments]

    def value(self, place: int) -> Value:
        """An assignment as Graph sends it."""
        a = self._assignments[place]
        return assignment_value_of(
            self._id_of(a),
            self._plan.id_of(a.collection, a.principal),
            KINDS[a.collection],
            self._name_of(a),
            self._plan.id_of("servicePrincipals", a.resource),
            self._principals.name_of(a.resource),
            a.role_id,
            Draw(self._plan.seed, "assigned", place).past_fine(800),
        )

    def links(self, ids: Iterable[str]) -> Iterator[tuple[str, str, str, list[str]]]:
        """Yields collection, relation and id of whoever has assignments, and their ids: of resources, then of
        principals. `ids` are those of all assignments, by place: the strings that the links share.
        """
        by_resource: dict[str, list[str]] = {}
        by_principal: dict[tuple[str, str], list[str]] = {}
        for a, id in zip(self._assignments, ids, strict=True):
            by_resource.setdefault(self._plan.id_of("servicePrincipals", a.resource), []).append(id)
            by_principal.setdefault((a.collection, self._plan.id_of(a.collection, a.principal)), []).append(id)
        for resource, assigned in by_resource.items():
            yield "servicePrincipals", "appRoleAssignedTo", resource, assigned
        for (collection, principal), assigned in by_principal.items():
            yield collection, "appRoleAssignments", principal, assigned

    def _id_of(self, a: Assignment) -> str:
        return assignment_id_of(self._plan.id_of(a.collection, a.principal), a.resource, a.role_id)

    def _name_of(self, a: Assignment) -> str:
        if a.collection == "users":
            return self._people.name_of(a.principal)
        if a.collection == "groups":
            return str(self._groups.value(a.principal)["displayName"])
        return self._principals.name_of(a.principal)
