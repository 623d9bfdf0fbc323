"""Throttling by resource units, with a clock of its own and over HTTPS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.throttle import Throttle, units_of
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.sdk import SdkClient


class HandClock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("path", "query", "units"),
    [
        ("users", "", 2),
        ("users", "$select=id", 1),
        ("users", "$expand=manager", 3),
        ("users", "$top=5", 1),
        ("users", "$select=id&$expand=manager", 2),
        ("users/abc", "", 1),
        ("groups", "", 1),
        ("groups/abc/members", "", 3),
        ("groups/abc/members", "$select=id", 2),
        ("groups/abc/owners", "", 1),
        ("applications", "", 2),
        ("subscribedSkus", "", 3),
        ("oauth2PermissionGrants", "", 2),
        ("servicePrincipals/abc/appRoleAssignedTo", "", 1),
        ("servicePrincipals/abc/appRoleAssignments", "", 2),
    ],
)
def test_a_request_costs_what_microsoft_documents(path: str, query: str, units: int) -> None:
    """Base cost, `$select` -1, `$expand` +1, a small `$top` -1, never below 1."""
    assert units_of(address_of("v1.0", path), query_of(query)) == units


def test_the_bucket_refills_with_time() -> None:
    """Ten seconds of quota at once, then as fast as the quota."""
    clock = HandClock()
    throttle = Throttle(2.0, clock)
    users = address_of("v1.0", "users"), query_of("")
    for _ in range(10):
        throttle.charge(*users)
    with pytest.raises(Refusal) as refused:
        throttle.charge(*users)
    assert refused.value.headers["Retry-After"] == "1"
    clock.now += 1.0
    throttle.charge(*users)
    assert throttle.offered_units() == 22.0


def test_conditional_access_allows_one_request_a_second_and_says_no_more() -> None:
    """Its 429 comes without Retry-After, as documented: a client must back off by itself."""
    clock = HandClock()
    throttle = Throttle(800.0, clock)
    policies = address_of("v1.0", "identity/conditionalAccess/policies"), query_of("")
    throttle.charge(*policies)
    with pytest.raises(Refusal) as refused:
        throttle.charge(*policies)
    assert refused.value.status == 429
    assert "Retry-After" not in refused.value.headers
    clock.now += 1.0
    throttle.charge(*policies)


def test_without_a_quota_nothing_is_throttled() -> None:
    """Conditional access neither: the switch is one."""
    throttle = Throttle(None, HandClock())
    for _ in range(100):
        throttle.charge(address_of("v1.0", "identity/conditionalAccess/policies"), query_of(""))
    assert throttle.offered_units() is None


def test_sign_in_activity_has_a_bucket_of_its_own() -> None:
    """Ten requests a minute, however large the quota."""
    throttle = Throttle(8000.0, HandClock())
    users = address_of("v1.0", "users"), query_of("$select=id,signInActivity")
    for _ in range(10):
        throttle.charge(*users)
    with pytest.raises(Refusal):
        throttle.charge(*users)


@pytest.mark.parametrize(
    ("path", "requests", "seconds"),
    [("reports/authenticationMethods/userRegistrationDetails", 5, 2.0), ("identity/b2xUserFlows", 200, 0.4)],
)
def test_a_service_with_a_limit_of_its_own_counts_requests(path: str, requests: int, seconds: float) -> None:
    """Five in ten seconds for reports, 200 a minute for external identities; a 429 says when to come back."""
    clock = HandClock()
    throttle = Throttle(8000.0, clock)
    question = address_of("v1.0", path), query_of("")
    for _ in range(requests):
        assert throttle.charge(*question).units == 0
    with pytest.raises(Refusal) as refused:
        throttle.charge(*question)
    assert int(refused.value.headers["Retry-After"]) >= seconds
    clock.now += seconds
    throttle.charge(*question)


def test_a_service_without_a_documented_limit_is_not_metered() -> None:
    """Guessing one would teach the archiver a number that nobody gave."""
    throttle = Throttle(1.0, HandClock())
    jobs = address_of("v1.0", "servicePrincipals/abc/synchronization/jobs"), query_of("")
    for _ in range(100):
        assert throttle.charge(*jobs).units == 0


def test_a_throttled_client_is_told_when_to_come_back(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """429 with Retry-After, the cost on every answer, and the counters add up."""
    adjustable_tenant.set_quota(1)
    before = adjustable_tenant.stats()
    got = client_of(adjustable_tenant).each(*["/v1.0/users?$top=50"] * 8)
    after = adjustable_tenant.stats()
    assert [answer.status for answer in got[:5]] == [200] * 5
    assert got[0].headers["x-ms-resource-unit"] == "2"
    assert float(got[4].headers["x-ms-throttle-limit-percentage"]) >= 0.8
    refused = [answer for answer in got if answer.status == 429]
    assert refused and all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert after["throttled"] - before["throttled"] == len(refused)
    assert after["resource_units"] - before["resource_units"] == 2 * (8 - len(refused))
    assert after["resource_units_offered"] >= 10


def test_the_sdk_waits_as_it_is_told_and_succeeds(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """kiota's own retry handler understands the refusal."""
    adjustable_tenant.set_faults({"rules": [{"match": "/organization", "fault": "429"}], "retry_after_seconds": 1})
    assert client_of(adjustable_tenant, retries=2).get("/v1.0/organization").status == 200
    assert adjustable_tenant.stats()["faults"]["429"] >= 1
