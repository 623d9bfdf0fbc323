"""The collections through which a tenant is taken over, in the order in which a reader should look at them.

Source: what grants power over the directory (roles), decides who gets in (conditional access, sign-in methods),
lets an application act (consent, app roles, credentials) or lets another party in (federation, partners).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

PRIVILEGED = (
    "roleAssignments",
    "roleEligibilitySchedules",
    "roleAssignmentSchedules",
    "roleDefinitions",
    "roleManagementPolicies",
    "roleManagementPolicyAssignments",
    "privilegedAccessGroupAssignmentSchedules",
    "privilegedAccessGroupEligibilitySchedules",
    "privilegedAccessGroupPolicies",
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
    "permissionGrantPolicyIncludes",
    "permissionGrantPolicyExcludes",
    "federatedIdentityCredentials",
    "appRoleAssignments",
    "crossTenantAccessPolicy",
    "crossTenantAccessPolicyPartners",
    "identitySynchronization",
    "federationConfiguration",
    "federationConfigurations",
    "identityProviders",
    "certificateBasedAuthConfiguration",
    "certificateBasedAuthConfigurations",
    "certificateAuthorities",
    "domains",
)
NEW_CREDENTIAL: Final = "new credential"
"""A secret or certificate was added to an application that holds power: whoever has it has that power."""
NEW_OWNER: Final = "new owner"
"""Somebody was made an owner of an application that holds power: an owner adds secrets and certificates to it.

Source: https://learn.microsoft.com/entra/identity/enterprise-apps/overview-assign-app-owners
"""
POWERS_SHOWN = 5
"""Roles and permissions behind a new credential or owner that a sentence names; the rest is counted."""
_WHO_CAN_ACT = {
    NEW_CREDENTIAL: "whoever has the new secret or certificate can act with",
    NEW_OWNER: "whoever owns it can give it a secret of his own, and then act with",
}
_RANKS = {name: rank for rank, name in enumerate(PRIVILEGED)}
_HOLDERS_RANK = _RANKS["roleDefinitions"]


def is_privileged(collection: str) -> bool:
    """Whether a change in the collection can hand over power in the tenant."""
    return collection in _RANKS


def power_sentence(reason: str, powers: Sequence[str]) -> str:
    """Why a new credential or a new owner counts as privileged. `powers` are the roles and permissions behind it."""
    shown = ", ".join(powers[:POWERS_SHOWN])
    rest = len(powers) - POWERS_SHOWN
    return f"{_WHO_CAN_ACT.get(reason, 'it can act with')} {shown}{f' and {rest} more' if rest > 0 else ''}"


def reading_order(collection: str) -> tuple[int, str]:
    """Sort key: privileged collections in the order above, then the others by name."""
    return _RANKS.get(collection, len(_RANKS)), collection


def reading_order_of_object(collection: str, privileged: bool) -> tuple[int, str]:
    """Sort key of one object: one that holds power in a collection that grants none stands beside the assignments."""
    if privileged and collection not in _RANKS:
        return _HOLDERS_RANK, collection
    return reading_order(collection)
