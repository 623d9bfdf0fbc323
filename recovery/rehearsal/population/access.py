"""Conditional access policies, in the manner of a published baseline."""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, guid_of
from recovery.rehearsal.population.groups import BREAK_GLASS, SERVICES
from recovery.rehearsal.population.named_locations import ALLOWED_COUNTRIES, SERVICE_COUNTRIES, location_id_of
from recovery.rehearsal.population.roles import BUILT_IN_ROLES
from recovery.rehearsal.population.strengths import strengths_of

Value = dict[str, Any]


class Rule(NamedTuple):
    """A policy in few words; everything else is empty or null."""

    name: str
    audience: str
    grant: str | None = None
    state: str = "enabled"
    client_types: tuple[str, ...] = ("all",)
    user_risk: tuple[str, ...] = ()
    sign_in_risk: tuple[str, ...] = ()
    location: int | None = None
    session: str | None = None
    action: str | None = None
    platform: str | None = None
    flow: str | None = None


RULES = (
    Rule("CA000-Global-IdentityProtection-AnyApp-AnyPlatform-MFA", "all", "mfa"),
    Rule(
        "CA001-Global-AttackSurfaceReduction-AnyApp-AnyPlatform-BLOCK-CountryWhitelist",
        "all",
        "block",
        location=ALLOWED_COUNTRIES,
    ),
    Rule(
        "CA002-Global-IdentityProtection-AnyApp-AnyPlatform-Block-LegacyAuthentication",
        "all",
        "block",
        client_types=("exchangeActiveSync", "other"),
    ),
    Rule("CA003-Global-BaseProtection-RegisterOrJoin-AnyPlatform-MFA", "all", "mfa", action="urn:user:registerdevice"),
    Rule(
        "CA004-Global-IdentityProtection-AnyApp-AnyPlatform-AuthenticationFlows", "all", "block", flow="deviceCodeFlow"
    ),
    Rule("CA100-Admins-IdentityProtection-AdminPortals-AnyPlatform-MFA", "admins", "mfa"),
    Rule("CA102-Admins-IdentityProtection-AllApps-AnyPlatform-SigninFrequency", "admins", session="frequency"),
    Rule("CA103-Admins-IdentityProtection-AllApps-AnyPlatform-PersistentBrowser", "admins", session="browser"),
    Rule(
        "CA105-Admins-IdentityProtection-AnyApp-AnyPlatform-PhishingResistantMFA",
        "admins",
        "strength",
        state="enabledForReportingButNotEnforced",
    ),
    Rule(
        "CA201-Internals-IdentityProtection-AnyApp-AnyPlatform-BLOCK-HighRiskUser", "all", "block", user_risk=("high",)
    ),
    Rule(
        "CA205-Internals-BaseProtection-AnyApp-Windows-CompliantorAADHJ", "all", "compliantDevice", platform="windows"
    ),
    Rule("CA206-Internals-IdentityProtection-AllApps-AnyPlatform-PersistentBrowser", "all", session="browser"),
    Rule(
        "CA210-Internals-IdentityProtection-AnyApp-AnyPlatform-BLOCK-HighRiskSignIn",
        "all",
        "block",
        sign_in_risk=("high",),
    ),
    Rule(
        "CA301-ServiceAccounts-AttackSurfaceReduction-AllApps-AnyPlatform-BlockUntrustedLocations",
        "services",
        "block",
        location=SERVICE_COUNTRIES,
    ),
    Rule("CA400-GuestUsers-IdentityProtection-AnyApp-AnyPlatform-MFA", "guests", "mfa"),
    Rule("CA404-GuestUsers-AttackSurfaceReduction-SelectedApps-AnyPlatform-BLOCK", "guests", "block", state="disabled"),
)

ADMINISTRATOR_ROLES = tuple(id for name, id in BUILT_IN_ROLES.items() if name.endswith("Administrator"))


def policy_id_of(plan: Blueprint, number: int) -> str:
    return guid_of(plan.seed, "conditionalAccessPolicies", number)


def policies_of(plan: Blueprint) -> list[Value]:
    """The `conditionalAccessPolicy` objects of the first day."""
    return [policy_of(plan, number, rule) for number, rule in enumerate(RULES)]


def policy_of(plan: Blueprint, number: int, rule: Rule) -> Value:
    """The `conditionalAccessPolicy` that says what `rule` says."""
    draw = Draw(plan.seed, "policy", number)
    return {
        "id": policy_id_of(plan, number),
        "templateId": None,
        "displayName": rule.name,
        "description": None,
        "createdDateTime": draw.past_fine(900),
        "modifiedDateTime": draw.past_fine(200) if number % 3 else None,
        "deletedDateTime": None,
        "state": rule.state,
        "sessionControls": _session_of(rule),
        "conditions": {
            "userRiskLevels": list(rule.user_risk),
            "signInRiskLevels": list(rule.sign_in_risk),
            "clientAppTypes": list(rule.client_types),
            "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": None,
            "platforms": {"includePlatforms": [rule.platform], "excludePlatforms": []} if rule.platform else None,
            "locations": None
            if rule.location is None
            else {"includeLocations": ["All"], "excludeLocations": [location_id_of(plan, rule.location)]},
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": {"transferMethods": rule.flow} if rule.flow else None,
            "applications": {
                "includeApplications": [] if rule.action else ["All"],
                "excludeApplications": [],
                "includeUserActions": [rule.action] if rule.action else [],
                "includeAuthenticationContextClassReferences": [],
                "applicationFilter": None,
            },
            "users": _users_of(plan, rule),
        },
        "grantControls": None if rule.grant is None else _grant_of(plan, rule.grant),
    }


def _users_of(plan: Blueprint, rule: Rule) -> Value:
    guests = {
        "guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest,otherExternalUser",
        "externalTenants": {
            "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
            "membershipKind": "all",
        },
    }
    return {
        "includeUsers": ["All"] if rule.audience == "all" else [],
        "excludeUsers": [plan.id_of("users", 0)],
        "includeGroups": [plan.id_of("groups", SERVICES)] if rule.audience == "services" else [],
        "excludeGroups": [plan.id_of("groups", BREAK_GLASS)],
        "includeRoles": list(ADMINISTRATOR_ROLES) if rule.audience == "admins" else [],
        "excludeRoles": [],
        "includeGuestsOrExternalUsers": guests if rule.audience == "guests" else None,
        "excludeGuestsOrExternalUsers": None,
    }


def _grant_of(plan: Blueprint, grant: str) -> Value:
    strength = strengths_of(plan)[2] if grant == "strength" else None
    return {
        "operator": "OR",
        "builtInControls": [] if strength else [grant],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": strength,
    }


def _session_of(rule: Rule) -> Value | None:
    if rule.session is None:
        return None
    empty: Value = dict.fromkeys(
        (
            "applicationEnforcedRestrictions",
            "cloudAppSecurity",
            "disableResilienceDefaults",
            "persistentBrowser",
            "secureSignInSession",
            "signInFrequency",
        )
    )
    if rule.session == "browser":
        return {**empty, "persistentBrowser": {"mode": "never", "isEnabled": True}}
    return {
        **empty,
        "signInFrequency": {
            "value": 4,
            "type": "hours",
            "authenticationType": "primaryAndSecondaryAuthentication",
            "frequencyInterval": "timeBased",
            "isEnabled": True,
        },
    }
