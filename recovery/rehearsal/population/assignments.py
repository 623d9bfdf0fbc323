"""Who may use which enterprise application: `appRoleAssignment` objects, read from the resource's side."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any, NamedTuple
from uuid import UUID

from recovery.rehearsal.population.applications import ARCHIVER, DEPLOYER, MAIL_TOOL
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS, FURTHER_READ_ROLES
from recovery.rehearsal.population.principals import FIRST_PARTY, Principals

Value = dict[str, Any]

DEFAULT_ROLE_ID = "00000000-0000-0000-0000-000000000000"
"""appRoleId of an assignment to an application that publishes no role (Graph documentation of appRoleAssignment)."""

KINDS = {"users": "User", "groups": "Group", "servicePrincipals": "ServicePrincipal"}


class Assignment(NamedTuple):
    """One assignment, small enough to keep by the hundred thousand."""

    resource: int
    collection: str
    principal: int
    role_id: str


def assignment_id_of(principal_id: str, *name: object) -> str:
    """Entra's form: URL-safe base64 of the principal's GUID bytes and 16 more, without padding."""
    return (
        urlsafe_b64encode(UUID(principal_id).bytes_le + bytes_of(16, "assignment", principal_id, *name))
        .rstrip(b"=")
        .decode()
    )


def assignments_of(plan: Blueprint, principals: Principals, granted: tuple[str, ...]) -> list[Assignment]:
    """All assignments of the first day; `granted` are the archiver's own permissions on Microsoft Graph."""
    graph = principals.graph_index
    own = [name for name in granted if name in APPLICATION_PERMISSIONS]
    roles = [(ARCHIVER, name) for name in own if name not in FURTHER_READ_ROLES]
    roles += [(DEPLOYER, "Application.ReadWrite.All"), (DEPLOYER, "AppRoleAssignment.ReadWrite.All")]
    roles += [(MAIL_TOOL, "Mail.ReadWrite")]
    found = [Assignment(graph, "servicePrincipals", app, APPLICATION_PERMISSIONS[name]) for app, name in roles]
    first_gallery = plan.applications + len(FIRST_PARTY)
    for resource in range(first_gallery, plan.principals):
        draw = Draw(plan.seed, "assignments", resource)
        role = principals.roles_of(resource)[0]["id"]
        people = min(int(5 / draw.share() ** 0.8), max(1, plan.users // 4))
        found += [
            Assignment(resource, "users", n, role) for n in dict.fromkeys(draw.below(plan.users) for _ in range(people))
        ]
        found += [
            Assignment(resource, "groups", n, role)
            for n in dict.fromkeys(draw.below(plan.groups) for _ in range(draw.below(4)))
        ]
    for app in range(5, plan.applications, 5):
        draw = Draw(plan.seed, "own assignments", app)
        found += [
            Assignment(app, "users", draw.below(plan.users), DEFAULT_ROLE_ID),
            Assignment(app, "servicePrincipals", draw.below(plan.applications), principals.roles_of(app)[0]["id"]),
        ]
    # At the end: an assignment's place decides its date, and more grants must not move those of others.
    further = [name for name in own if name in FURTHER_READ_ROLES]
    return found + [Assignment(graph, "servicePrincipals", ARCHIVER, APPLICATION_PERMISSIONS[name]) for name in further]


def assignment_value_of(
    id: str,
    principal_id: str,
    kind: str,
    principal_name: str,
    resource_id: str,
    resource_name: str,
    role_id: str,
    created_at: str,
) -> Value:
    """A `microsoft.graph.appRoleAssignment` as Graph sends it; `kind` is User, Group or ServicePrincipal."""
    return {
        "id": id,
        "deletedDateTime": None,
        "appRoleId": role_id,
        "createdDateTime": created_at,
        "principalDisplayName": principal_name,
        "principalId": principal_id,
        "principalType": kind,
        "resourceDisplayName": resource_name,
        "resourceId": resource_id,
    }
