"""The organisation's own record and its domains."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.plans import LICENCES, assigned_plans_of, provisioned_plans_of

Value = dict[str, Any]

TENANT_CREATED_AT = "2018-03-14T09:26:53Z"


def organisation_of(plan: Blueprint) -> Value:
    """The one `microsoft.graph.organization` object; its id is the tenant id."""
    return {
        "id": plan.tenant_id,
        "deletedDateTime": None,
        "assignedPlans": assigned_plans_of(LICENCES[0], TENANT_CREATED_AT, "Enabled"),
        "businessPhones": ["+31 20 5550100"],
        "city": "Amsterdam",
        "country": None,
        "countryLetterCode": "NL",
        "createdDateTime": TENANT_CREATED_AT,
        "defaultUsageLocation": "NL",
        "displayName": "Simulated Example B.V.",
        "marketingNotificationEmails": [],
        "mobileDeviceManagementAuthority": "intune",
        "onPremisesLastSyncDateTime": "2026-10-31T23:31:07Z",
        "onPremisesSyncEnabled": True,
        "partnerTenantType": None,
        "postalCode": "1012",
        "preferredLanguage": "en",
        "privacyProfile": {"contactEmail": "", "statementUrl": ""},
        "provisionedPlans": provisioned_plans_of(LICENCES[0], "Enabled"),
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": "Kade 1",
        "technicalNotificationMails": [f"admin@{plan.domain}"],
        "tenantType": "AAD",
        "verifiedDomains": [_verified_domain_of(plan, name) for name in (plan.initial_domain, plan.domain)],
        "certificateConnectorSetting": None,
        "directorySizeQuota": {"used": plan.users * 3, "total": plan.users * 9 + 50_000},
        "isMultipleDataLocationsForServicesEnabled": None,
        "onPremisesLastPasswordSyncDateTime": "2026-10-31T23:29:55Z",
    }


def _verified_domain_of(plan: Blueprint, name: str) -> Value:
    return {
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": name == plan.domain,
        "isInitial": name == plan.initial_domain,
        "name": name,
        "type": "Managed",
    }


def domains_of(plan: Blueprint) -> list[Value]:
    """Three domains: the initial one, the default one and a child that is not yet verified."""
    return [
        {
            "id": name,
            "authenticationType": "Managed",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": name == plan.domain,
            "isInitial": name == plan.initial_domain,
            "isRoot": not name.startswith("emea."),
            "isVerified": not name.startswith("emea."),
            "manufacturer": None,
            "model": None,
            "passwordNotificationWindowInDays": 14,
            "passwordValidityPeriodInDays": 2147483647,
            "state": None,
            "supportedServices": [] if name.startswith("emea.") else ["Email", "OfficeCommunicationsOnline"],
        }
        for name in (plan.initial_domain, plan.domain, f"emea.{plan.domain}")
    ]
