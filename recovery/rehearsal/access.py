"""Conditional access: policies in the manner of a published baseline, named locations, authentication
strengths."""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.blueprint import Blueprint
from recovery.rehearsal.entropy import Draw, guid_of
from recovery.rehearsal.groups import BREAK_GLASS, SERVICES
from recovery.rehearsal.roles import BUILT_IN_ROLES

Value = dict[str, Any]

ALLOWED_COUNTRIES, SERVICE_COUNTRIES, HEAD_OFFICE = range(3)
"""Numbers of the named locations that policies point at."""


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
    Rule("CA001-Global-AttackSurfaceReduction-AnyApp-AnyPlatform-BLOCK-CountryWhitelist", "all", "block",
         location=ALLOWED_COUNTRIES),
    Rule("CA002-Global-IdentityProtection-AnyApp-AnyPlatform-Block-LegacyAuthentication", "all", "block",
         client_types=("exchangeActiveSync", "other")),
    Rule("CA003-Global-BaseProtection-RegisterOrJoin-AnyPlatform-MFA", "all", "mfa",
        action="urn:user:registerdevice"),
    Rule("CA004-Global-IdentityProtection-AnyApp-AnyPlatform-AuthenticationFlows", "all", "block",
        flow="deviceCodeFlow"),
    Rule("CA100-Admins-IdentityProtection-AdminPortals-AnyPlatform-MFA", "admins", "mfa"),
    Rule("CA102-Admins-IdentityProtection-AllApps-AnyPlatform-SigninFrequency", "admins",
        session="frequency"),
    Rule("CA103-Admins-IdentityProtection-AllApps-AnyPlatform-PersistentBrowser", "admins",
        session="browser"),
    Rule("CA105-Admins-IdentityProtection-AnyApp-AnyPlatform-PhishingResistantMFA", "admins", "strength",
         state="enabledForReportingButNotEnforced"),
    Rule("CA201-Internals-IdentityProtection-AnyApp-AnyPlatform-BLOCK-HighRiskUser", "all", "block",
        user_risk=("high",)),
    Rule("CA205-Internals-BaseProtection-AnyApp-Windows-CompliantorAADHJ", "all", "compliantDevice",
        platform="windows"),
    Rule("CA206-Internals-IdentityProtection-AllApps-AnyPlatform-PersistentBrowser", "all",
        session="browser"),
    Rule("CA210-Internals-IdentityProtection-AnyApp-AnyPlatform-BLOCK-HighRiskSignIn", "all", "block",
         sign_in_risk=("high",)),
    Rule("CA301-ServiceAccounts-AttackSurfaceReduction-AllApps-AnyPlatform-BlockUntrustedLocations",
        "services", "block",
         location=SERVICE_COUNTRIES),
    Rule("CA400-GuestUsers-IdentityProtection-AnyApp-AnyPlatform-MFA", "guests", "mfa"),
    Rule("CA404-GuestUsers-AttackSurfaceReduction-SelectedApps-AnyPlatform-BLOCK", "guests", "block",
        state="disabled"),
)

ADMINISTRATOR_ROLES = tuple(id for name, id in BUILT_IN_ROLES.items() if name.endswith("Administrator"))

_STRENGTHS = (
    ("00000000-0000-0000-0000-000000000002", "Multifactor authentication", (
        "windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush",
        "temporaryAccessPassOneTime",
        "password,microsoftAuthenticatorPush", "password,softwareOath", "password,sms")),
    ("00000000-0000-0000-0000-000000000003", "Passwordless MFA", (
        "windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush")),
    ("00000000-0000-0000-0000-000000000004", "Phishing-resistant MFA", (
        "windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")),
)


def policy_id_of(plan: Blueprint, number: int) -> str:
    return guid_of(plan.seed, "conditionalAccessPolicies", number)


def location_id_of(plan: Blueprint, number: int) -> str:
    return guid_of(plan.seed, "namedLocations", number)


def policies_of(plan: Blueprint) -> list[Value]:
    """The `conditionalAccessPolicy` objects of the first day."""
    return [policy_of(plan, number, rule) for number, rule in enumerate(RULES)]


def policy_of(plan: Blueprint, number: int, rule: Rule) -> Value:
    """The `conditionalAccessPolicy` that says what `rule` says."""
    draw = Draw(plan.seed, "policy", number)
    return {
        "id": policy_id_of(plan, number), "templateId": None, "displayName": rule.name, "description": None,
        "createdDateTime": draw.past_fine(900),
        "modifiedDateTime": draw.past_fine(200) if number % 3 else None,
        "deletedDateTime": None, "state": rule.state, "sessionControls": _session_of(rule),
        "conditions": {
            "userRiskLevels": list(rule.user_risk), "signInRiskLevels": list(rule.sign_in_risk),
            "clientAppTypes": list(rule.client_types), "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": None,
            "platforms": {"includePlatforms": [rule.platform],
                "excludePlatforms": []} if rule.platform else None,
            "locations": None if rule.location is None else {
                "includeLocations": ["All"], "excludeLocations": [location_id_of(plan, rule.location)]},
            "devices": None, "clientApplications": None,
            "authenticationFlows": {"transferMethods": rule.flow} if rule.flow else None,
            "applications": {
                "includeApplications": [] if rule.action else ["All"], "excludeApplications": [],
                "includeUserActions": [rule.action] if rule.action else [],
                "includeAuthenticationContextClassReferences": [], "applicationFilter": None},
            "users": _users_of(plan, rule),
        },
        "grantControls": None if rule.grant is None else _grant_of(plan, rule.grant),
    }


