"""Faults: what a plan says, and what a client meets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import httpx
import pytest

from recovery.rehearsal.errors import FaultPlanError
from recovery.rehearsal.graph.faults import FAULTS, Faults, fault_plan_of
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.sdk import SdkClient

SHORT = "429:0.02,503:0.01,504:0.01,reset:0.01,truncate:0.01,empty:0.01,slow:0.01,foreign-link:0.002,seed=7"


def test_a_short_plan_and_its_json_are_the_same_plan() -> None:
    """The command line takes the one, tests the other."""
    rates = {
        "429": 0.02,
        "503": 0.01,
        "504": 0.01,
        "reset": 0.01,
        "truncate": 0.01,
        "empty": 0.01,
        "slow": 0.01,
        "foreign-link": 0.002,
    }
    plan = fault_plan_of({"rates": rates, "seed": 7})
    assert fault_plan_of(SHORT) == plan == fault_plan_of(json.dumps({"rates": rates, "seed": 7}))


def test_the_same_plan_gives_the_same_faults_at_about_the_rates() -> None:
    """A failure that a test found must come back with its seed."""
    first, second = (Faults(fault_plan_of(SHORT)) for _ in range(2))
    given = [first.next("GET /v1.0/users") for _ in range(5000)]
    assert given == [second.next("GET /v1.0/users") for _ in range(5000)]
    assert 60 <= given.count("429") <= 140
    assert 250 <= sum(fault is not None for fault in given) <= 570


@pytest.mark.parametrize(
    "plan",
    [
        "429",
        "nonsense:0.1",
        "429:2",
        "429:0.9,503:0.9",
        "429:x",
        "{",
        "[1]",
        {"rules": [{"match": "("}]},
        {"rates": 3},
        {"rules": [{"match": "x", "fault": "explode"}]},
        "seed=x",
        "429:-1",
    ],
)
def test_a_plan_that_cannot_be_read_says_so(plan: str | dict[str, object]) -> None:
    """A plan that silently did nothing would prove nothing."""
    with pytest.raises(FaultPlanError) as caught:
        fault_plan_of(plan)
    assert caught.value.exit_status == 2
    assert caught.value.next_step


def test_a_rule_hits_exactly_the_request_that_it_names() -> None:
    """The third matching request and the one after it, and no other."""
    faults = Faults(fault_plan_of({"rules": [{"match": "/users", "nth": 3, "times": 2, "fault": "empty"}]}))
    lines = ["GET /v1.0/users", "GET /v1.0/groups"] * 5
    assert [faults.next(line) for line in lines] == [None, None, None, None, "empty", None, "empty", None, None, None]


def ruled(tenant: RunningTenant, fault: str, match: str = "/v1.0/", **more: object) -> None:
    """Lets the next matching request meet `fault`."""
    tenant.set_faults({"rules": [{"match": match, "fault": fault}], **more})


@pytest.mark.parametrize("status", ["429", "500", "502", "503", "504"])
def test_a_status_fault_is_graphs_error(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient], status: str
) -> None:
    """With error JSON, and the next request is answered."""
    ruled(adjustable_tenant, status)
    first, second = client_of(adjustable_tenant).each("/v1.0/organization", "/v1.0/organization")
    assert (first.status, second.status) == (int(status), 200)
    assert first.error_code
    assert first.headers["x-strongroom-simulated"] == "1"


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_a_broken_connection_reaches_the_client_as_one(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient], fault: str
) -> None:
    """kiota does not retry these: they arrive as httpx errors."""
    ruled(adjustable_tenant, fault)
    client = client_of(adjustable_tenant)
    with pytest.raises(httpx.TransportError):
        client.get("/v1.0/users")
    assert client.get("/v1.0/users").status == 200


def test_a_truncated_body_is_half_a_json_text(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """HTTP is content with it; only the parser notices."""
    ruled(adjustable_tenant, "truncate")
    got = client_of(adjustable_tenant).get("/v1.0/users")
    assert got.status == 200
    with pytest.raises(ValueError):
        _ = got.json


def test_an_empty_body_is_empty(adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """200 and nothing: not the same as no users."""
    ruled(adjustable_tenant, "empty")
    got = client_of(adjustable_tenant).get("/v1.0/users")
    assert (got.status, got.body) == (200, b"")


def test_a_proxy_page_is_html(adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """Something between us and Graph answered."""
    ruled(adjustable_tenant, "html")
    assert client_of(adjustable_tenant).get("/v1.0/users").headers["content-type"] == "text/html"


def test_a_slow_page_is_late(adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """By the seconds that the plan says."""
    ruled(adjustable_tenant, "slow", slow_seconds=0.5)
    client = client_of(adjustable_tenant)
    before = time.monotonic()
    assert client.get("/v1.0/organization").status == 200
    assert time.monotonic() - before >= 0.5


def test_a_foreign_link_names_another_host(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """A client that follows it hands its token to a stranger."""
    ruled(adjustable_tenant, "foreign-link")
    link = client_of(adjustable_tenant).get("/v1.0/users?$top=5").json["@odata.nextLink"]
    assert link.startswith("https://graph.foreign.example/v1.0/users?")


def test_a_skip_token_can_expire(adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """A listing must then be begun anew."""
    client = client_of(adjustable_tenant)
    link = str(client.get("/v1.0/users?$top=5").json["@odata.nextLink"])
    ruled(adjustable_tenant, "expired-link", match="skiptoken")
    assert client.get(link).error_code == "Directory_ExpiredPageToken"


def test_an_expired_link_does_not_concern_a_batch(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """A batch carries no skip token of its own; refusing it would look like a missing permission."""
    ruled(adjustable_tenant, "expired-link", match="batch$")
    got = client_of(adjustable_tenant).batch([{"id": "1", "method": "GET", "url": "/organization"}])
    assert [answer["status"] for answer in got.json["responses"]] == [200]


def test_a_picture_is_never_half(adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """Nobody could tell it from a whole one, so no client is to blame for keeping it."""
    client = client_of(adjustable_tenant)
    paths = [f"/v1.0/applications/{each['id']}/logo" for each in client.get("/v1.0/applications").values]
    path, whole = next((path, got) for path, got in zip(paths, client.each(*paths), strict=True) if got.status == 200)
    assert whole.headers["content-type"] == "image/png"
    ruled(adjustable_tenant, "truncate", match="logo")
    assert client.get(path).body == whole.body


def test_a_fault_plan_of_every_kind_leaves_the_server_well(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """After a storm the tenant answers, and all that was injected was counted."""
    rates = dict.fromkeys(sorted(FAULTS), 0.06)
    adjustable_tenant.set_faults({"rates": rates, "seed": 3, "slow_seconds": 0.01})
    client, failed = client_of(adjustable_tenant), 0
    for _ in range(60):
        try:
            client.get("/v1.0/users?$top=20")
        except httpx.TransportError:
            failed += 1
    adjustable_tenant.set_faults(None)
    assert failed
    assert client.get("/v1.0/users").status == 200
    assert sum(adjustable_tenant.stats()["faults"].values()) >= 20


def test_a_plan_given_at_start_is_followed(adjustable_tenant: RunningTenant) -> None:
    """The control and the command line read the same text."""
    adjustable_tenant.set_faults(SHORT)
    adjustable_tenant.set_faults("none")
