"""The tenant without its network: deterministic, realistic, and the same bytes as over HTTPS."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec
import pytest

from archiver.graph.catalogue import load_catalogue
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.surface import ROWS
from recovery.rehearsal.population.access import RULES
from recovery.rehearsal.population.blueprint import LARGEST_TENANT_USERS
from recovery.rehearsal.population.names import HOSTILE
from recovery.rehearsal.population.pictures import picture_of
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.asking import everything
from tests.rehearsal.conftest import USERS
from tests.rehearsal.sdk import SdkClient

SELECT = load_catalogue().row_of("users").select


@pytest.fixture(scope="module")
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=300)


def bytes_of(tenant: SimulatedTenant) -> list[bytes]:
    """All pages of all collections and of what their objects contain, and of the members of all groups."""
    groups = tenant.population.collections["groups"]
    members = [body for id_ in groups for body in tenant.pages(f"groups/{id_}/members", version="beta")]
    return [body for _, body in everything(tenant)] + members


def users_of(tenant: SimulatedTenant) -> list[dict[str, Any]]:
    return [user for body in tenant.pages("users", select=SELECT) for user in msgspec.json.decode(body)["value"]]


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two runs of a test, on two machines, see one tenant."""
    assert bytes_of(SimulatedTenant(users=60, seed=5)) == bytes_of(SimulatedTenant(users=60, seed=5))


def test_another_seed_gives_another_tenant() -> None:
    """No id is shared, so two tenants can't be mixed up unnoticed."""
    first, second = SimulatedTenant(users=60, seed=5), SimulatedTenant(users=60, seed=6)
    assert first.id != second.id
    assert set(first.population.collections["users"]).isdisjoint(second.population.collections["users"])


def test_pages_without_http_are_the_bytes_that_http_sends(still: SdkClient, still_tenant: RunningTenant) -> None:
    """What a benchmark reads from memory is what an archiver gets from the wire."""
    tenant = SimulatedTenant(users=USERS)
    url = "/v1.0/users?$top=50&$select=id,displayName,assignedPlans&$expand=manager($select=id)"
    over_http = []
    while url:
        got = still.get(url)
        over_http.append(got.body)
        url = str(got.json.get("@odata.nextLink", ""))
    in_memory = list(
        tenant.pages(
            "users",
            top=50,
            select=("id", "displayName", "assignedPlans"),
            expand="manager($select=id)",
            origin=still_tenant.graph_url,
        )
    )
    assert len(over_http) == 3
    assert in_memory == over_http


def test_a_user_is_three_to_six_kilobytes(tenant: SimulatedTenant) -> None:
    """Sizes and compression measured on this tenant mean something only if users weigh what real ones do."""
    sizes = [len(json.dumps(user, ensure_ascii=False, separators=(",", ":")).encode()) for user in users_of(tenant)]
    assert 3000 <= sum(sizes) / len(sizes) <= 6000
    assert max(sizes) < 8000


def test_users_are_of_many_kinds(tenant: SimulatedTenant) -> None:
    """Guests, disabled accounts, cloud-only and synchronised ones, licensed and not."""
    users = users_of(tenant)
    assert Counter(user["userType"] for user in users)["Guest"] >= 10
    assert any(user["accountEnabled"] is False for user in users)
    assert {user["onPremisesSyncEnabled"] for user in users} == {True, None}
    assert any(not user["assignedPlans"] for user in users)
    assert any(not user["displayName"].isascii() for user in users)


def test_the_smallest_tenants_have_hostile_names_too(tenant: SimulatedTenant) -> None:
    """Reports must be proved against markup, formulas and escapes in every test."""
    names = {user["displayName"] for user in users_of(SimulatedTenant(users=40))}
    assert set(HOSTILE) <= names


