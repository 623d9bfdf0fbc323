"""Authentication strengths: what conditional access may ask for."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import guid_of

Value = dict[str, Any]

_STRENGTHS = (
    (
        "00000000-0000-0000-0000-000000000002",
        "Multifactor authentication",
        (
            "windowsHelloForBusiness",
            "fido2",
            "x509CertificateMultiFactor",
            "deviceBasedPush",
            "temporaryAccessPassOneTime",
            "password,microsoftAuthenticatorPush",
            "password,softwareOath",
            "password,sms",
        ),
    ),
    (
        "00000000-0000-0000-0000-000000000003",
        "Passwordless MFA",
        ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"),
    ),
    (
        "00000000-0000-0000-0000-000000000004",
        "Phishing-resistant MFA",
        ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"),
    ),
)


def strengths_of(plan: Blueprint) -> list[Value]:
    """Three built-in authentication strengths and one of the tenant's own, as objects with their configurations."""
    values: list[Value] = [
        {
            "id": id,
            "createdDateTime": "2021-12-01T00:00:00Z",
            "modifiedDateTime": "2021-12-01T00:00:00Z",
            "displayName": name,
            "description": f"{name}, built in",
            "policyType": "builtIn",
            "requirementsSatisfied": "mfa",
            "allowedCombinations": list(modes),
            "combinationConfigurations": [],
        }
        for id, name, modes in _STRENGTHS
    ]
    custom = guid_of(plan.seed, "strength")
    values.append(
        {
            "id": custom,
            "createdDateTime": "2025-02-11T10:12:13.1415926Z",
            "modifiedDateTime": "2026-03-05T08:00:01.2718281Z",
            "displayName": "Approved security keys",
            "description": "Only the keys that the company hands out",
            "policyType": "custom",
            "requirementsSatisfied": "mfa",
            "allowedCombinations": ["fido2"],
            "combinationConfigurations": [
                {
                    "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
                    "id": guid_of(plan.seed, "combination"),
                    "appliesToCombinations": ["fido2"],
                    "allowedAAGUIDs": ["2fc0579f-8113-47ea-b116-bb5a8db9202a"],
                }
            ],
        }
    )
    return values
