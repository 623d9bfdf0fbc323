"""Sign-ins as beta tells them: with their types, and those at which nobody enters anything.

Source: Graph's page signin (beta), `signInEventTypes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from recovery.rehearsal.population.applications import Applications
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.clock import Clock
from recovery.rehearsal.population.daily_events import DailyEvents, sign_ins_of
from recovery.rehearsal.population.entropy import Draw, guid_of
from recovery.rehearsal.population.people import People

Value = dict[str, Any]
Make = Callable[[int, int, str], Value]

INTERACTIVE: Final = "interactiveUser"
NON_INTERACTIVE: Final = "nonInteractiveUser"
SERVICE_PRINCIPAL: Final = "servicePrincipal"
MANAGED_IDENTITY: Final = "managedIdentity"

PRINCIPAL_SIGN_INS, IDENTITY_SIGN_INS = 48, 24
"""Sign-ins a day: every half hour, every hour."""

_GRAPH: Value = {"resourceDisplayName": "Microsoft Graph", "resourceId": "00000003-0000-0000-c000-000000000000"}
_NOBODY: Value = {
    "userId": "",
    "userDisplayName": None,
    "userPrincipalName": None,
    "isInteractive": False,
    "clientAppUsed": None,
    "conditionalAccessStatus": "notApplied",
    "appliedConditionalAccessPolicies": [],
    "status": {"errorCode": 0, "failureReason": "Other.", "additionalDetails": None},
}


def typed_sign_ins_of(
    plan: Blueprint, people: People, applications: Applications, clock: Clock
) -> dict[str, DailyEvents]:
    """The sign-ins of each type, by the type; those of people are v1.0's with what beta has besides."""
    seed, time = plan.seed, "createdDateTime"
    interactive = sign_ins_of(plan, people, clock)

    def log(name: str, a_day: int, make: Make) -> DailyEvents:
        return DailyEvents(name, time, clock, seed, a_day, make)

    return {
        INTERACTIVE: log("sign-in", interactive.a_day, _typed(interactive.make, INTERACTIVE)),
        NON_INTERACTIVE: log("refreshed sign-in", interactive.a_day, _refreshed(plan, interactive.make)),
        SERVICE_PRINCIPAL: log("principal's sign-in", PRINCIPAL_SIGN_INS, _of_principals(plan, applications)),
        MANAGED_IDENTITY: log("identity's sign-in", IDENTITY_SIGN_INS, _of_an_identity(plan)),
    }


def _typed(make: Make, type_: str) -> Make:
    def typed(day: int, number: int, at: str) -> Value:
        value = make(day, number, at)
        del value["riskEventTypes"]  # v1.0 alone has it
        return {**value, "signInEventTypes": [type_], "servicePrincipalId": "", "incomingTokenType": "none"}

    return typed


def _refreshed(plan: Blueprint, make: Make) -> Make:
    """A client's use of the token that somebody's own sign-in gave it."""

    def refreshed(day: int, number: int, at: str) -> Value:
        return {
            **_typed(make, NON_INTERACTIVE)(day, number, at),
            "id": guid_of(plan.seed, "refreshed sign-in", day, number),
            "isInteractive": False,
            "clientAppUsed": "Mobile Apps and Desktop clients",
            "incomingTokenType": "refreshToken",
        }

    return refreshed


def _of_principals(plan: Blueprint, applications: Applications) -> Make:
    """Of the tenant's own applications, each with a secret or certificate that it has on the first day."""

    def make(day: int, number: int, at: str) -> Value:
        index = Draw(plan.seed, "principal that signs in", day, number).below(plan.applications)
        application = applications.value(index)
        keys = [*application["passwordCredentials"], *application["keyCredentials"]]
        return {
            "id": guid_of(plan.seed, "principal's sign-in", day, number),
            "createdDateTime": at,
            "appId": application["appId"],
            "appDisplayName": application["displayName"],
            "servicePrincipalId": plan.id_of("servicePrincipals", index),
            "servicePrincipalName": application["displayName"],
            "servicePrincipalCredentialKeyId": keys[0]["keyId"] if keys else "",
            "clientCredentialType": "clientSecret" if application["passwordCredentials"] else "certificate",
            "ipAddress": f"203.0.113.{index % 254 + 1}",
            "correlationId": guid_of(plan.seed, "principal's correlation", day, number),
            "signInEventTypes": [SERVICE_PRINCIPAL],
            **_GRAPH,
            **_NOBODY,
        }

    return make


def _of_an_identity(plan: Blueprint) -> Make:
    """Of one managed identity that is no longer in the directory: its machine was removed before the first day."""
    principal, app_id = guid_of(plan.seed, "managed identity"), guid_of(plan.seed, "managed identity's appId")
    machine = f"/subscriptions/{guid_of(plan.seed, 'subscription')}/resourceGroups/build/providers/"

    def make(day: int, number: int, at: str) -> Value:
        return {
            "id": guid_of(plan.seed, "identity's sign-in", day, number),
            "createdDateTime": at,
            "appId": app_id,
            "appDisplayName": "build-agent",
            "servicePrincipalId": principal,
            "servicePrincipalName": "build-agent",
            "clientCredentialType": "managedIdentity",
            "managedServiceIdentity": {
                "msiType": "systemAssigned",
                "associatedResourceId": f"{machine}Microsoft.Compute/virtualMachines/build-agent",
                "federatedTokenId": None,
                "federatedTokenIssuer": None,
            },
            "ipAddress": "",
            "correlationId": guid_of(plan.seed, "identity's correlation", day, number),
            "signInEventTypes": [MANAGED_IDENTITY],
            **_GRAPH,
            **_NOBODY,
        }

    return make
