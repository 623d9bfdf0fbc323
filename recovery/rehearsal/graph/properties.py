"""Which properties Graph sends when, as far as it differs from "all of them".

Sources: descriptions in Microsoft's Graph metadata and SDK ("Requires $select", "Returned only on $select"),
and the list-users page for the eleven default properties of a user.
"""

from __future__ import annotations

DEFAULT = {
    "user": frozenset(
        (
            "businessPhones",
            "displayName",
            "givenName",
            "id",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName",
        )
    ),
}
"""v1.0 types of which only these are sent without `$select`. For all others: everything except ON_SELECT."""

ON_SELECT = {
    "user": frozenset(
        (
            "customSecurityAttributes",
            "employeeLeaveDateTime",
            "lastPasswordChangeDateTime",
            "legalAgeGroupClassification",
            "licenseAssignmentStates",
            "signInActivity",
        )
    ),
    "group": frozenset(
        (
            "assignedLabels",
            "assignedLicenses",
            "isManagementRestricted",
            "licenseProcessingState",
            "membershipRuleProcessingStatus",
            "onPremisesExtensionAttributes",
            "welcomeMessageEnabled",
        )
    ),
    "application": frozenset(("authenticationBehaviors",)),
    "servicePrincipal": frozenset(("customSecurityAttributes",)),
    "device": frozenset(("isManagementRestricted", "onPremisesSecurityIdentifier")),
}
"""Sent only when `$select` names them. For a user on v1.0 DEFAULT decides; these are what beta leaves out too."""

SINGLE_ONLY = {
    "user": frozenset(
        (
            "aboutMe",
            "birthday",
            "hireDate",
            "interests",
            "mailboxSettings",
            "mySite",
            "pastProjects",
            "preferredName",
            "responsibilities",
            "schools",
            "skills",
        )
    ),
    "group": frozenset(
        (
            "accessType",
            "allowExternalSenders",
            "autoSubscribeNewMembers",
            "hideFromAddressLists",
            "hideFromOutlookClients",
            "isFavorite",
            "isSubscribedByMail",
            "unseenConversationsCount",
            "unseenCount",
            "unseenMessagesCount",
        )
    ),
    "deviceLocalCredentialInfo": frozenset(("credentials",)),
    "bitlockerRecoveryKey": frozenset(("key",)),
}
"""Sent only for a single object and only when `$select` names them; a list that selects one is 501 NotImplemented."""

BETA_ONLY = {
    "user": frozenset(
        (
            "cloudLicensing",
            "cloudRealtimeCommunicationInfo",
            "deviceKeys",
            "identityGovernance",
            "infoCatalogs",
            "isLicenseReconciliationNeeded",
            "onPremisesSipInfo",
            "refreshTokensValidFromDateTime",
        )
    ),
    "group": frozenset(
        ("cloudLicensing", "createdByAppId", "membershipRuleProcessingStatus", "writebackConfiguration")
    ),
    "device": frozenset(
        (
            "alternativeNames",
            "createdDateTime",
            "domainName",
            "extensionAttributes",
            "hostnames",
            "kind",
            "name",
            "platform",
            "status",
        )
    ),
    "application": frozenset(("onPremisesPublishing", "signInAudienceRestrictions", "windows")),
    "servicePrincipal": frozenset(
        (
            "createdDateTime",
            "errorUrl",
            "passwordSingleSignOnSettings",
            "preferredTokenSigningKeyEndDateTime",
            "publishedPermissionScopes",
            "publisherName",
            "samlMetadataUrl",
        )
    ),
    "unifiedRoleAssignment": frozenset(("resourceScope",)),
    "unifiedRoleDefinition": frozenset(("allowedPrincipalTypes", "isPrivileged")),
    "organization": frozenset(
        (
            "certificateConnectorSetting",
            "directorySizeQuota",
            "isMultipleDataLocationsForServicesEnabled",
            "onPremisesLastPasswordSyncDateTime",
        )
    ),
    "authorizationPolicy": frozenset(("enabledPreviewFeatures", "permissionGrantPolicyIdsAssignedToDefaultUserRole")),
    "authenticationMethodsPolicy": frozenset(
        ("microsoftAuthenticatorPlatformSettings", "reportSuspiciousActivitySettings", "systemCredentialPreferences")
    ),
    "crossTenantAccessPolicyConfigurationPartner": frozenset(("blockServiceProviderOutboundAccess",)),
}
"""Unknown to v1.0."""

STREAMS = {"application": frozenset(("logo",))}
"""May be selected and are not in the JSON: they are streams of their own."""

PERMISSION_OF_PROPERTY = {
    "customSecurityAttributes": "CustomSecAttributeAssignment.Read.All",
    "employeeLeaveDateTime": "User-LifeCycleInfo.Read.All",
    "signInActivity": "AuditLog.Read.All",
}
"""Properties with a permission of their own; selecting one without it is 403."""

NO_PROPERTIES: frozenset[str] = frozenset()


def known_of(entity: str, all_names: frozenset[str], version: str) -> frozenset[str]:
    """The properties of `entity` that `version` knows, out of all that the simulated object has."""
    names = all_names | STREAMS.get(entity, NO_PROPERTIES)
    return names if version == "beta" else names - BETA_ONLY.get(entity, NO_PROPERTIES)


def default_of(entity: str, all_names: frozenset[str], version: str) -> frozenset[str]:
    """The properties that Graph sends when `$select` is absent."""
    if version != "beta" and entity in DEFAULT:
        return DEFAULT[entity]
    hidden = ON_SELECT.get(entity, NO_PROPERTIES) | SINGLE_ONLY.get(entity, NO_PROPERTIES)
    return known_of(entity, all_names, version) - hidden
