"""The collections through which a tenant is taken over, in the order in which a reader should look at them.

Source: what grants power over the directory (roles), decides who gets in (conditional access, sign-in methods),
lets an application act (consent, app roles, credentials) or lets another party in (federation, partners).
"""

from __future__ import annotations

from collections.abc import Sequence

PRIVILEGED = (
    "roleAssignments",
    "roleEligibilitySchedules",
    "roleAssignmentSchedules",
    "roleDefinitions",
    "roleManagementPolicies",
    "roleManagementPolicyAssignments",
    "directoryRoles",
    "scopedRoleMembers",
    "conditionalAccessPolicies",
    "deletedConditionalAccessPolicies",
    "namedLocations",
    "authenticationStrengthPolicies",
    "authenticationMethodsPolicy",
    "identitySecurityDefaultsEnforcementPolicy",
    "authorizationPolicy",
    "oauth2PermissionGrants",
    "permissionGrantPolicies",
    "federatedIdentityCredentials",
    "appRoleAssignments",
    "crossTenantAccessPolicy",
    "crossTenantAccessPolicyPartners",
    "federationConfiguration",
    "domains",
)
POWERS_SHOWN = 5
"""Roles and permissions behind a new credential that a sentence names; the rest is counted."""
_RANKS = {name: rank for rank, name in enumerate(PRIVILEGED)}
_HOLDERS_RANK = _RANKS["roleDefinitions"]


def is_privileged(collection: str) -> bool:
    """Whether a change in the collection can hand over power in the tenant."""
    return collection in _RANKS


def power_sentence(powers: Sequence[str]) -> str:
    """Why a new credential counts as privileged. `powers` are the roles and permissions behind it."""
    shown = ", ".join(powers[:POWERS_SHOWN])
    rest = len(powers) - POWERS_SHOWN
    return f"whoever has the new secret or certificate can act with {shown}{f' and {rest} more' if rest > 0 else ''}"


def reading_order(collection: str) -> tuple[int, str]:
    """Sort key: privileged collections in the order above, then the others by name."""
    return _RANKS.get(collection, len(_RANKS)), collection


def reading_order_of_object(collection: str, privileged: bool) -> tuple[int, str]:
    """Sort key of one object: one that holds power in a collection that grants none stands beside the assignments."""
    if privileged and collection not in _RANKS:
        return _HOLDERS_RANK, collection
    return reading_order(collection)
