"""Tenant-wide policies: authentication methods, authorization and cross-tenant access."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import guid_of

Value = dict[str, Any]

_ALL_USERS = {"targetType": "group", "id": "all_users", "isRegistrationRequired": False}

_METHODS: tuple[tuple[str, str, Value], ...] = (
    (
        "Fido2",
        "fido2",
        {
            "isSelfServiceRegistrationAllowed": True,
            "isAttestationEnforced": True,
            "keyRestrictions": {
                "isEnforced": True,
                "enforcementType": "allow",
                "aaGuids": ["2fc0579f-8113-47ea-b116-bb5a8db9202a"],
            },
        },
    ),
    (
        "MicrosoftAuthenticator",
        "microsoftAuthenticator",
        {
            "isSoftwareOathEnabled": False,
            "featureSettings": {
                "displayAppInformationRequiredState": {
                    "state": "enabled",
                    "includeTarget": {"targetType": "group", "id": "all_users"},
                    "excludeTarget": {"targetType": "group", "id": "00000000-0000-0000-0000-000000000000"},
                }
            },
        },
    ),
    ("Sms", "sms", {}),
    ("Voice", "voice", {"isOfficePhoneAllowed": False}),
    ("SoftwareOath", "softwareOath", {}),
    ("HardwareOath", "hardwareOath", {}),
    (
        "TemporaryAccessPass",
        "temporaryAccessPass",
        {
            "defaultLifetimeInMinutes": 60,
            "defaultLength": 8,
            "minimumLifetimeInMinutes": 60,
            "maximumLifetimeInMinutes": 480,
            "isUsableOnce": True,
        },
    ),
    ("Email", "email", {"allowExternalIdToUseEmailOtp": "default"}),
    (
        "X509Certificate",
        "x509Certificate",
        {
            "certificateUserBindings": [
                {
                    "x509CertificateField": "PrincipalName",
                    "userProperty": "userPrincipalName",
                    "priority": 1,
                    "trustAffinityLevel": "low",
                }
            ],
            "authenticationModeConfiguration": {
                "x509CertificateAuthenticationDefaultMode": "x509CertificateMultiFactor",
                "rules": [],
            },
        },
    ),
)


def authentication_methods_of(plan: Blueprint) -> Value:
    """The `authenticationMethodsPolicy` with its configurations embedded, as Graph sends it."""
    on = {"Fido2", "MicrosoftAuthenticator", "TemporaryAccessPass", "Email"}
    return {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed",
        "lastModifiedDateTime": "2026-09-02T11:22:33.4455667Z",
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete",
        "reconfirmationInDays": None,
        "registrationEnforcement": _campaign_of(plan),
        "authenticationMethodConfigurations": [
            {
                "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
                "id": id,
                "state": "enabled" if id in on else "disabled",
                "excludeTargets": [],
                **extra,
                "includeTargets": [_ALL_USERS],
            }
            for id, kind, extra in _METHODS
        ],
        "microsoftAuthenticatorPlatformSettings": {"enforceAppPIN": {"excludeTargets": [], "includeTargets": []}},
        "reportSuspiciousActivitySettings": {
            "state": "default",
            "voiceReportingCode": 0,
            "includeTarget": {"targetType": "group", "id": "all_users"},
        },
        "systemCredentialPreferences": {
            "state": "default",
            "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group"}],
        },
    }


def _campaign_of(plan: Blueprint) -> Value:
    return {
        "authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1,
            "enforceRegistrationAfterAllowedSnoozes": True,
            "state": "default",
            "excludeTargets": [{"id": plan.id_of("groups", 5), "targetType": "group"}],
            "includeTargets": [
                {"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "microsoftAuthenticator"}
            ],
        }
    }


def authorization_policy() -> Value:
    """The `authorizationPolicy`: what users and guests may do by default."""
    return {
        "id": "authorizationPolicy",
        "deletedDateTime": None,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowedToSignUpEmailBasedSubscriptions": False,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "allowInvitesFrom": "adminsAndGuestInviters",
        "allowUserConsentForRiskyApps": None,
        "blockMsolPowerShell": True,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": False,
            "allowedToCreateSecurityGroups": False,
            "allowedToCreateTenants": False,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-low"],
        },
        "enabledPreviewFeatures": [],
        "permissionGrantPolicyIdsAssignedToDefaultUserRole": [
            "ManagePermissionGrantsForSelf.microsoft-user-default-low"
        ],
    }


def cross_tenant_policy_of(plan: Blueprint) -> Value:
    return {
        "id": guid_of(plan.seed, "crossTenantAccessPolicy"),
        "deletedDateTime": None,
        "displayName": "CrossTenantAccessPolicy",
        "description": None,
        "allowedCloudEndpoints": ["microsoftonline.us"],
    }


def cross_tenant_default() -> Value:
    """The `crossTenantAccessPolicyConfigurationDefault`."""
    return {
        "id": "default",
        "isServiceDefault": False,
        "appServiceConnectInbound": None,
        "automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False},
        "b2bCollaborationInbound": _setting("allowed"),
        "b2bCollaborationOutbound": _setting("allowed"),
        "b2bDirectConnectInbound": _setting("blocked"),
        "b2bDirectConnectOutbound": _setting("blocked"),
        "inboundTrust": _trust(False),
        "invitationRedemptionIdentityProviderConfiguration": {
            "primaryIdentityProviderPrecedenceOrder": [
                "externalFederation",
                "azureActiveDirectory",
                "socialIdentityProviders",
            ],
            "fallbackIdentityProvider": "defaultConfiguredIdp",
        },
        "m365CollaborationInbound": None,
        "m365CollaborationOutbound": None,
        "tenantRestrictions": {**_setting("blocked"), "devices": None},
    }


def cross_tenant_partners_of(plan: Blueprint) -> list[Value]:
    """Three `crossTenantAccessPolicyConfigurationPartner` objects; their key is `tenantId` and they have no `id`."""
    return [
        {
            "tenantId": guid_of(plan.seed, "partner", number),
            "isServiceProvider": number == 2 or None,
            "isInMultiTenantOrganization": number == 1,
            "appServiceConnectInbound": None,
            "automaticUserConsentSettings": {"inboundAllowed": number == 1, "outboundAllowed": None},
            "b2bCollaborationInbound": _setting("allowed") if number else None,
            "b2bCollaborationOutbound": None,
            "b2bDirectConnectInbound": _setting("allowed") if number == 1 else None,
            "b2bDirectConnectOutbound": None,
            "inboundTrust": _trust(True) if number else None,
            "m365CollaborationInbound": None,
            "m365CollaborationOutbound": None,
            "tenantRestrictions": None,
            "blockServiceProviderOutboundAccess": None,
        }
        for number in range(3)
    ]


def _setting(access: str) -> Value:
    return {
        "usersAndGroups": {"accessType": access, "targets": [{"target": "AllUsers", "targetType": "user"}]},
        "applications": {"accessType": access, "targets": [{"target": "AllApplications", "targetType": "application"}]},
    }


def _trust(accepted: bool) -> Value:
    return {
        "isMfaAccepted": accepted,
        "isCompliantDeviceAccepted": accepted,
        "isHybridAzureADJoinedDeviceAccepted": False,
    }
