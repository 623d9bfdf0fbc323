"""Everything that is in the simulated tenant at one time: its collections and the links between their objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from recovery.rehearsal.population import access, named_locations, organisation, plans, policies, roles, strengths
from recovery.rehearsal.population.activity import ActivityLog
from recovery.rehearsal.population.applications import Applications
from recovery.rehearsal.population.assigned_roles import AssignedRoles
from recovery.rehearsal.population.blueprint import NO_MORE, AtLeast, blueprint_of
from recovery.rehearsal.population.clock import Clock
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.contents import Contents
from recovery.rehearsal.population.declared import Declared
from recovery.rehearsal.population.derived_links import DerivedLinks
from recovery.rehearsal.population.devices import Devices
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.extensions import Extensions
from recovery.rehearsal.population.grants import grants_of
from recovery.rehearsal.population.groups import Groups
from recovery.rehearsal.population.journal import Journal
from recovery.rehearsal.population.links import Links
from recovery.rehearsal.population.people import People
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.population.principals import Principals
from recovery.rehearsal.population.rules import manager_rule, owner_rule, sponsor_rule
from recovery.rehearsal.population.shadow import Shadow
from recovery.rehearsal.population.template import Above
from recovery.rehearsal.population.units import Units

Value = dict[str, Any]

DIRECTORY_TYPES = {
    "users": "user",
    "groups": "group",
    "devices": "device",
    "servicePrincipals": "servicePrincipal",
    "applications": "application",
    "administrativeUnits": "administrativeUnit",
}
"""Collections whose objects can be targets of links, with their Graph types."""

RECYCLE_BINS = {
    "users": "deletedUsers",
    "groups": "deletedGroups",
    "applications": "deletedApplications",
    "servicePrincipals": "deletedServicePrincipals",
    "administrativeUnits": "deletedAdministrativeUnits",
    "conditionalAccessPolicies": "deletedConditionalAccessPolicies",
    "namedLocations": "deletedNamedLocations",
}
"""Where a soft-deleted object of a collection goes."""


class Population:
    """A seeded tenant. Users, groups, devices, applications and service principals are built when asked for."""

    def __init__(
        self, users: int, seed: int, granted: tuple[str, ...] = READ_ROLES, at_least: AtLeast = NO_MORE
    ) -> None:
        self.plan = plan = blueprint_of(users, seed, at_least)
        self.people = People(plan)
        self.groups = Groups(plan, self.people)
        self.devices = Devices(plan)
        self.applications = Applications(plan)
        self.principals = Principals(plan, self.applications)
        self.units = Units(plan, self.people)
        self.links = Links()
        self.collections: dict[str, Collection] = {}
        self.contents: dict[str, Contents] = {}
        self.extensions = Extensions()
        self._assigned = AssignedRoles(plan, self.people, self.groups, self.principals, granted)
        self._open_collections()
        self._link_people()
        self._link_groups_and_units()
        self._link_applications()
        self._open_declared()
        self._open_journal()

    def kind_of(self, id: str) -> str | None:
        """The collection of a live directory object, or None."""
        return next((name for name in DIRECTORY_TYPES if id in self.collections[name]), None)

    def type_of(self, id: str) -> str | None:
        """The Graph type of a directory object that is live or in a recycle bin, or None."""
        for name, entity in DIRECTORY_TYPES.items():
            bin = self.collections.get(RECYCLE_BINS.get(name, ""))
            if id in self.collections[name] or (bin is not None and id in bin):
                return entity
        return None

    def collection(self, name: str, above: Above = ()) -> Collection:
        """A collection, or what of a contained one the object at `above` contains.

        Raises: KeyError (an id) when an object of `above` does not exist.
        """
        contents = self.contents.get(name)
        if contents is None:
            return self.collections[name]
        if above[-1] not in self.collection(contents.parent, above[:-1]):
            raise KeyError(above[-1])
        return contents.within(above)

    def lineage_of(self, name: str) -> tuple[str, ...]:
        """The collections that contain a contained one's objects, from the outermost down."""
        contents = self.contents.get(name)
        return () if contents is None else (*self.lineage_of(contents.parent), contents.parent)

    def shadows_of(self, name: str) -> list[Shadow]:
        """The collections that Graph derives from one."""
        return [each for each in self._shadows if each.source.name == name]

    def contained_in(self, name: str, id: str) -> Iterator[tuple[str, str, Above]]:
        """Collection, id and flat parent of everything that an object contains, of any depth, by what is declared.

        What is unlisted is left out.
        """
        yield from self._contained_below((name,), (id,))

    def _contained_below(self, names: tuple[str, ...], above: Above) -> Iterator[tuple[str, str, Above]]:
        for contents in self.contents.values():
            if contents.parent == names[-1] and not contents.unlisted:
                parent = tuple(text for pair in zip(names, above, strict=True) for text in pair)
                for child in contents.within(above):
                    yield contents.name, child, parent
                    yield from self._contained_below((*names, contents.name), (*above, child))

    def _open_journal(self) -> None:
        self.clock = Clock()
        self.journal = Journal(self.clock, self.type_of)
        self.activities = ActivityLog(self.clock, self.plan.seed)
        self.links.journal = self.journal
        for collection in self.collections.values():
            collection.journal = self.journal
        for contents in self.contents.values():
            contents.journal = self.journal
        self.extensions.open(self.collections["applications"], self.contents["extensionProperties"], self.journal)

    def _open(self, name: str, entity: str, **content: Any) -> None:
        self.collections[name] = Collection(name, entity, **content)

    def _open_collections(self) -> None:
        plan = self.plan
        for name, entity, count, make in (
            ("users", "user", plan.users, self.people.value),
            ("groups", "group", plan.groups, self.groups.value),
            ("devices", "device", plan.devices, self.devices.value),
            ("applications", "application", plan.applications, self.applications.value),
            ("servicePrincipals", "servicePrincipal", plan.principals, self.principals.value),
            ("administrativeUnits", "administrativeUnit", plan.units, self.units.value),
        ):
            valued = self.extensions.valued(name, make)
            self._open(name, entity, ids=plan.ids_of(name, 0, count), make=valued)
            if name in RECYCLE_BINS:
                end = count + (plan.deleted if name in ("users", "groups") else 1)
                binned = partial(_binned_of, plan.seed, name, valued, count)
                self._open(RECYCLE_BINS[name], entity, ids=plan.ids_of(name, count, end), make=binned)
        assigned = self._assigned
        self._open("appRoleAssignments", "appRoleAssignment", ids=assigned.ids(), make=assigned.value)
        self._open_policies()

    def _open_policies(self) -> None:
        plan = self.plan
        for name, entity, values in (
            (
                "federatedIdentityCredentials",
                "federatedIdentityCredential",
                [fic for i in range(plan.applications) for fic in self.applications.federated_credentials_of(i)],
            ),
            (
                "scopedRoleMembers",
                "scopedRoleMembership",
                [role for i in range(plan.units) for role in self.units.scoped_roles_of(i)],
            ),
            ("oauth2PermissionGrants", "oAuth2PermissionGrant", grants_of(plan, self.principals)),
            ("roleDefinitions", "unifiedRoleDefinition", roles.definitions_of(plan)),
            ("roleAssignments", "unifiedRoleAssignment", roles.role_assignments_of(plan)),
            ("roleEligibilitySchedules", "unifiedRoleEligibilitySchedule", roles.eligibilities_of(plan)),
            ("conditionalAccessPolicies", "conditionalAccessPolicy", access.policies_of(plan)),
            ("namedLocations", "namedLocation", named_locations.locations_of(plan)),
            (
                "deletedConditionalAccessPolicies",
                "conditionalAccessPolicy",
                [
                    {
                        **access.policy_of(plan, 90, access.RULES[1]),
                        "displayName": "CA001 old",
                        "state": "disabled",
                        "deletedDateTime": "2026-10-20T08:09:10.1112131Z",
                    }
                ],
            ),
            ("deletedNamedLocations", "namedLocation", []),
        ):
            self._open(name, entity, values=values)
        self._open_settings()

    def _open_settings(self) -> None:
        plan = self.plan
        for name, entity, values in (
            ("authenticationStrengthPolicies", "authenticationStrengthPolicy", strengths.strengths_of(plan)),
            ("authenticationMethodsPolicy", "authenticationMethodsPolicy", [policies.authentication_methods_of(plan)]),
            ("authorizationPolicy", "authorizationPolicy", [policies.authorization_policy()]),
            ("crossTenantAccessPolicy", "crossTenantAccessPolicy", [policies.cross_tenant_policy_of(plan)]),
            (
                "crossTenantAccessPolicyDefault",
                "crossTenantAccessPolicyConfigurationDefault",
                [policies.cross_tenant_default()],
            ),
            ("organization", "organization", [organisation.organisation_of(plan)]),
            ("domains", "domain", organisation.domains_of(plan)),
            ("subscribedSkus", "subscribedSku", plans.subscribed_skus_of(plan.tenant_id, plan.users)),
        ):
            self._open(name, entity, values=values)
        self._open(
            "crossTenantAccessPolicyPartners",
            "crossTenantAccessPolicyConfigurationPartner",
            key="tenantId",
            values=policies.cross_tenant_partners_of(plan),
        )

    def _open_declared(self) -> None:
        declared = Declared(self.plan)
        self.contents = {contents.name: contents for contents in declared.contents()}
        for collection in declared.collections(self.collections):
            self.collections[collection.name] = collection
        self._shadows = [each for each in self.collections.values() if isinstance(each, Shadow)]
        assignments = self.collections["roleAssignments"]
        for each in declared.links([assignments.value(id) for id in assignments]):
            self.links.put(*each)

    def _link_people(self) -> None:
        people, devices = manager_rule(self.plan, self.people), owner_rule(self.plan, self.devices)
        for collection, relation, rule in (
            ("users", "manager", people),
            ("users", "sponsors", sponsor_rule(self.plan, self.people)),
            ("devices", "registeredOwners", devices),
            ("devices", "registeredUsers", devices),
        ):
            sources, targets = self.collections[collection], self.collections["users"]
            if any(map(rule.targets_of, range(len(sources)))):
                self.links.derive(collection, relation, DerivedLinks(self.plan, sources, targets, rule))

    def _link_groups_and_units(self) -> None:
        plan, put = self.plan, self.links.put
        for index, id in enumerate(plan.ids_of("groups", 0, plan.groups)):
            put("groups", "members", id, self.groups.members_of(index))
            put("groups", "owners", id, self.groups.owners_of(index))
        for index, id in enumerate(plan.ids_of("administrativeUnits", 0, plan.units)):
            put("administrativeUnits", "members", id, self.units.members_of(index))
            put("administrativeUnits", "scopedRoleMembers", id, [r["id"] for r in self.units.scoped_roles_of(index)])

    def _link_applications(self) -> None:
        plan, links = self.plan, self.links
        for index, id in enumerate(plan.ids_of("applications", 0, plan.applications)):
            links.put("applications", "owners", id, self.applications.owners_of(index))
            links.put(
                "applications",
                "federatedIdentityCredentials",
                id,
                [fic["id"] for fic in self.applications.federated_credentials_of(index)],
            )
        for index, id in enumerate(plan.ids_of("servicePrincipals", 0, plan.principals)):
            links.put("servicePrincipals", "owners", id, self.principals.owners_of(index))
        for link in self._assigned.links(self.collections["appRoleAssignments"]):
            links.put(*link)


def _binned_of(seed: int, name: str, make: Callable[[int], Value], first: int, place: int) -> Value:
    """An object that was deleted before the first day; those of a collection have the numbers from `first` on."""
    number = first + place
    return {**make(number), "deletedDateTime": Draw(seed, name, "bin", number).past(28)}
