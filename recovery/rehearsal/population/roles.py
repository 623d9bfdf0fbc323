"""Directory roles: definitions, assignments and eligibilities (Privileged Identity Management)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from recovery.rehearsal.population.applications import DEPLOYER
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, guid_of
from recovery.rehearsal.population.groups import AUTOMATION, TIER_ZERO

Value = dict[str, Any]

BUILT_IN_ROLES = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Conditional Access Administrator": "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Security Operator": "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "Application Developer": "cf1c38e5-3621-4004-a7cb-879624dced7c",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Password Administrator": "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "Groups Administrator": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Authentication Policy Administrator": "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Hybrid Identity Administrator": "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
    "Intune Administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "SharePoint Administrator": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    "Teams Administrator": "69091246-20e8-4a56-aa4d-066075b2a7a8",
    "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "License Administrator": "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Directory Synchronization Accounts": "d29b2b05-8046-44ba-8758-1e26182fcf32",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Compliance Administrator": "17315797-102d-40b4-93e0-432062caca18",
    "Identity Governance Administrator": "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e",
}
"""Template ids, which are also the definition ids, of 30 of the built-in roles."""

_CUSTOM = ("Application support (custom)", "Device label reader (custom)")

_ADMINISTRATORS = (
    (0, "Global Administrator"),
    (1, "Global Administrator"),
    (2, "Global Administrator"),
    (3, "Conditional Access Administrator"),
    (4, "Security Administrator"),
    (5, "User Administrator"),
    (6, "Helpdesk Administrator"),
    (7, "Global Reader"),
    (8, "Exchange Administrator"),
    (9, "Reports Reader"),
)
_ELIGIBLE = (
    (3, "Global Administrator"),
    (4, "Privileged Role Administrator"),
    (5, "Application Administrator"),
    (6, "User Administrator"),
    (10, "Intune Administrator"),
    (11, "Teams Administrator"),
)


def definitions_of(plan: Blueprint) -> list[Value]:
    """Built-in role definitions and two custom ones."""
    values = [
        _definition(id, name, True, ["microsoft.directory/" + name.replace(" ", "").lower() + "/allTasks"])
        for name, id in BUILT_IN_ROLES.items()
    ]
    for number, name in enumerate(_CUSTOM):
        actions = ["microsoft.directory/applications/credentials/update", "microsoft.directory/devices/labels/read"]
        values.append(_definition(custom_role_id_of(plan, number), name, False, actions[number : number + 1]))
    return values


def custom_role_id_of(plan: Blueprint, number: int) -> str:
    return guid_of(plan.seed, "custom role", number)


def role_assignment_of(role_id: str, principal_id: str, scope: str, organisation_id: str) -> Value:
    """A `unifiedRoleAssignment`; `scope` is `/`, `/administrativeUnits/ID` or `/ID` of an application."""
    seed = UUID(role_id).bytes_le + UUID(guid_of(role_id, principal_id, scope)).bytes_le
    return {
        "id": urlsafe_b64encode(seed).rstrip(b"=").decode() + "-1",
        "appScopeId": None,
        "condition": None,
        "directoryScopeId": scope,
        "principalId": principal_id,
        "principalOrganizationId": organisation_id,
        "roleDefinitionId": role_id,
        "resourceScope": scope,
    }


def role_assignments_of(plan: Blueprint) -> list[Value]:
    """Active assignments: administrators, a group, a service principal, one custom role, and a reader per 500 users."""
    people = [(plan.id_of("users", n), role, "/") for n, role in _ADMINISTRATORS if n < plan.users]
    people += [(plan.id_of("users", n), "Directory Readers", "/") for n in range(40, plan.users, 500)]
    people.append((plan.id_of("groups", TIER_ZERO), "Privileged Role Administrator", "/"))
    people.append((plan.id_of("groups", AUTOMATION), "Groups Administrator", "/"))
    people.append((plan.id_of("servicePrincipals", DEPLOYER), "Cloud Application Administrator", "/"))
    values = [role_assignment_of(BUILT_IN_ROLES[role], who, scope, plan.tenant_id) for who, role, scope in people]
    scope = f"/{plan.id_of('applications', DEPLOYER)}"
    values.append(
        role_assignment_of(
            custom_role_id_of(plan, 0), plan.id_of("users", min(5, plan.users - 1)), scope, plan.tenant_id
        )
    )
    return values


def eligibilities_of(plan: Blueprint) -> list[Value]:
    """`unifiedRoleEligibilitySchedule` objects: who may activate which role, some without an end."""
    values = []
    for number, (user, role) in enumerate(_ELIGIBLE):
        if user >= plan.users:
            continue
        draw = Draw(plan.seed, "eligibility", number)
        created, id = draw.past(500), guid_of(plan.seed, "eligibility", number)
        ends = number % 2 == 1
        values.append(
            {
                "id": id,
                "principalId": plan.id_of("users", user),
                "roleDefinitionId": BUILT_IN_ROLES[role],
                "directoryScopeId": "/",
                "appScopeId": None,
                "createdUsing": id,
                "createdDateTime": created,
                "modifiedDateTime": None,
                "status": "Provisioned",
                "memberType": "Direct",
                "scheduleInfo": {
                    "startDateTime": created,
                    "recurrence": None,
                    "expiration": {
                        "type": "afterDateTime" if ends else "noExpiration",
                        "endDateTime": "2027-06-30T00:00:00Z" if ends else None,
                        "duration": None,
                    },
                },
            }
        )
    return values


def _definition(id: str, name: str, built_in: bool, actions: list[str]) -> Value:
    return {
        "id": id,
        "description": f"Can do what {name} does.",
        "displayName": name,
        "isBuiltIn": built_in,
        "isEnabled": True,
        "resourceScopes": ["/"],
        "templateId": id,
        "version": "1" if built_in else None,
        "rolePermissions": [{"allowedResourceActions": actions, "condition": None, "excludedResourceActions": []}],
        "allowedPrincipalTypes": None,
        "isPrivileged": "Administrator" in name and built_in,
    }
