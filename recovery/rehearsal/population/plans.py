"""Licences: what a tenant has bought and which service plans a licence brings."""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.population.entropy import guid_of

Value = dict[str, Any]


class ServicePlan(NamedTuple):
    id: str
    name: str
    service: str


class Licence(NamedTuple):
    """A stock-keeping unit and the service plans in it."""

    id: str
    part_number: str
    plans: tuple[ServicePlan, ...]


_PLANS = tuple(
    ServicePlan(id, name, service)
    for id, name, service in (
        ("efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE", "exchange"),
        ("5dbe027f-2339-4123-9542-606e4d348a72", "SHAREPOINTENTERPRISE", "SharePoint"),
        ("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1", "TeamspaceAPI"),
        ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM", "AADPremiumService"),
        ("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A", "SCO"),
        ("43de0ff5-c92c-492b-9116-175376d08c38", "OFFICESUBSCRIPTION", "MicrosoftOffice"),
        ("bea4c11e-220a-4e6d-8eb8-8ea15d019f90", "RMS_S_ENTERPRISE", "RMSOnline"),
        ("8a256a2b-b617-496d-b51b-e76466e88db0", "MFA_PREMIUM", "MultiFactorService"),
        ("0feaeb32-d00e-4d66-bd5a-43b5b83db82c", "MCOSTANDARD", "MicrosoftCommunicationsOnline"),
        ("7547a3fe-08ee-4ccb-b430-5077c5041653", "YAMMER_ENTERPRISE", "YammerEnterprise"),
        ("a23b959c-7ce8-4e57-9140-b90eb88a9e97", "SWAY", "Sway"),
        ("b737dad2-2f6c-4c65-90e3-ca563267e8b9", "PROJECTWORKMANAGEMENT", "ProjectWorkManagement"),
        ("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AAD_PREMIUM_P2", "AADPremiumService"),
        ("e212cbc7-0961-4c40-9825-01117710dcb1", "FORMS_PLAN_E5", "OfficeForms"),
        ("6c6042f5-6f01-4d67-b8c1-eb99d36eed3e", "STREAM_O365_E5", "MicrosoftStream"),
        ("f20fedf3-f3c3-43c3-8267-2bfdd51c0939", "ATP_ENTERPRISE", "exchange"),
        ("2e2ddb96-6af9-4b1d-a3f0-d6ecfd22edb2", "ADALLOM_S_STANDALONE", "Adallom"),
        ("21b439ba-a0ca-424f-a6cc-52f954a5b111", "WIN10_PRO_ENT_SUB", "WindowsDefenderATP"),
        ("4828c8ec-dc2e-4779-b502-87ac9ce28ab7", "MCOEV", "MicrosoftCommunicationsOnline"),
        ("70d33638-9c74-4d01-bfd3-562de28bd4ba", "BI_AZURE_P2", "PowerBI"),
    )
)

LICENCES = (
    Licence("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5", _PLANS[:15]),
    Licence("05e9a617-0261-4cee-bb44-138d3ef5d965", "SPE_E3", _PLANS[:11]),
    Licence("66b55226-6b4f-492c-910c-a3b7a3c9d993", "SPE_F1", _PLANS[:7]),
    Licence(
        "f30db892-07e9-47e9-837c-80727f46fd3d",
        "FLOW_FREE",
        (_PLANS[0]._replace(id="50e68c76-46c6-4674-81f9-75456511b170", name="FLOW_P2_VIRAL", service="ProcessSimple"),),
    ),
)
"""The four that the simulated tenant owns; the last one is free and held beside others."""


def assigned_plans_of(licence: Licence, assigned_at: str, status: str) -> list[Value]:
    """The `assignedPlans` of somebody who got `licence` at `assigned_at`."""
    return [
        {"assignedDateTime": assigned_at, "capabilityStatus": status, "service": p.service, "servicePlanId": p.id}
        for p in licence.plans
    ]


def provisioned_plans_of(licence: Licence, status: str) -> list[Value]:
    """The `provisionedPlans` that follow from `licence`: one per service and not per plan."""
    services = dict.fromkeys(p.service for p in licence.plans)
    return [{"capabilityStatus": status, "provisioningStatus": "Success", "service": s} for s in services]


def subscribed_skus_of(tenant_id: str, users: int) -> list[Value]:
    """The tenant's `subscribedSkus`, with consumption that fits `users` people."""
    return [
        {
            "id": f"{tenant_id}_{licence.id}",
            "accountId": tenant_id,
            "accountName": "strongroomsim",
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": users * share // 100,
            "prepaidUnits": {"enabled": users + 25, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": [
                {"servicePlanId": p.id, "servicePlanName": p.name, "provisioningStatus": "Success", "appliesTo": "User"}
                for p in licence.plans
            ],
            "skuId": licence.id,
            "skuPartNumber": licence.part_number,
            "subscriptionIds": [guid_of(tenant_id, "subscription", licence.id)],
        }
        for licence, share in zip(LICENCES, (40, 35, 15, 10), strict=True)
    ]