def test_group_sizes_have_a_heavy_tail_and_one_group_holds_everybody(tenant: SimulatedTenant) -> None:
    """Most groups fit in one expanded page, a few do not, one is as large as the tenant."""
    links = tenant.population.links
    sizes = sorted(len(links.of("groups", "members", id)) for id in tenant.population.collections["groups"])
    assert sizes[-1] == 300
    assert sizes[len(sizes) // 2] <= 20
    assert sum(size > 20 for size in sizes) >= 5


def test_groups_hold_groups_devices_and_service_principals() -> None:
    """Every type of member occurs, so that losing one shows."""
    tenant = SimulatedTenant(users=1500)
    kinds = {
        tenant.population.kind_of(target)
        for id in tenant.population.collections["groups"]
        for target in tenant.population.links.of("groups", "members", id)
    }
    assert kinds == {"users", "groups", "devices", "servicePrincipals"}


def test_every_link_and_every_name_leads_to_something(tenant: SimulatedTenant) -> None:
    """References are closed on the first day: what dangles later was made to dangle."""
    population = tenant.population
    for row in ROWS:
        for id in population.collections[row.collection]:
            for relation in ("members", "owners", "manager", "sponsors", "registeredOwners"):
                for target in population.links.of(row.collection, relation, id):
                    assert population.kind_of(target), (row.collection, relation)
    for name in ("roleAssignments", "roleEligibilitySchedules"):
        for id in population.collections[name]:
            value = population.collections[name].value(id)
            assert population.kind_of(value["principalId"])
            assert value["roleDefinitionId"] in population.collections["roleDefinitions"]
    for id in population.collections["appRoleAssignments"]:
        value = population.collections["appRoleAssignments"].value(id)
        assert population.kind_of(value["principalId"]) and population.kind_of(value["resourceId"])


def test_conditional_access_looks_like_a_real_baseline(tenant: SimulatedTenant) -> None:
    """Each rule is a policy; exclusions and named locations exist."""
    policies = msgspec.json.decode(tenant.get("identity/conditionalAccess/policies").body)["value"]
    assert len(policies) == len(RULES)
    assert {policy["state"] for policy in policies} == {"enabled", "disabled", "enabledForReportingButNotEnforced"}
    for policy in policies:
        for group in policy["conditions"]["users"]["excludeGroups"]:
            assert group in tenant.population.collections["groups"]
        for location in (policy["conditions"]["locations"] or {}).get("excludeLocations", ()):
            assert location in tenant.population.collections["namedLocations"]


@pytest.mark.parametrize("users", [0, -1, LARGEST_TENANT_USERS + 1])
def test_a_tenant_of_an_impossible_size_is_refused(users: int) -> None:
    """A slip of the finger must not eat the machine's memory."""
    with pytest.raises(ValueError, match="users must be"):
        SimulatedTenant(users=users)


@pytest.mark.parametrize("users", [1, 2, 7, 17])
def test_a_tiny_tenant_is_complete(users: int) -> None:
    """Every collection can be read, even where there are fewer users than administrators."""
    assert bytes_of(SimulatedTenant(users=users))


def test_unreadable_member_types_come_as_nulls(tenant: SimulatedTenant) -> None:
    """Graph answers 200 with id and type only: a silent loss that an exporter must know of."""
    automation = tenant.population.plan.id_of("groups", 3)
    caller = Caller(roles=frozenset(("GroupMember.Read.All", "User.Read.All")))
    question = Question(address_of("beta", f"groups/{automation}/members"), query_of(""), caller)
    members = msgspec.json.decode(tenant.reader.answer(question).body)["value"]
    principals = [m for m in members if m["@odata.type"].endswith("servicePrincipal")]
    assert any(m["displayName"] for m in members if m["@odata.type"].endswith("user"))
    assert principals and all(p["id"] and p["displayName"] is None for p in principals)


def test_a_hidden_membership_needs_its_own_permission(tenant: SimulatedTenant) -> None:
    """Without Member.Read.Hidden the members of the board stay hidden."""
    board = tenant.population.plan.id_of("groups", 13)
    question = Question(address_of("beta", f"groups/{board}/members"), query_of(""), Caller())
    assert tenant.reader.answer(question).records == 7
    with pytest.raises(Refusal) as refused:
        tenant.reader.answer(question._replace(caller=Caller(roles=frozenset(("Group.Read.All",)))))
    assert refused.value.code == "Authorization_RequestDenied"


def test_no_place_of_a_template_is_left_open(tenant: SimulatedTenant) -> None:
    """A slip in a table would stand in every archive as an id that leads nowhere."""
    for row, body in everything(tenant):
        assert not re.search(rb"\{[a-z]+( [^{}\"]*)?\}", body), row.collection


def test_the_same_object_has_the_same_picture_and_another_another(tenant: SimulatedTenant) -> None:
    """Bytes are seeded like everything else."""
    seed = tenant.population.plan.seed
    one, same, other = (picture_of(seed, "users", "photo", (id,), "image/png") for id in ("a", "a", "b"))
    assert one == same != other
    assert one.startswith(b"\x89PNG\r\n\x1a\n") and one.endswith(b"IEND\xaeB`\x82")
