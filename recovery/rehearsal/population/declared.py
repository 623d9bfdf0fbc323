"""The declared collections of one tenant: their objects, their links, and what objects contain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from recovery.rehearsal.population import registrations, role_settings
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.contents import Contents
from recovery.rehearsal.population.declaration import Declaration, declarations
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.registrations import Registrations
from recovery.rehearsal.population.shadow import Shadow
from recovery.rehearsal.population.template import LINKS, Above, Spot, Template

Value = dict[str, Any]

_MADE: dict[str, Callable[[Blueprint], list[Value]]] = {
    "directoryRoles": role_settings.directory_roles_of,
    "roleManagementPolicies": role_settings.role_policies_of,
    "roleManagementPolicyAssignments": role_settings.role_policy_assignments_of,
    "privilegedAccessGroupPolicies": role_settings.group_policies_of,
    "privilegedAccessGroupPolicyAssignments": role_settings.group_policy_assignments_of,
}
"""Collections that are declared without objects, and what makes these."""


class DeclaredLinks(NamedTuple):
    """The targets of one relation of one object."""

    collection: str
    relation: str
    id: str
    targets: list[str]


class Declared:
    """Opens what `declarations` say, for the tenant of one blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._plan = blueprint
        self._template = Template(blueprint)
        self._registrations = Registrations(blueprint)

    def collections(self, open: dict[str, Collection]) -> Iterator[Collection]:
        """The collections that nothing contains. `open` are those that others are derived from."""
        for declaration in declarations():
            if declaration.of is None:
                yield self._collection_of(declaration, open)

    def contents(self) -> Iterator[Contents]:
        """What the objects of other collections contain."""
        for declaration in declarations():
            if declaration.of is not None:
                yield self._contents_of(declaration, declaration.of)

    def links(self, assignments: list[Value]) -> Iterator[DeclaredLinks]:
        """The links of declared objects; `assignments` are the tenant's role assignments."""
        for role, members in role_settings.members_of_roles(self._plan, assignments).items():
            yield DeclaredLinks("directoryRoles", "members", role, members)
        for declaration in declarations():
            for number, template in enumerate(self._templates_of(declaration)):
                if LINKS not in template:
                    continue
                spot = Spot(declaration.collection, number)
                id = self._template.text(template[declaration.key], spot)
                for relation, targets in template[LINKS].items():
                    filled = dict.fromkeys(self._template.text(target, spot) for target in targets)
                    yield DeclaredLinks(declaration.collection, relation, id, list(filled))

    def _collection_of(self, declaration: Declaration, open: dict[str, Collection]) -> Collection:
        name, entity, plan = declaration.collection, declaration.entity, self._plan
        if name == "userRegistrationDetails":
            return Shadow(name, entity, open["users"], self._registrations.details_of)
        if name == "roleAssignmentSchedules":
            return Shadow(name, entity, open["roleAssignments"], role_settings.schedule_of)
        if name in _MADE:
            return Collection(name, entity, key=declaration.key, values=_MADE[name](plan))
        templates = self._templates_of(declaration)

        def make(number: int) -> Value:
            return self._filled(templates[number], Spot(name, number))

        if declaration.repeat is not None:
            return Collection(name, entity, ids=plan.ids_of(name, 0, len(templates)), make=make)
        values = [make(number) for number in range(len(templates))]
        return Collection(name, entity, key=declaration.key, values=values, names=declaration.may_have)

    def _templates_of(self, declaration: Declaration) -> list[Value]:
        objects, repeat = list(declaration.objects or ()), declaration.repeat
        if repeat is None:
            return objects
        return objects * max(repeat.least, self._plan.users // repeat.users)

    def _contents_of(self, declaration: Declaration, parent: str) -> Contents:
        name = declaration.collection
        make, names = self._made_contents_of(name) or (
            self._maker_of(declaration),
            frozenset(property for template in declaration.objects or () for property in template),
        )
        return Contents(
            name,
            declaration.entity,
            parent,
            make,
            names=names,
            key=declaration.key,
            single=declaration.single,
            unlisted=declaration.unlisted,
        )

    def _made_contents_of(self, name: str) -> tuple[Callable[[Above], list[Value]], frozenset[str]] | None:
        made = self._registrations
        return {
            "authenticationMethods": (made.methods_of, registrations.METHOD_NAMES),
            "authenticationRequirements": (made.requirements_of, registrations.REQUIREMENT_NAMES),
            "userSettings": (made.settings_of, registrations.SETTINGS_NAMES),
        }.get(name)

    def _maker_of(self, declaration: Declaration) -> Callable[[Above], list[Value]]:
        name, templates = declaration.collection, self._templates_of(declaration)
        among = frozenset(self._template.text(id, Spot(name, 0)) for id in declaration.among)
        everywhere = not among and declaration.share is None
        share = declaration.share or 0

        def make(above: Above) -> list[Value]:
            if not (everywhere or above[-1] in among or Draw(self._plan.seed, name, *above).chance(share)):
                return []
            return [self._filled(template, Spot(name, number, above)) for number, template in enumerate(templates)]

        return make

    def _filled(self, template: Value, spot: Spot) -> Value:
        value = self._template.value(template, spot)
        value.pop(LINKS, None)
        return value
