"""Listings, single objects and links, read over HTTPS through msgraph-sdk's adapter."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from msgraph.graph_service_client import GraphServiceClient

from recovery.rehearsal.graph.properties import DEFAULT
from recovery.rehearsal.population.groups import SPECIALS
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.conftest import USERS
from tests.rehearsal.sdk import SdkClient, adapter_of

EVENTUAL = {"ConsistencyLevel": "eventual"}


def group_named(still: SdkClient, name: str) -> dict[str, Any]:
    """A group of the tenant, by its name."""
    return still.get(f"/v1.0/groups?$filter=displayName eq '{name}'").values[0]


def test_every_user_is_listed_once_over_many_pages(still: SdkClient) -> None:
    """A client that follows the links sees everybody and nobody twice."""
    ids = [user["id"] for user in still.all("/v1.0/users?$top=17&$select=id")]
    assert len(ids) == len(set(ids)) == USERS


def test_the_order_of_a_listing_is_stable_and_not_that_of_the_ids(still: SdkClient) -> None:
    """An exporter that needs sorted records must sort them."""
    first, second = (still.all(f"/v1.0/users?$top={top}&$select=id") for top in (50, 999))
    assert first == second
    assert first != sorted(first, key=lambda user: str(user["id"]))


def test_a_page_has_a_hundred_objects_unless_asked_otherwise(still: SdkClient) -> None:
    """Graph's default page; a client that takes the first page for everything loses the rest."""
    got = still.get("/v1.0/users")
    assert len(got.values) == 100
    assert "@odata.nextLink" in got.json


def test_more_than_999_in_a_page_are_refused(still: SdkClient) -> None:
    """Graph's largest page."""
    assert still.get("/v1.0/users?$top=1000").status == 400


def test_a_next_link_names_the_host_that_was_asked(still: SdkClient, still_tenant: RunningTenant) -> None:
    """Links stay on the origin of the request, so that a client can refuse any other."""
    assert still.get("/v1.0/users?$top=5").json["@odata.nextLink"].startswith(f"{still_tenant.graph_url}/v1.0/users?")


def test_a_skip_token_works_for_its_own_request_only(still: SdkClient) -> None:
    """Tokens are opaque; one that was altered or moved to another query is expired."""
    link = str(still.get("/v1.0/users?$top=5").json["@odata.nextLink"])
    moved = link.replace("$top=5", "$top=6").replace("%24top=5", "%24top=6")
    altered = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    assert [got.error_code for got in still.each(moved, altered)] == ["Directory_ExpiredPageToken"] * 2


def test_a_user_without_select_has_the_eleven_default_properties(still: SdkClient) -> None:
    """Who forgets `$select` archives a fraction of a user."""
    assert set(still.get("/v1.0/users?$top=1").values[0]) == DEFAULT["user"]


def test_select_sends_what_it_names_and_nulls_too(still: SdkClient) -> None:
    """Nulls are data: the property was read and is empty."""
    value = still.get("/v1.0/users?$top=1&$select=id,faxNumber,assignedPlans").values[0]
    assert set(value) == {"id", "faxNumber", "assignedPlans"}
    assert value["faxNumber"] is None


@pytest.mark.parametrize(("select", "status"), [("nonsense", 400), ("skills", 501), ("deviceKeys", 400)])
def test_a_property_that_a_list_does_not_know_is_refused(still: SdkClient, select: str, status: int) -> None:
    """Unknown, single-object-only and beta-only properties can't be selected in a v1.0 list."""
    assert still.get(f"/v1.0/users?$select={select}").status == status


def test_beta_knows_more_properties(still: SdkClient) -> None:
    """Some properties exist in beta only."""
    assert still.get("/beta/users?$top=1&$select=deviceKeys").values == [{"deviceKeys": []}]


def test_a_single_object_is_read_by_id_and_a_user_by_name(still: SdkClient) -> None:
    """Single reads give the same object as the list."""
    listed = still.get("/v1.0/users?$top=3").values[2]
    by_id, by_name = still.each(f"/v1.0/users/{listed['id']}", f"/v1.0/users/{listed['userPrincipalName']}")
    assert by_id.json == by_name.json
    assert {**listed, "@odata.context": by_id.json["@odata.context"]} == by_id.json


def test_an_absent_object_is_404(still: SdkClient) -> None:
    """Graph's error code for it, also below a path that exists."""
    got = still.get("/v1.0/groups/00000000-0000-4000-8000-000000000000/members")
    assert (got.status, got.error_code) == (404, "Request_ResourceNotFound")


def test_an_unknown_path_is_400(still: SdkClient) -> None:
    """Graph names the segment that it does not know."""
    assert "nonsense" in still.get("/v1.0/nonsense").json["error"]["message"]


