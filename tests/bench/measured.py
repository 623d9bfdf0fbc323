"""What is measured: the collections that grow with a tenant, and the policies that were there from the beginning."""

from __future__ import annotations

MEASURED = (
    "organization",
    "domains",
    "subscribedSkus",
    "users",
    "deletedUsers",
    "groups",
    "deletedGroups",
    "administrativeUnits",
    "deletedAdministrativeUnits",
    "devices",
    "-devices.registeredOwners",
    "-devices.registeredUsers",
    "roleDefinitions",
    "roleAssignments",
    "roleEligibilitySchedules",
    "applications",
    "-applications.logo",
    "deletedApplications",
    "federatedIdentityCredentials",
    "servicePrincipals",
    "deletedServicePrincipals",
    "appRoleAssignments",
    "oauth2PermissionGrants",
    "conditionalAccessPolicies",
    "namedLocations",
    "deletedConditionalAccessPolicies",
    "deletedNamedLocations",
    "authenticationStrengthPolicies",
    "authenticationMethodsPolicy",
    "authorizationPolicy",
    "crossTenantAccessPolicy",
    "crossTenantAccessPolicyDefault",
    "crossTenantAccessPolicyPartners",
)
"""A choice as `export.collections` takes it. The rest of a tenant is some hundred objects of configuration, the links
of devices, each with one target, and what waits for limits of its own; numbers of two versions can be compared only
over the same collections."""