def _users_of(plan: Blueprint, rule: Rule) -> Value:
    guests = {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest,otherExternalUser",
        "externalTenants": {
        "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}}
    return {
        "includeUsers": ["All"] if rule.audience == "all" else [], "excludeUsers": [plan.id_of("users", 0)],
        "includeGroups": [plan.id_of("groups", SERVICES)] if rule.audience == "services" else [],
        "excludeGroups": [plan.id_of("groups", BREAK_GLASS)],
        "includeRoles": list(ADMINISTRATOR_ROLES) if rule.audience == "admins" else [], "excludeRoles": [],
        "includeGuestsOrExternalUsers": guests if rule.audience == "guests" else None,
        "excludeGuestsOrExternalUsers": None,
    }


def _grant_of(plan: Blueprint, grant: str) -> Value:
    strength = strengths_of(plan)[2] if grant == "strength" else None
    return {
        "operator": "OR", "builtInControls": [] if strength else [grant], "customAuthenticationFactors": [],
        "termsOfUse": [], "authenticationStrength": strength,
    }


def _session_of(rule: Rule) -> Value | None:
    if rule.session is None:
        return None
    empty: Value = dict.fromkeys((
        "applicationEnforcedRestrictions", "cloudAppSecurity", "disableResilienceDefaults",
        "persistentBrowser",
        "secureSignInSession", "signInFrequency"))
    if rule.session == "browser":
        return {**empty, "persistentBrowser": {"mode": "never", "isEnabled": True}}
    return {**empty, "signInFrequency": {
        "value": 4, "type": "hours", "authenticationType": "primaryAndSecondaryAuthentication",
        "frequencyInterval": "timeBased", "isEnabled": True}}


def locations_of(plan: Blueprint) -> list[Value]:
    """The named locations of the first day, each with its `@odata.type`."""
    values: list[Value] = []
    for number, (name, detail) in enumerate((
        ("ALLOWED COUNTRIES", ["BE", "LU", "NL"]), ("ALLOWED COUNTRIES - SERVICE ACCOUNTS", ["NL"]),
        ("Head office", ["192.0.2.0/24", "2001:db8:10::/48"]), ("VPN exit", ["198.51.100.7/32"]),
        ("Café réseau (untrusted)", ["203.0.113.0/25"]),
    )):
        draw = Draw(plan.seed, "location", number)
        common = {"id": location_id_of(plan, number), "displayName": name,
            "createdDateTime": draw.past_fine(900),
                  "modifiedDateTime": draw.past_fine(200), "deletedDateTime": None}
        if number < HEAD_OFFICE:
            values.append({
                "@odata.type": "#microsoft.graph.countryNamedLocation", **common,
                "countriesAndRegions": detail,
                "includeUnknownCountriesAndRegions": False, "countryLookupMethod": "clientIpAddress"})
        else:
            ranges = [{"@odata.type": f"#microsoft.graph.iPv{6 if ':' in r else 4}CidrRange",
                "cidrAddress": r} for r in detail]
            values.append({"@odata.type": "#microsoft.graph.ipNamedLocation", **common,
                "isTrusted": number == HEAD_OFFICE,
                           "ipRanges": ranges})
    return values


def strengths_of(plan: Blueprint) -> list[Value]:
    """Three built-in authentication strengths and one of the tenant's own, as objects with their
    configurations."""
    values: list[Value] = [
        {"id": id, "createdDateTime": "2021-12-01T00:00:00Z", "modifiedDateTime": "2021-12-01T00:00:00Z",
         "displayName": name, "description": f"{name}, built in", "policyType": "builtIn",
         "requirementsSatisfied": "mfa", "allowedCombinations": list(modes), "combinationConfigurations": []}
        for id, name, modes in _STRENGTHS
    ]
    custom = guid_of(plan.seed, "strength")
    values.append({
        "id": custom, "createdDateTime": "2025-02-11T10:12:13.1415926Z",
        "modifiedDateTime": "2026-03-05T08:00:01.2718281Z",
        "displayName": "Approved security keys", "description": "Only the keys that the company hands out",
        "policyType": "custom", "requirementsSatisfied": "mfa", "allowedCombinations": ["fido2"],
        "combinationConfigurations": [{
            "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "id": guid_of(plan.seed, "combination"),
            "appliesToCombinations": ["fido2"], "allowedAAGUIDs": ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]}],
    })
    return values
