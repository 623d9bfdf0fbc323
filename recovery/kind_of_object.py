"""What the difference has to know about collections: where deleted objects go, and what names an object."""

from __future__ import annotations

from typing import Final

from archiver.graph.reference import UNRESOLVED
from verify.escrow_place import ESCROW

RECYCLE_BINS: Final[dict[str, str]] = {
    "users": "deletedUsers",
    "groups": "deletedGroups",
    "applications": "deletedApplications",
    "servicePrincipals": "deletedServicePrincipals",
    "administrativeUnits": "deletedAdministrativeUnits",
    "conditionalAccessPolicies": "deletedConditionalAccessPolicies",
    "namedLocations": "deletedNamedLocations",
    "certificateBasedAuthConfigurations": "deletedCertificateBasedAuthConfigurations",
    "certificateAuthorities": "deletedCertificateAuthorities",
    "workflows": "deletedWorkflows",
}
"""Collection to the collection of its deleted items, from which an object can be restored with its id."""

COLLECTIONS_OF_TYPE: Final[dict[str, str]] = {
    "#microsoft.graph.user": "users",
    "#microsoft.graph.group": "groups",
    "#microsoft.graph.application": "applications",
    "#microsoft.graph.servicePrincipal": "servicePrincipals",
    "#microsoft.graph.device": "devices",
    "#microsoft.graph.administrativeUnit": "administrativeUnits",
}
"""`@odata.type` of a relation's target to the collection that holds it."""

NAMED_BY_ID: Final[tuple[str, ...]] = (
    "users",
    "groups",
    "applications",
    "servicePrincipals",
    "devices",
    "administrativeUnits",
    "roleDefinitions",
)
"""Collections in which an id is looked up that stands in an attribute."""

MENTIONING: Final[tuple[str, ...]] = ("roleDefinitionId", "roleId", "resourceId", "clientId", "principalId")
"""Members that say what a nameless object is about."""

JUDGED_BY_VALUE: Final = frozenset({"users", "groups", "devices", "administrativeUnits", "applications"})
"""Collections whose objects say what a change of their links means: a role behind them, a rule that decides, the
application whose permissions an owner gets at, a directory elsewhere that has authority."""

SHOWN_WHOLE: Final[frozenset[str]] = frozenset(
    {
        "appRoleAssignments",
        "certificateAuthorities",
        "certificateBasedAuthConfiguration",
        "certificateBasedAuthConfigurations",
        "conditionalAccessPolicies",
        "crossTenantAccessPolicyPartners",
        "federatedIdentityCredentials",
        "federationConfiguration",
        "federationConfigurations",
        "identityProviders",
        "identitySynchronization",
        "namedLocations",
        "oauth2PermissionGrants",
        "permissionGrantPolicyExcludes",
        "permissionGrantPolicyIncludes",
        "privilegedAccessGroupAssignmentSchedules",
        "privilegedAccessGroupEligibilitySchedules",
        "roleAssignmentSchedules",
        "roleAssignments",
        "roleDefinitions",
        "roleEligibilitySchedules",
        "servicePrincipalFederatedIdentityCredentials",
        UNRESOLVED,
    }
)
"""Collections in which every attribute of an added or removed object is shown: there the content is the news."""

REPORTS: Final[dict[str, str | None]] = {
    "userRegistrationDetails": "users",
    "signInActivities": "users",
    "recoverySnapshots": None,
    "recoveryJobs": None,
    "configurationSnapshotJobs": None,
    "configurationDrifts": None,
    "serviceConfigurationRecords": None,
    "verificationDnsRecords": None,
    "subscribedSkus": None,
    "subscriptions": None,
}
"""Collections that nobody writes through Graph: Microsoft derives them. Beside it, the collection whose objects they
are about under the same id.
"""

PARTS: Final[dict[str, str]] = {
    "applicationKeyCredentials": "applications",
    "servicePrincipalKeyCredentials": "servicePrincipals",
    "servicePrincipalSecurityAttributes": "servicePrincipals",
    "userDirectoryExtensions": "users",
    "groupDirectoryExtensions": "groups",
    "administrativeUnitDirectoryExtensions": "administrativeUnits",
    "deviceDirectoryExtensions": "devices",
    "applicationDirectoryExtensions": "applications",
    "organizationDirectoryExtensions": "organization",
}
"""Collections of properties that are read by themselves: the collection whose objects have them, under the same id."""

OF_THE_ARCHIVE: Final = frozenset({ESCROW, UNRESOLVED})
"""Collections that the archive keeps about a tenant; the tenant has no such objects."""

ABOUT_OTHERS: Final[dict[str, str | None]] = {**REPORTS, **PARTS, **dict.fromkeys(OF_THE_ARCHIVE)}
"""Collections whose objects are the cause of nothing: beside each, the one with whose objects of the same id they go,
if there is one."""

NAMES: Final[tuple[str, ...]] = (
    "displayName",
    "userPrincipalName",
    "name",
    "principalDisplayName",
    "appId",
    "skuPartNumber",
)
"""Members that name an object for people, the best first."""

BINS: Final[dict[str, str]] = {bin_: collection for collection, bin_ in RECYCLE_BINS.items()}
"""The collection of deleted items to the collection that they came from."""