def test_every_response_says_that_it_is_simulated(still: SdkClient) -> None:
    """Nothing that talks to the simulator can take it for Microsoft; the date is Graph's clock to a client."""
    for got in still.each("/v1.0/users", "/v1.0/nonsense", "/v1.0/users/none"):
        assert got.headers["x-strongroom-simulated"] == "1"
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got.headers["date"])


def test_bodies_are_compressed_when_the_client_takes_it(still: SdkClient) -> None:
    """httpx asks for gzip; a client that does not gets the same bytes plain."""
    packed, plain = still.get("/v1.0/users"), still.get("/v1.0/users", {"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.body == plain.body


def test_a_count_needs_the_header_for_eventual_consistency(still: SdkClient) -> None:
    """Directory counts without ConsistencyLevel are refused, and `$count=true` is then not answered."""
    refused, silent = still.each("/v1.0/users/$count", "/v1.0/users?$count=true&$top=5")
    number = still.get("/v1.0/users/$count", EVENTUAL)
    told = still.get("/v1.0/users?$count=true&$top=5", EVENTUAL)
    second = still.get("/v1.0/users/$count?$filter=userType eq 'Guest'", EVENTUAL)
    assert refused.status == 400
    assert int(number.body) == USERS
    assert "@odata.count" not in silent.json
    assert told.json["@odata.count"] == USERS
    assert 0 < int(second.body) < USERS


def test_a_filter_by_time_takes_an_instant_without_quotes(still: SdkClient) -> None:
    """As OData writes instants."""
    every = [user["createdDateTime"] for user in still.all("/v1.0/users?$select=createdDateTime&$top=999")]
    middle = sorted(every)[len(every) // 2]
    found = still.all(f"/v1.0/users?$filter=createdDateTime ge {middle}&$select=createdDateTime&$top=999")
    assert sorted(user["createdDateTime"] for user in found) == sorted(at for at in every if at >= middle)


def test_filters_that_the_directory_indexes_are_served(still: SdkClient) -> None:
    """The ones that clients of the directory use."""
    some = still.get("/v1.0/users?$top=1&$select=id,userPrincipalName").values[0]
    by_id, guests, enabled, starting, unified = still.each(
        f"/v1.0/users?$filter=id eq '{some['id']}'",
        "/v1.0/users?$filter=userType eq 'Guest'&$select=userType",
        "/v1.0/users?$top=999&$filter=accountEnabled eq false and userType eq 'Member'&$select=accountEnabled",
        f"/v1.0/users?$filter=startswith(userPrincipalName,'{some['userPrincipalName'][:6]}')",
        "/v1.0/groups?$filter=groupTypes/any(c:c eq 'Unified')&$select=groupTypes",
    )
    assert [user["id"] for user in by_id.values] == [some["id"]]
    assert {user["userType"] for user in guests.values} == {"Guest"}
    assert {user["accountEnabled"] for user in enabled.values} == {False}
    assert some["id"] in {user["id"] for user in starting.values}
    assert all("Unified" in group["groupTypes"] for group in unified.values)


@pytest.mark.parametrize(
    "query",
    [
        "$filter=endswith(mail,'x')",
        "$filter=accountEnabled ne true",
        '$search="displayName:a"',
        "$orderby=displayName",
        "$filter=not(accountEnabled eq true)",
        "$filter=displayName eq",
    ],
)
def test_other_queries_are_refused_as_unsupported(still: SdkClient, query: str) -> None:
    """What is not simulated must fail loudly and not give everything."""
    assert still.get(f"/v1.0/users?{query}").error_code == "Request_UnsupportedQuery"


def test_v1_members_leave_out_service_principals_and_beta_shows_them(still: SdkClient) -> None:
    """The documented gap of v1.0, through which exporters lose members."""
    group = group_named(still, "Privileged automation")["id"]
    old, new, expanded, cast = still.each(
        f"/v1.0/groups/{group}/members?$select=id",
        f"/beta/groups/{group}/members?$select=id",
        f"/v1.0/groups/{group}?$select=id&$expand=members($select=id)",
        f"/beta/groups/{group}/members/microsoft.graph.servicePrincipal?$select=id",
    )
    principal = "#microsoft.graph.servicePrincipal"
    assert principal not in {member["@odata.type"] for member in old.values}
    assert [m["@odata.type"] for m in new.values].count(principal) == 3
    assert expanded.json["members"] == new.values
    assert len(cast.values) == 3


@pytest.mark.parametrize(("name", "shown"), [("nineteen", 19), ("twenty", 20), ("twenty-one", 20)])
def test_expand_gives_twenty_at_most_and_no_link(still: SdkClient, name: str, shown: int) -> None:
    """Twenty may be all or a part; only reading the relation tells."""
    group = group_named(still, f"Exactly {name}")
    value = still.get(f"/v1.0/groups/{group['id']}?$expand=members($select=id)").json
    assert len(value["members"]) == shown
    assert "members@odata.nextLink" not in value


def test_a_large_group_is_read_in_pages(still: SdkClient) -> None:
    """The group of everybody does not fit in one page."""
    group = group_named(still, SPECIALS[0].name)
    members = still.all(f"/v1.0/groups/{group['id']}/members?$select=id&$top=50")
    assert len({member["id"] for member in members}) == USERS
    assert {tuple(sorted(member)) for member in members} == {("@odata.type", "id")}


def test_a_reference_is_one_object_or_404(still: SdkClient) -> None:
    """A manager is one object; who has none is answered 404, and `$expand` leaves the property out."""
    users = still.get("/v1.0/users?$select=id&$top=999&$expand=manager($select=id)").values
    managed = next(user for user in users if "manager" in user)
    alone = next(user for user in users if "manager" not in user)
    found, absent = still.each(f"/v1.0/users/{managed['id']}/manager?$select=id", f"/v1.0/users/{alone['id']}/manager")
    assert found.json["id"] == managed["manager"]["id"]
    assert absent.status == 404


def test_contained_objects_are_read_under_their_parent(still: SdkClient) -> None:
    """Assignments are listed by the resource, credentials by the application, scoped roles by the unit."""
    principals = still.all("/v1.0/servicePrincipals?$select=id,displayName")
    graph = next(p["id"] for p in principals if p["displayName"] == "Microsoft Graph")
    assignments = still.all(f"/v1.0/servicePrincipals/{graph}/appRoleAssignedTo")
    one = still.get(f"/v1.0/servicePrincipals/{graph}/appRoleAssignedTo/{assignments[0]['id']}")
    assert {assignment["resourceId"] for assignment in assignments} == {graph}
    assert one.json["principalId"] == assignments[0]["principalId"]
    applications = still.get("/v1.0/applications?$expand=federatedIdentityCredentials").values
    assert sum(len(app["federatedIdentityCredentials"]) for app in applications) >= 1
    units = still.get("/beta/administrativeUnits?$expand=scopedRoleMembers").values
    assert any(unit["scopedRoleMembers"] for unit in units)


def test_singletons_and_derived_types_look_as_on_graph(still: SdkClient) -> None:
    """A singleton has no `value` list; a named location says what it is."""
    policy, locations, partners = still.each(
        "/v1.0/policies/authorizationPolicy",
        "/v1.0/identity/conditionalAccess/namedLocations",
        "/v1.0/policies/crossTenantAccessPolicy/partners",
    )
    assert policy.json["id"] == "authorizationPolicy"
    assert {location["@odata.type"] for location in locations.values} == {
        "#microsoft.graph.countryNamedLocation",
        "#microsoft.graph.ipNamedLocation",
    }
    assert all("id" not in partner and partner["tenantId"] for partner in partners.values)


def test_certificates_are_sent_only_when_they_are_asked_for(still: SdkClient) -> None:
    """Without `$select` the bytes of a key credential are null, so a plain export loses them."""
    plain = [key for app in still.get("/v1.0/applications").values for key in app["keyCredentials"]]
    asked = [
        key for app in still.get("/v1.0/applications?$select=keyCredentials").values for key in app["keyCredentials"]
    ]
    assert plain and all(key["key"] is None for key in plain)
    assert len(asked) == len(plain) and all(key["key"] for key in asked)


def test_no_secret_is_ever_readable(still: SdkClient) -> None:
    """Only hints of a secret remain, as on Graph."""
    secrets = [s for app in still.get("/v1.0/applications").values for s in app["passwordCredentials"]]
    assert secrets and all(secret["secretText"] is None and len(secret["hint"]) == 3 for secret in secrets)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # msgraph-sdk warns of its own classes
def test_the_typed_client_of_the_sdk_reads_users(still_tenant: RunningTenant) -> None:
    """Unmodified msgraph-sdk, models and all, can parse what is sent."""

    async def read() -> list[Any]:
        async with adapter_of(still_tenant) as adapter:
            client = GraphServiceClient(request_adapter=adapter.request_adapter)
            page = await client.users.get()
            policies = await client.identity.conditional_access.policies.get()
            assert page is not None and policies is not None
            return [page.value, policies.value]

    users, policies = asyncio.run(read())
    assert len(users) == 100 and users[0].display_name == "Break Glass 1"
    assert {policy.state for policy in policies}
