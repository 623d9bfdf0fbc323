"""What an added or removed object is: the few attributes that identify it, and those that make it dangerous."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recovery.attribute import Value
from recovery.kind_of_object import BINS

COUNTED: Final[dict[str, str]] = {"passwordCredentials": "secrets", "keyCredentials": "certificates"}
"""Lists of which the number is told, under this name: what is in them identifies nobody."""

TRAITS: Final[dict[str, tuple[str, ...]]] = {
    "users": (
        "userPrincipalName",
        "userType",
        "accountEnabled",
        "externalUserState",
        "mail",
        "onPremisesSyncEnabled",
    ),
    "groups": (
        "mail",
        "groupTypes",
        "securityEnabled",
        "isAssignableToRole",
        "membershipRule",
        "onPremisesSyncEnabled",
    ),
    "devices": (
        "operatingSystem",
        "operatingSystemVersion",
        "trustType",
        "accountEnabled",
        "isCompliant",
        "onPremisesSyncEnabled",
    ),
    "administrativeUnits": ("membershipType", "membershipRule", "isMemberManagementRestricted", "visibility"),
    "applications": ("appId", *COUNTED, "signInAudience", "publisherDomain"),
    "servicePrincipals": (
        "appId",
        *COUNTED,
        "signInAudience",
        "servicePrincipalType",
        "appOwnerOrganizationId",
        "accountEnabled",
    ),
    "authenticationStrengthPolicies": ("policyType", "allowedCombinations"),
    "authenticationMethodsPolicy": ("policyVersion", "policyMigrationState"),
    "authorizationPolicy": ("allowInvitesFrom", "guestUserRoleId", "blockMsolPowerShell"),
    "crossTenantAccessPolicy": ("allowedCloudEndpoints",),
    "crossTenantAccessPolicyDefault": ("isServiceDefault",),
    "organization": ("tenantType", "country", "onPremisesSyncEnabled"),
    "domains": ("authenticationType", "isVerified", "isDefault"),
    "subscribedSkus": ("capabilityStatus", "appliesTo"),
    "conditionalAccessPolicies": ("state",),
    "namedLocations": ("isTrusted", "countriesAndRegions", "ipRanges"),
}
"""By collection, in the order of reading; a recycle bin has those of the collection that it belongs to, and what is not
here has COMMON."""


COMMON: Final[tuple[str, ...]] = (
    "description",
    "state",
    "status",
    "isEnabled",
    "isBuiltIn",
    "policyType",
    "principalId",
    "roleDefinitionId",
    "createdDateTime",
)
"""Of every other collection that is not shown whole: what Graph's configuration objects tend to have."""


def traits_of(collection: str, value: Value) -> dict[str, Value]:
    """The traits that an object has, by name; what is null, empty or none is left out."""
    if not isinstance(value, Mapping):
        return {}
    names = TRAITS.get(BINS.get(collection, collection), COMMON)
    found = {COUNTED.get(name, name): _told(name, value.get(name)) for name in names}
    if collection in BINS:
        found["deletedDateTime"] = value.get("deletedDateTime")
    return {name: told for name, told in found.items() if told is not None and told not in ("", [], {})}


def _told(name: str, value: Value) -> Value:
    if name in COUNTED:
        return len(value) or None if isinstance(value, list) else None
    return value
