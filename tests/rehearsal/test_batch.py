"""JSON batching through msgraph-sdk's adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.sdk import SdkClient


def steps(*urls: str) -> list[dict[str, Any]]:
    """GET requests of a batch, numbered from 1."""
    return [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(urls, 1)]


def test_each_request_of_a_batch_is_answered_by_itself(still: SdkClient) -> None:
    """One failure inside does not spoil the others, and the envelope is 200."""
    got = still.batch(steps("/users?$top=3&$select=id", "/users/none", "/organization"))
    answers = {answer["id"]: answer for answer in got.json["responses"]}
    assert got.status == 200
    assert [answers[id]["status"] for id in ("1", "2", "3")] == [200, 404, 200]
    assert len(answers["1"]["body"]["value"]) == 3
    assert answers["2"]["body"]["error"]["code"] == "Request_ResourceNotFound"


def test_answers_of_a_batch_come_in_another_order(still: SdkClient) -> None:
    """Graph gives no order, so a client must match by id."""
    orders = {
        tuple(answer["id"] for answer in still.batch(steps(*["/organization"] * 6)).json["responses"]) for _ in range(6)
    }
    assert len(orders) > 1


@pytest.mark.parametrize(("count", "status"), [(20, 200), (21, 400)])
def test_a_batch_has_twenty_requests_at_most(still: SdkClient, count: int, status: int) -> None:
    """Graph's limit."""
    assert still.batch(steps(*["/organization?$select=id"] * count)).status == status


def test_a_batch_on_beta_reads_beta(still: SdkClient) -> None:
    """The version stands in the batch's own URL and holds for all requests in it."""
    answer = still.batch(steps("/users?$top=1&$select=deviceKeys"), version="beta").json["responses"][0]
    assert answer["body"]["value"] == [{"deviceKeys": []}]


@pytest.mark.parametrize(
    "requests",
    [
        [{"id": "1", "method": "GET"}],
        [*steps("/users"), *steps("/users")],
        ["text"],
    ],
)
def test_a_malformed_batch_is_refused(still: SdkClient, requests: list[Any]) -> None:
    """Without a URL, with two requests of one id, or with something else than requests."""
    assert still.batch(requests).status == 400


def test_a_step_that_leans_on_a_failed_one_is_424(still: SdkClient) -> None:
    """Graph's answer to a failed dependency."""
    requests = steps("/users/none", "/organization")
    requests[1]["dependsOn"] = ["1"]
    answers = {a["id"]: a["status"] for a in still.batch(requests).json["responses"]}
    assert answers == {"1": 404, "2": 424}


def test_a_write_is_refused(still: SdkClient) -> None:
    """The application holds read permissions only."""
    requests = [{"id": "1", "method": "DELETE", "url": "/users/any"}]
    assert still.batch(requests).json["responses"][0]["status"] == 403


def test_requests_of_a_batch_are_throttled_one_by_one(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """Batching saves round trips and not quota: some get their own 429 inside a 200."""
    adjustable_tenant.set_quota(1)
    got = client_of(adjustable_tenant).batch(steps(*["/organization"] * 20))
    statuses = [answer["status"] for answer in got.json["responses"]]
    assert got.status == 200
    assert statuses.count(200) == 10
    assert statuses.count(429) == 10
    refused = next(a for a in got.json["responses"] if a["status"] == 429)
    assert int(refused["headers"]["Retry-After"]) >= 1


def test_a_fault_can_hit_one_request_inside_a_batch(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """SDKs do not retry what fails inside an envelope; the archiver must."""
    adjustable_tenant.set_faults({"rules": [{"match": r"/domains in \$batch", "fault": "503"}]})
    got = client_of(adjustable_tenant).batch(steps("/organization", "/domains"))
    assert {a["id"]: a["status"] for a in got.json["responses"]} == {"1": 200, "2": 503}
