"""Named attack scripts, written for a tenant as its seed made it."""

from __future__ import annotations

from recovery.rehearsal.altering.attack import Operation
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.access import RULES, policy_id_of
from recovery.rehearsal.population.applications import DEPLOYER, MAIL_TOOL
from recovery.rehearsal.population.groups import SPECIALS, TIER_ZERO
from recovery.rehearsal.population.named_locations import ALLOWED_COUNTRIES, location_id_of
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS
from recovery.rehearsal.population.population import Population
from recovery.rehearsal.population.roles import BUILT_IN_ROLES

TWO_CHANGES_AND_AN_ATTACK = "two-changes-and-an-attack"
STORIES = (TWO_CHANGES_AND_AN_ATTACK,)

SMALLEST_STORY_TENANT_USERS = 40
"""Users that a story needs: it deletes some that are neither administrators nor services."""


def story_of(name: str, population: Population) -> list[Operation]:
    """The script called `name`.

    Raises: ScriptError when there is none, or the tenant is too small for it.
    """
    if name not in STORIES:
        raise ScriptError(f"there is no story {name!r}; known are {', '.join(STORIES)}")
    if population.plan.users < SMALLEST_STORY_TENANT_USERS:
        raise ScriptError(
            f"the story needs {SMALLEST_STORY_TENANT_USERS} users, the tenant was made with {population.plan.users}"
        )
    return [*_well_meant(population), *_hostile(population)]


def _well_meant(population: Population) -> list[Operation]:
    """The service desk moves somebody, and an administrator allows one more country."""
    plan = population.plan
    return [
        {
            "op": "set",
            "collection": "users",
            "id": plan.id_of("users", 17),
            "attribute": "department",
            "value": "Treasury",
        },
        {
            "op": "set",
            "collection": "users",
            "id": plan.id_of("users", 17),
            "attribute": "jobTitle",
            "value": "Treasurer",
        },
        {
            "op": "set",
            "collection": "namedLocations",
            "id": location_id_of(plan, ALLOWED_COUNTRIES),
            "attribute": "/countriesAndRegions/-",
            "value": "DE",
        },
    ]


def _hostile(population: Population) -> list[Operation]:
    """An intruder disables multifactor authentication, makes himself at home in five ways, and destroys."""
    plan = population.plan
    mfa = next(n for n, rule in enumerate(RULES) if rule.name.startswith("CA000"))
    legacy = next(n for n, rule in enumerate(RULES) if rule.name.startswith("CA002"))
    guest = plan.id_of("users", 39)
    return [
        {"op": "weaken-policy", "id": policy_id_of(plan, mfa), "state": "disabled"},
        {
            "op": "weaken-policy",
            "id": policy_id_of(plan, legacy),
            "state": "enabledForReportingButNotEnforced",
            "exclude_user_id": guest,
        },
        {"op": "plant-role-assignment", "principal_id": guest, "role_id": BUILT_IN_ROLES["Global Administrator"]},
        {"op": "add-member", "group_id": plan.id_of("groups", TIER_ZERO), "member_id": guest},
        {
            "op": "plant-consent-grant",
            "client_id": plan.id_of("servicePrincipals", MAIL_TOOL),
            "scope": "openid profile offline_access Mail.ReadWrite Mail.Send Files.Read.All",
        },
        {
            "op": "add-federated-credential",
            "id": plan.id_of("applications", DEPLOYER),
            "issuer": "https://token.evil.example",
            "subject": "system:serviceaccount:default:runner",
            "name": "pipeline-backup",
        },
        {
            "op": "plant-app-role",
            "principal_id": plan.id_of("servicePrincipals", MAIL_TOOL),
            "role_id": APPLICATION_PERMISSIONS["RoleManagement.ReadWrite.Directory"],
        },
        {"op": "soft-delete", "collection": "groups", "ids": [plan.id_of("groups", len(SPECIALS) + 2)]},
        {"op": "soft-delete", "collection": "users", "ids": [plan.id_of("users", n) for n in (33, 34, 35)]},
        {"op": "hard-delete", "collection": "users", "ids": [plan.id_of("users", n) for n in (36, 37)]},
    ]
