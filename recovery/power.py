"""Which objects hold power over the directory by themselves, whatever collection they lie in.

Decided from the objects that differ and from the collections of role assignments, which are small: a difference of
a large tenant stays as quick as what changed in it. Who has permissions is read only where an application got a
credential or an owner.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from recovery.attribute import Value
from recovery.enterprise_application import GRAPH_APP_ID, EnterpriseApplications, ServicePrincipal
from recovery.object_scan import objects_in
from recovery.reports.privilege import is_privileged
from verify.snapshot import VerifiedSnapshot

BY_COLLECTION: Final = "collection"
"""Every object of the collection counts: it grants power, or decides who gets in."""
ASSIGNABLE_GROUP: Final = "role-assignable group"
"""Directory roles can be assigned to the group: whoever joins it, or owns it, has what it has.

Source: https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
"""
ROLE_HOLDER: Final = "holds a directory role"
"""A role is assigned to the object, or it may activate one, in either snapshot."""

ROLE_SOURCES: Final = ("roleAssignments", "roleEligibilitySchedules")
"""Collections that say who holds a directory role, or may activate one."""
POWER_SOURCES: Final = ("appRoleAssignments", *ROLE_SOURCES, "servicePrincipals")
"""Collections that say which applications hold power."""
HOLDING: Final = frozenset(
    {"users", "groups", "servicePrincipals", "deletedUsers", "deletedGroups", "deletedServicePrincipals"}
)
"""Collections whose objects may hold a directory role."""

_GROUPS = ("groups", "deletedGroups")


class Power:
    """Who holds power before or after. What says so is read when it is first asked for."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot, applications: EnterpriseApplications) -> None:
        self._snapshots = tuple(dict.fromkeys((before, after)))
        self._applications = applications
        self._roles: dict[str, set[str]] | None = None
        self._names_of_roles: dict[str, str] | None = None
        self._permissions: dict[str, set[str]] | None = None

    def of_object(self, collection: str, id_: str, value: Value) -> str | None:
        """Why a change of this object counts as privileged, or None. `value` is the object itself.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        if is_privileged(collection):
            return BY_COLLECTION
        if collection in _GROUPS and isinstance(value, Mapping) and value.get("isAssignableToRole") is True:
            return ASSIGNABLE_GROUP
        return ROLE_HOLDER if collection in HOLDING and id_ in self._role_holders() else None

    def of_application(self, collection: str, id_: str, value: Value) -> Sequence[str]:
        """What an application or a service principal can act with: directory roles, and permissions of Microsoft
        Graph that do more than read, in either snapshot.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        principal_id = principal_of(self._applications, collection, id_, value)
        if principal_id is None:
            return ()
        return [*self._role_names(principal_id), *self._permissions_of(principal_id)]

    def _role_names(self, principal_id: str) -> list[str]:
        roles = self._role_holders().get(principal_id, frozenset())
        if roles and self._names_of_roles is None:
            known = [role for one in self._snapshots for role in objects_in(one, "roleDefinitions")]
            self._names_of_roles = {str(role.get("id")): str(role.get("displayName")) for role in known}
        names = self._names_of_roles or {}
        return sorted(names.get(role, role) for role in roles)

    def _permissions_of(self, principal_id: str) -> list[str]:
        if self._permissions is None:
            self._permissions = {}
            if graph := self._applications.of_app(GRAPH_APP_ID):
                for id_, word in itertools.chain(*(_permissions_in(one, graph) for one in self._snapshots)):
                    self._permissions.setdefault(id_, set()).add(word)
        return sorted(self._permissions.get(principal_id, ()))

    def _role_holders(self) -> Mapping[str, Set[str]]:
        """The ids of the roles that each principal has or may activate."""
        if self._roles is None:
            self._roles = {}
            for snapshot, collection in itertools.product(self._snapshots, ROLE_SOURCES):
                for assignment in objects_in(snapshot, collection):
                    if isinstance(id_ := assignment.get("principalId"), str):
                        self._roles.setdefault(id_, set()).add(str(assignment.get("roleDefinitionId")))
        return self._roles


def principal_of(applications: EnterpriseApplications, collection: str, id_: str, value: Value) -> str | None:
    """The id by which an application, or a service principal, holds power; None where no service principal is known.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    if collection != "applications":
        return id_
    principal = applications.of_app(value.get("appId") if isinstance(value, Mapping) else None)
    return principal.id if principal is not None else None


def _permissions_in(snapshot: VerifiedSnapshot, graph: ServicePrincipal) -> Iterator[tuple[str, str]]:
    """Who has which of Graph's permissions that do more than read; assignments of other resources are passed over."""
    for assignment in objects_in(snapshot, "appRoleAssignments", graph.id.encode("utf-8", "surrogatepass")):
        word = graph.app_roles.get(str(assignment.get("appRoleId")), "")
        if assignment.get("resourceId") == graph.id and may_write(word):
            yield str(assignment.get("principalId")), word


def may_write(permission: str) -> bool:
    """Whether a permission of Microsoft Graph lets an application do more than read: `Mail.Send`, `User.ReadWrite.All`.

    Its second word says what it allows. Source: https://learn.microsoft.com/graph/permissions-overview
    """
    _, _, rest = permission.partition(".")
    operation = rest.partition(".")[0]
    return bool(operation) and (not operation.startswith("Read") or "Write" in operation)
