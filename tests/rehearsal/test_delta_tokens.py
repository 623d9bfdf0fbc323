"""State tokens of change tracking: how long they live, whose they are, and how Graph says that one is no good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.delta_reset import LINK_TOO_OLD, RESETS, RESYNC, SYNC_STATE_NOT_FOUND
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.population.clock import SECONDS_A_DAY, SECONDS_A_MINUTE
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.oracle import tools_of
from tests.rehearsal.sdk import SdkClient
from tests.rehearsal.tracking import page_of, round_of, told

ANSWERS = {
    SYNC_STATE_NOT_FOUND: (400, "syncStateNotFound"),
    LINK_TOO_OLD: (400, "Request_UnsupportedQuery"),
    RESYNC: (410, "resyncRequired"),
}


def refusal_of(tenant: SimulatedTenant, link: str) -> Refusal:
    """What is answered to a link that is no good."""
    with pytest.raises(Refusal) as refused:
        page_of(tenant, link)
    return refused.value


def test_a_token_lives_seven_days_of_the_tenants_clock() -> None:
    """And not a minute more; following it gives one that lives seven days again."""
    tenant = tools_of(60)[0]
    link = round_of(tenant, "users/delta")[1]
    tenant.let_pass(7 * SECONDS_A_DAY)
    younger = round_of(tenant, link)[1]
    tenant.let_pass(SECONDS_A_MINUTE)
    assert (refusal_of(tenant, link).status, refusal_of(tenant, link).code) == (400, "syncStateNotFound")
    tenant.let_pass(7 * SECONDS_A_DAY - SECONDS_A_MINUTE)
    assert round_of(tenant, younger)[0] == []


def test_a_round_is_as_old_as_the_token_that_began_it() -> None:
    """What the journal forgot can't be paged to the end."""
    tenant, _, drift, _ = tools_of()
    tenant.reader.deltas.objects_a_page = 1
    link = round_of(tenant, "users/delta?$deltatoken=latest")[1]
    drift.advance(6)
    following = page_of(tenant, link)["@odata.nextLink"]
    drift.advance(2)
    assert refusal_of(tenant, following).code == "syncStateNotFound"


@pytest.mark.parametrize("style", RESETS)
def test_a_token_that_is_too_old_is_refused_in_the_way_that_was_chosen(style: str) -> None:
    """Graph documents two ways, and clients report a third one."""
    tenant = tools_of(60)[0]
    tenant.reader.deltas.resets.style = style
    link = round_of(tenant, "users/delta")[1]
    tenant.let_pass(8 * SECONDS_A_DAY)
    refusal = refusal_of(tenant, link)
    assert (refusal.status, refusal.code) == ANSWERS[style]
    assert ("Location" in refusal.headers) is (style == RESYNC)


def test_the_place_that_a_resync_names_begins_anew_with_what_was_selected() -> None:
    """An empty token, as in a first request."""
    tenant = tools_of(60)[0]
    group = tenant.population.plan.id_of("groups", 2)
    tenant.reader.deltas.resets.style = RESYNC
    first, link = round_of(tenant, f"groups/delta?$select=displayName,members&$filter=id eq '{group}'")
    tenant.let_pass(8 * SECONDS_A_DAY)
    location = refusal_of(tenant, link).headers["Location"]
    assert location.startswith("https://localhost/v1.0/groups/delta?")
    assert location.endswith("$deltatoken=")
    assert round_of(tenant, location)[0] == first


def test_tokens_of_another_tenant_or_made_up_ones_are_refused() -> None:
    """With 400, and never with somebody else's objects."""
    tenant, other = SimulatedTenant(60, seed=1), SimulatedTenant(60, seed=2)
    link = round_of(tenant, "users/delta")[1]
    for bad in (
        round_of(other, "users/delta")[1],
        link[:-4] + "AAAA",
        "users/delta?$deltatoken=hello",
        "users/delta?$skiptoken=%F0%9F%98%80",
        link.replace("users", "groups"),
        link.replace("deltatoken", "skiptoken"),
        f"{link}&$skiptoken=x",
    ):
        assert refusal_of(tenant, bad).status == 400, bad


