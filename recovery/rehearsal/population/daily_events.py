"""Sign-ins and provisioning: streams that the seed and the day decide, made when asked for and never kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from recovery.rehearsal.population.activity import RETENTION_DAYS, Event, fine_instant_of, lateness_of
from recovery.rehearsal.population.applications import Applications
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.clock import SECONDS_A_DAY, Clock
from recovery.rehearsal.population.entropy import REFERENCE_SECONDS, Draw, guid_of, instant_of
from recovery.rehearsal.population.names import PLACES
from recovery.rehearsal.population.people import People

Value = dict[str, Any]

USERS_A_SIGN_IN, FEWEST_SIGN_INS, MOST_SIGN_INS = 4, 8, 400
"""One sign-in a day for so many users; a modest stream, however large the tenant is."""

PROVISIONED_A_DAY = 12

_EARLIEST_DAY = -RETENTION_DAYS - 1
_PLACES_A_DAY = 1_000
"""More than a day has events; places count from the day before which nothing is kept on the first day."""

_APPLICATIONS = (
    ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"),
    ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000"),
    ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
)
_DEVICE = {
    "deviceId": "",
    "displayName": None,
    "operatingSystem": "Windows 10",
    "browser": "Edge 130.0.0",
    "isCompliant": None,
    "isManaged": None,
    "trustType": None,
}
_ACTIONS = ("create", "update", "update", "update", "disable")


class DailyEvents:
    """A log with `a_day` events on each day. `make` fills event number `n` of `day`, at an instant."""

    def __init__(
        self, name: str, time: str, clock: Clock, seed: int, a_day: int, make: Callable[[int, int, str], Value]
    ) -> None:
        self.time, self.a_day, self.make = time, a_day, make
        self._name, self._clock, self._seed = name, clock, seed

    def events(self, *, ascending: bool, start: int, earliest: str, latest: str) -> Iterator[Event]:
        """What can be read by now and is still kept, from place `start` on (0: all of it)."""
        oldest = fine_instant_of(self._clock.seconds - RETENTION_DAYS * SECONDS_A_DAY, 0)
        earliest = max(earliest, oldest)
        days = range(self._clock.day - RETENTION_DAYS, self._clock.day + 1)
        for day in days if ascending else reversed(days):
            date = instant_of(REFERENCE_SECONDS + day * SECONDS_A_DAY)[:10]
            if earliest[:10] <= date <= latest[:10]:
                yield from self._events_of(day, ascending, start, earliest, latest)

    def _events_of(self, day: int, ascending: bool, start: int, earliest: str, latest: str) -> Iterator[Event]:
        numbers = range(self.a_day)
        for number in numbers if ascending else reversed(numbers):
            place = (day - _EARLIEST_DAY) * _PLACES_A_DAY + number + 1
            if start and (place < start if ascending else place > start):
                continue
            draw = Draw(self._seed, self._name, day, number)
            seconds = REFERENCE_SECONDS + day * SECONDS_A_DAY + number * SECONDS_A_DAY // self.a_day + draw.below(60)
            seen_at = seconds + lateness_of(self._seed, self._name, day, number)
            at = fine_instant_of(seconds, draw.below(9_999_999))
            if seen_at <= self._clock.seconds and earliest <= at <= latest:
                yield Event(place, at, self.make(day, number, at))


def sign_ins_of(plan: Blueprint, people: People, clock: Clock) -> DailyEvents:
    """Interactive sign-ins of the first day's users, as `microsoft.graph.signIn`."""

    def make(day: int, number: int, at: str) -> Value:
        draw = Draw(plan.seed, "sign-in of", day, number)
        index = draw.below(plan.users)
        user = people.value(index)
        application, app_id = draw.pick(_APPLICATIONS)
        city, country, state, _, _ = PLACES[index % len(PLACES)]
        failed = draw.chance(60)
        return {
            "id": guid_of(plan.seed, "sign-in", day, number),
            "createdDateTime": at,
            "userDisplayName": user["displayName"],
            "userPrincipalName": user["userPrincipalName"],
            "userId": user["id"],
            "appId": app_id,
            "appDisplayName": application,
            "ipAddress": f"198.51.100.{draw.below(254) + 1}",
            "clientAppUsed": "Browser",
            "correlationId": guid_of(plan.seed, "sign-in correlation", day, number),
            "conditionalAccessStatus": "notApplied" if failed else "success",
            "isInteractive": True,
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes": [],
            "riskEventTypes_v2": [],
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": "00000003-0000-0000-c000-000000000000",
            "status": _status_of(failed),
            "deviceDetail": dict(_DEVICE),
            "location": {
                "city": city,
                "state": state,
                "countryOrRegion": country,
                "geoCoordinates": {"altitude": None, "latitude": None, "longitude": None},
            },
            "appliedConditionalAccessPolicies": [],
        }

    a_day = min(MOST_SIGN_INS, max(FEWEST_SIGN_INS, plan.users // USERS_A_SIGN_IN))
    return DailyEvents("sign-in", "createdDateTime", clock, plan.seed, a_day, make)


def _status_of(failed: bool) -> Value:
    """A sign-in's `status`."""
    if failed:
        reason = "Error validating credentials due to invalid username or password."
        return {"errorCode": 50126, "failureReason": reason, "additionalDetails": None}
    return {"errorCode": 0, "failureReason": "Other.", "additionalDetails": None}


def provisioning_of(plan: Blueprint, people: People, applications: Applications, clock: Clock) -> DailyEvents:
    """Accounts that are provisioned to an application, as `microsoft.graph.provisioningObjectSummary`."""
    principal = plan.id_of("servicePrincipals", 0)
    application = str(applications.value(0)["displayName"])

    def make(day: int, number: int, at: str) -> Value:
        draw = Draw(plan.seed, "provisioned", day, number)
        user = people.value(draw.below(plan.users))
        action, identifier = draw.pick(_ACTIONS), guid_of(plan.seed, "provisioning", day, number)
        target = guid_of(plan.seed, "account", user["id"])
        return {
            "id": identifier,
            "activityDateTime": at,
            "tenantId": plan.tenant_id,
            "jobId": f"scim.{plan.tenant_id.replace('-', '')}.{principal}",
            "cycleId": guid_of(plan.seed, "cycle", day),
            "changeId": guid_of(plan.seed, "provisioning change", day, number),
            "provisioningAction": action,
            "durationInMilliseconds": 200 + draw.below(4_000),
            "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
            "servicePrincipal": {"id": principal, "displayName": application},
            "sourceSystem": {"id": plan.tenant_id, "displayName": "Azure Active Directory", "details": {}},
            "targetSystem": {"id": principal, "displayName": application, "details": {}},
            "sourceIdentity": {
                "id": user["id"],
                "displayName": user["displayName"],
                "identityType": "User",
                "details": {"id": user["id"], "odatatype": "User", "userPrincipalName": user["userPrincipalName"]},
            },
            "targetIdentity": {"id": target, "displayName": "", "identityType": "User", "details": {}},
            "provisioningStatusInfo": {"status": "success", "errorInformation": None},
            "provisioningSteps": [
                {
                    "name": "EntryExport",
                    "provisioningStepType": "export",
                    "status": "success",
                    "description": f"The user was exported ({action}).",
                    "details": {},
                }
            ],
            "modifiedProperties": [],
        }

    return DailyEvents("provisioning", "activityDateTime", clock, plan.seed, PROVISIONED_A_DAY, make)