def test_a_token_with_any_character_altered_is_refused() -> None:
    """So nobody can ask for what another token would show."""
    tenant = tools_of(60)[0]
    head, equals, token = round_of(tenant, "users/delta?$select=id")[1].rpartition("=")
    for place in range(len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        link = f"{head}{equals}{token[:place]}{other}{token[place + 1 :]}"
        assert refusal_of(tenant, link).status == 400


def test_a_token_of_another_life_of_the_tenant_is_too_old() -> None:
    """A tenant that was started anew has not seen what the token names."""
    tenant, _, drift, _ = tools_of(60)
    drift.advance(1)
    link = round_of(tenant, "users/delta")[1]
    assert refusal_of(tools_of(60)[0], link).code == "syncStateNotFound"


def test_select_may_change_with_a_delta_link_and_not_with_a_next_link() -> None:
    """As the overview says."""
    tenant, _, drift, _ = tools_of()
    tenant.reader.deltas.objects_a_page = 50
    following = page_of(tenant, "users/delta?$select=jobTitle")["@odata.nextLink"]
    assert refusal_of(tenant, f"{following}&$select=id").status == 400
    link = round_of(tenant, following)[1]
    drift.advance(3)
    values, _ = round_of(tenant, f"{link}&$select=lastPasswordChangeDateTime")
    changed = [value for value in told(values).values() if "@removed" not in value]
    assert changed
    assert all(value.keys() == {"id", "lastPasswordChangeDateTime"} for value in changed)


def test_tokens_hide_what_they_hold() -> None:
    """A client that looks inside would break on Graph."""
    link = round_of(tools_of(60)[0], "users/delta?$select=displayName,jobTitle")[1]
    assert "displayName" not in link
    assert link.count("$deltatoken=") == 1


def test_the_next_request_is_answered_with_a_reset_when_that_is_ordered(
    changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """Once for each order, for the collection that it names, and over real HTTP with its Location."""
    client = client_of(changing_tenant)
    users, groups = (client.get(f"/v1.0/{name}/delta").json["@odata.deltaLink"] for name in ("users", "groups"))
    changing_tenant.reset_deltas(RESYNC, collection="users")
    assert client.get(groups).status == 200
    assert client.get("/v1.0/users/delta").status == 200
    refused = client.get(users)
    assert (refused.status, refused.error_code) == (410, "resyncRequired")
    assert refused.headers["location"].endswith("/v1.0/users/delta?$deltatoken=")
    assert client.get(users).status == 200
    changing_tenant.reset_deltas(SYNC_STATE_NOT_FOUND)
    assert client.get(groups).error_code == "syncStateNotFound"
    assert client.get(groups).status == 200


@pytest.mark.parametrize("style", RESETS)
def test_a_fault_plan_refuses_state_tokens(
    style: str, adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """Requests without one go on."""
    client = client_of(adjustable_tenant)
    link = client.get("/v1.0/users/delta").json["@odata.deltaLink"]
    adjustable_tenant.set_faults(f"{style}:1.0")
    assert client.get("/v1.0/users/delta").status == 200
    assert client.get("/v1.0/users?$top=5").status == 200
    refused = client.get(link)
    assert (refused.status, refused.error_code) == ANSWERS[style]
    assert ("location" in refused.headers) is (style == RESYNC)


def test_sizes_of_a_page_and_the_way_of_a_reset_are_settings(
    changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """And time passes by `advance`."""
    client = client_of(changing_tenant)
    changing_tenant.set_deltas(page=10, links=1000, reset=LINK_TOO_OLD)
    assert len(client.get("/v1.0/users/delta").values) == 10
    link = client.get("/v1.0/users/delta?$deltatoken=latest").json["@odata.deltaLink"]
    assert changing_tenant.advance(8)
    assert client.get(link).error_code == "Request_UnsupportedQuery"
    stats = changing_tenant.stats()
    assert stats["path_classes"]["v1.0 users/delta"] >= 3
    assert stats["journal_entries"] > 0


def test_a_reset_of_a_request_in_hand_needs_its_token_to_be_good() -> None:
    """A made-up token is 400 under any fault plan."""
    tenant = tools_of(60)[0]
    question = Question(address_of("v1.0", "users/delta"), query_of("$deltatoken=hello"), Caller())
    with pytest.raises(Refusal) as refused:
        tenant.reader.deltas.reset(question, RESYNC)
    assert refused.value.status == 400
