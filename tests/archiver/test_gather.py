"""Gathering: every collection ends complete or with a gap, whatever the other side does meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from archiver.errors import SimulatedTenantError, WriteRolesError, WrongTenantError
from archiver.gather import gather
from archiver.gathered import Completeness, Gathered
from archiver.graph.catalogue import load_catalogue
from archiver.graph.client import GraphClient
from archiver.graph.errors import CredentialRefusedError, GraphUnreachableError
from archiver.graph.reader import Patience
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import READ_ROLES, TENANT_ID, SmallTenant, export_settings

QUICK = Patience(attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.02, deadline_seconds=20)
USER = "#microsoft.graph.user"
PRINCIPAL = "#microsoft.graph.servicePrincipal"
Prepare = Callable[[SmallTenant], None]


def _gathered(
    folder: Path,
    collections: list[str],
    prepare: Prepare = lambda tenant: None,
    *,
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[Gathered, MemorySink, SmallTenant]:
    sink = MemorySink()
    tenant = SmallTenant(folder, **options)

    async def main() -> Gathered:
        async with tenant:
            prepare(tenant)
            configured = tenant.settings(**(settings or {}))
            async with GraphClient(configured, connections=8) as client:
                rows = load_catalogue().chosen(collections)
                return await gather(
                    client, rows, sink, tenant=configured, export=export_settings(), patience=QUICK
                )

    return asyncio.run(main()), sink, tenant


def _with_users(count: int) -> Prepare:
    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": f"u{n:04}", "displayName": f"User {n}"} for n in range(count)]

    return prepare


def _with_group(*members: dict[str, str]) -> Prepare:
    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        tenant.related["/groups/g0/members"] = list(members)

    return prepare


def _users(count: int) -> list[dict[str, str]]:
    return [{"@odata.type": USER, "id": f"u{n:04}"} for n in range(count)]


def _error(status: int, code: str = "Code", **headers: str) -> Callable[[], web.StreamResponse]:
    text = json.dumps({"error": {"code": code, "message": "why"}})
    return lambda: web.Response(status=status, text=text, content_type="application/json", headers=headers)


def _reasons(gathered: Gathered) -> list[tuple[str, str | None, str | None, str]]:
    return [gap[:4] for gap in gathered.gaps]


def test_a_collection_of_many_pages_is_read_whole(tmp_path: Path) -> None:
    """The plain case: all ids, once each, and nothing missing."""
    gathered, sink, _ = _gathered(tmp_path, ["users"], _with_users(250))
    assert sorted(sink.values("users")) == [f"u{n:04}" for n in range(250)]
    assert gathered.counts == {"users": 250}
    assert gathered.complete == ("users",)
    assert gathered.gaps == ()
    assert gathered.completeness == (Completeness("users", 250, 250, 10),)


def test_what_the_run_was_is_told(tmp_path: Path) -> None:
    """Manifests state tenant, times and whether the tenant was simulated."""
    gathered, _, tenant = _gathered(tmp_path, ["users"], _with_users(3))
    assert gathered.tenant_id == TENANT_ID
    assert gathered.simulated is True
    assert gathered.requests == len(tenant.asked)
    assert gathered.graph_date is not None
    assert abs((datetime.now(UTC) - gathered.graph_date).total_seconds()) < 60
    assert gathered.started_at <= gathered.taken_at


def test_a_service_principal_in_a_group_is_kept(tmp_path: Path) -> None:
    """v1.0 leaves it out without a word; an attacker's app in an admin group is what one looks for."""
    member = {"@odata.type": PRINCIPAL, "id": "sp1"}
    _, sink, _ = _gathered(tmp_path, ["groups"], _with_group(member))
    assert sink.values("groups", "members") == {"g0": [member]}


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 250])
def test_as_many_members_as_expand_gives_are_read_anew(tmp_path: Path, count: int) -> None:
    """`$expand` stops at twenty and says nothing."""
    gathered, sink, tenant = _gathered(tmp_path, ["groups"], _with_group(*_users(count)))
    assert len(sink.values("groups", "members").get("g0", [])) == count
    assert gathered.gaps == ()
    assert any("/g0/members" in url for url in tenant.asked) is (count >= 20)


def test_where_expand_is_refused_each_object_is_asked(tmp_path: Path) -> None:
    """Not every cloud and not every collection expands; that costs time and no data."""

    def prepare(tenant: SmallTenant) -> None:
        _with_group(*_users(5))(tenant)
        tenant.no_expansion = True
        _with_users(45)(tenant)
        tenant.related["/users/u0001/manager"] = [{"@odata.type": USER, "id": "u0000"}]

    gathered, sink, _ = _gathered(tmp_path, ["groups"], prepare)
    assert len(sink.values("groups", "members")["g0"]) == 5
    assert gathered.gaps == ()


def test_a_manager_is_a_relation_with_one_target(tmp_path: Path) -> None:
    """And a user without one has no record, not an empty one."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(3)(tenant)
        tenant.related["/users/u0001/manager"] = [{"@odata.type": USER, "id": "u0000", "displayName": "gone"}]

    _, sink, _ = _gathered(tmp_path, ["users"], prepare)
    assert sink.values("users", "manager") == {"u0001": [{"@odata.type": USER, "id": "u0000"}]}


def test_a_scoped_role_keeps_what_the_relation_carries(tmp_path: Path) -> None:
    """Without the role it would be an admin of nothing."""
    scoped = {"id": "s1", "administrativeUnitId": "au1", "roleId": "r1", "roleMemberInfo": {"id": "u1"}}

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": "au1"}]
        tenant.related["/directory/administrativeUnits/au1/scopedRoleMembers"] = [scoped]

    gathered, sink, _ = _gathered(tmp_path, ["administrativeUnits"], prepare)
    assert sink.values("administrativeUnits", "scopedRoleMembers") == {"au1": [scoped]}
    assert gathered.gaps == ()


@pytest.mark.parametrize("count", [3, 20, 130])
def test_contained_objects_are_records_with_their_parent(tmp_path: Path, count: int) -> None:
    """App role assignments are read once, from the resource's side."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/servicePrincipals"] = [{"id": "sp1"}, {"id": "sp2"}]
        tenant.related["/servicePrincipals/sp1/appRoleAssignedTo"] = [
            {"id": f"a{n}", "appRoleId": "r"} for n in range(count)
        ]

    gathered, sink, _ = _gathered(tmp_path, ["appRoleAssignments"], prepare)
    lines = [json.loads(line) for line in sink.lines() if b'"appRoleAssignments"' in line]
    assert len(lines) == gathered.counts["appRoleAssignments"] == count
    assert {tuple(line["parent"]) for line in lines} == {("servicePrincipals", "sp1")}
    assert gathered.complete == ("servicePrincipals", "appRoleAssignments")


def test_a_singleton_is_one_record(tmp_path: Path) -> None:
    """It bears its collection's name."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.singles["/policies/authorizationPolicy"] = {"id": "authorizationPolicy", "x": 1}

    gathered, sink, _ = _gathered(tmp_path, ["authorizationPolicy"], prepare)
    assert sink.values("authorizationPolicy") == {
        "authorizationPolicy": {"id": "authorizationPolicy", "x": 1}
    }
    assert gathered.counts == {"authorizationPolicy": 1}


def test_a_forbidden_collection_becomes_a_gap(tmp_path: Path) -> None:
    """Absence is data: the others are read, and this one is signed for as missing."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(3)(tenant)
        tenant.on("/domains", _error(403, "Authorization_RequestDenied"))

    gathered, sink, _ = _gathered(tmp_path, ["users", "domains"], prepare)
    assert _reasons(gathered) == [("domains", None, None, "forbidden")]
    assert gathered.complete == ("users",)
    assert len(sink.values("users")) == 3


def test_a_malformed_object_is_a_gap_and_costs_only_its_page(tmp_path: Path) -> None:
    """A name that stands twice can't be guessed about; the pages beside it are sound."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(250)(tenant)
        link = json.dumps(
            f"{tenant.origin}/v1.0/users?$select=id,displayName,userType&$top=999&$skiptoken=200"
        )
        broken = f'{{"@odata.nextLink":{link},"value":[{{"id":"x","a":1,"a":2}}]}}'
        tenant.on(
            "userType&$top=999&$skiptoken=100",
            lambda: web.Response(text=broken, content_type="application/json"),
        )
        tenant.lists["/domains"] = [{"id": "contoso.com"}]

    gathered, sink, _ = _gathered(tmp_path, ["users", "domains"], prepare)
    assert _reasons(gathered) == [("users", None, None, "malformed-page")]
    assert len(sink.values("users")) == 150
    assert "domains" in gathered.complete


def test_a_page_that_stays_cut_short_is_a_gap(tmp_path: Path) -> None:
    """What came before is kept, and nobody takes it for the whole."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(250)(tenant)
        tenant.on(
            "displayName,employeeHireDate",
            lambda: web.Response(body=b'{"value":[{"id":"u', content_type="application/json"),
        )

    gathered, sink, _ = _gathered(tmp_path, ["users"], prepare)
    assert ("users", None, None, "malformed-page") in _reasons(gathered)
    assert gathered.complete == ()
    assert sink.values("users") == {}


def test_passing_faults_of_every_kind_leave_the_same_records(tmp_path: Path) -> None:
    """One unchanged tenant, read in fair weather and in foul, is one snapshot."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(250)(tenant)
        _with_group(*_users(250))(tenant)

    def foul(tenant: SmallTenant) -> None:
        prepare(tenant)
        for number, part in enumerate(("/v1.0/users", "/beta/groups", "$batch", "skiptoken=100")):
            tenant.on(part, _error(503), times=1)
            tenant.on(part, lambda: web.Response(body=b"", content_type="application/json"), times=1)
            tenant.reset_on(part, times=1 if number == 0 else 0)
        tenant.on("skiptoken=200", _error(429, **{"Retry-After": "1"}), times=2)

    (tmp_path / "fair").mkdir()
    (tmp_path / "foul").mkdir()
    fair, fair_sink, _ = _gathered(tmp_path / "fair", ["users", "groups"], prepare)
    patient, foul_sink, _ = _gathered(tmp_path / "foul", ["users", "groups"], foul)
    assert patient.gaps == fair.gaps == ()
    assert patient.throttled == 2
    assert foul_sink.lines() == fair_sink.lines()


def test_a_foreign_link_is_a_gap_and_nobody_gets_the_token(tmp_path: Path) -> None:
    """A page that sends us elsewhere is an attack or a defect; either way the list is not whole."""
    page = b'{"value":[{"id":"u1"}],"@odata.nextLink":"https://elsewhere.invalid/v1.0/users"}'

    def prepare(tenant: SmallTenant) -> None:
        tenant.on("displayName", lambda: web.Response(body=page, content_type="application/json"))
        _with_users(1)(tenant)

    gathered, sink, _ = _gathered(tmp_path, ["users"], prepare)
    assert ("users", None, None, "foreign-link") in _reasons(gathered)
    assert "u1" in sink.values("users")


def test_a_list_whose_links_have_grown_too_old_begins_anew(tmp_path: Path) -> None:
    """A throttled night outlives Graph's skip tokens; what was read twice counts once."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(250)(tenant)
        _with_group(*_users(250))(tenant)
        tenant.on("userType&$top=999&$skiptoken=200", _error(400, "Directory_ExpiredPageToken"), times=1)
        tenant.on(
            "/g0/members?$select=id&$top=999&$skiptoken=200",
            _error(400, "Directory_ExpiredPageToken"),
            times=1,
        )

    gathered, sink, tenant = _gathered(tmp_path, ["users", "groups"], prepare)
    assert gathered.gaps == ()
    assert gathered.counts == {"users": 250, "groups": 2}
    assert len(sink.values("groups", "members")["g0"]) == 250
    assert len([url for url in tenant.asked if "userType&$top=999&$skiptoken=100" in url]) == 2


def test_next_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    """A run that never ends is no backup."""
    tenant_origin: list[str] = []

    def circle() -> web.StreamResponse:
        link = f"{tenant_origin[0]}/v1.0/domains?again"
        return web.json_response({"value": [{"id": "a"}], "@odata.nextLink": link})

    def prepare(tenant: SmallTenant) -> None:
        tenant_origin.append(tenant.origin)
        tenant.on("/domains", circle)

    gathered, _, _ = _gathered(tmp_path, ["domains"], prepare)
    assert _reasons(gathered) == [("domains", None, None, "malformed-page")]


def test_an_object_that_comes_twice_while_paging_counts_once(tmp_path: Path) -> None:
    """Somebody was deleted, everything moved up, and the later page is the truer one."""
    pages = {
        "": {"value": [{"id": "a", "v": 1}, {"id": "b", "v": 1}]},
        "n": {"value": [{"id": "b", "v": 2}, {"id": "c", "v": 1}]},
    }

    def prepare(tenant: SmallTenant) -> None:
        first = {**pages[""], "@odata.nextLink": f"{tenant.origin}/v1.0/domains?$skiptoken=n"}
        tenant.on("skiptoken=n", lambda: web.json_response(pages["n"]))
        tenant.on("/domains", lambda: web.json_response(first))

    gathered, sink, _ = _gathered(tmp_path, ["domains"], prepare)
    assert sink.values("domains") == {
        "a": {"id": "a", "v": 1},
        "b": {"id": "b", "v": 2},
        "c": {"id": "c", "v": 1},
    }
    assert gathered.counts == {"domains": 3}


def test_an_object_that_only_a_later_pass_has_seen_is_read_too(tmp_path: Path) -> None:
    """A relation must not stand without its object."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(3)(tenant)
        listed = json.dumps({"value": [{"id": "u0000"}, {"id": "u0001"}]})
        tenant.on(
            "displayName,employeeHireDate",
            lambda: web.Response(text=listed, content_type="application/json"),
            times=1,
        )
        tenant.related["/users/u0002/manager"] = [{"@odata.type": USER, "id": "u0000"}]

    gathered, sink, _ = _gathered(tmp_path, ["users"], prepare)
    assert sorted(sink.values("users")) == ["u0000", "u0001", "u0002"]
    assert "u0002" in sink.values("users", "manager")
    assert gathered.gaps == ()


def test_an_object_that_went_before_its_relation_was_read_is_a_gap(tmp_path: Path) -> None:
    """Its record is from before, its members are unknown, and unknown is never shown as none."""

    def prepare(tenant: SmallTenant) -> None:
        _with_group(*_users(3))(tenant)
        everything = json.dumps({"value": [{"id": "g0"}, {"id": "g1"}, {"id": "gone"}]})
        tenant.on(
            "displayName", lambda: web.Response(text=everything, content_type="application/json"), times=1
        )

    gathered, _, _ = _gathered(tmp_path, ["groups"], prepare)
    assert _reasons(gathered) == [
        ("groups", "members", "gone", "not-found"),
        ("groups", "owners", "gone", "not-found"),
    ]


def test_a_relation_of_one_object_that_fails_is_a_gap_with_its_id(tmp_path: Path) -> None:
    """The other groups' members are whole, and the gap says which one's are not."""

    def prepare(tenant: SmallTenant) -> None:
        _with_group(*_users(250))(tenant)
        tenant.on("/g0/members?$select=id&$top=999&$skiptoken=100", _error(403))

    gathered, sink, _ = _gathered(tmp_path, ["groups"], prepare)
    assert _reasons(gathered) == [("groups", "members", "g0", "forbidden")]
    assert sink.values("groups", "members") == {}
    assert len(sink.values("groups")) == 2


def test_a_malformed_member_is_a_gap_of_its_group_alone(tmp_path: Path) -> None:
    """A member without id can't be archived, and its group must not look complete."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        tenant.related["/groups/g0/members"] = [{"id": ""}]
        tenant.related["/groups/g1/members"] = _users(2)

    gathered, sink, _ = _gathered(tmp_path, ["groups"], prepare)
    assert _reasons(gathered) == [("groups", "members", "g0", "malformed-page")]
    assert len(sink.values("groups", "members")["g1"]) == 2


def test_more_failing_objects_than_a_list_can_bear_become_one_gap(tmp_path: Path) -> None:
    """A manifest with a hundred thousand gaps says no more than one that names the relation."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": f"au{n}"} for n in range(150)]
        denied = {"error": {"code": "Authorization_RequestDenied", "message": "no"}}
        tenant.inner_faults.append(
            ["/scopedRoleMembers", {"status": 403, "headers": {}, "body": denied}, 10_000]
        )

    gathered, _, _ = _gathered(tmp_path, ["administrativeUnits"], prepare)
    assert _reasons(gathered) == [("administrativeUnits", "scopedRoleMembers", None, "forbidden")]
    assert "150 objects" in gathered.gaps[0].detail


def test_clearly_fewer_objects_than_graph_counts_are_a_gap(tmp_path: Path) -> None:
    """A list that ends early looks whole from within."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(30)(tenant)
        tenant.on("/users/$count", lambda: web.Response(text="99"))

    gathered, _, _ = _gathered(tmp_path, ["users"], prepare)
    assert gathered.completeness == (Completeness("users", 30, 99, 10),)
    assert _reasons(gathered) == [("users", None, None, "server-error")]


def test_a_count_within_the_tolerance_or_absent_is_no_gap(tmp_path: Path) -> None:
    """People come and go while a tenant is read, and the index lags."""

    def off_by_ten(tenant: SmallTenant) -> None:
        _with_users(30)(tenant)
        tenant.on("/users/$count", lambda: web.Response(text="40"))

    def no_count(tenant: SmallTenant) -> None:
        _with_users(30)(tenant)
        tenant.on("/users/$count", _error(400))

    assert _gathered(tmp_path, ["users"], off_by_ten)[0].gaps == ()
    gathered = _gathered(tmp_path, ["users"], no_count)[0]
    assert gathered.completeness == (Completeness("users", 30, None, 0),)
    assert gathered.gaps == ()


def test_hidden_memberships_that_can_not_be_seen_are_a_gap(tmp_path: Path) -> None:
    """Graph shows such a group as empty to an app without the permission, with status 200."""
    roles = tuple(role for role in READ_ROLES if role != "Member.Read.Hidden")
    gathered, _, _ = _gathered(tmp_path, ["groups"], _with_group(*_users(3)), roles=roles)
    assert _reasons(gathered) == [("groups", "members", None, "forbidden")]


def test_an_app_that_may_write_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Whoever steals the archive host must not be able to change the tenant."""
    asked: list[SmallTenant] = []
    with pytest.raises(WriteRolesError) as caught:
        _gathered(tmp_path, ["users"], asked.append, roles=("User.ReadWrite.All", "User.Read.All"))
    assert "User.ReadWrite.All" in caught.value.message
    assert caught.value.exit_status == 4
    assert asked[0].asked == []


def test_a_simulated_tenant_is_refused_by_settings_for_a_real_one(tmp_path: Path) -> None:
    """An archive of a simulation must never pass for the tenant's."""
    asked: list[SmallTenant] = []
    with pytest.raises(SimulatedTenantError):
        _gathered(tmp_path, ["users"], asked.append, settings={"simulated": False})
    assert len(asked[0].asked) == 1


def test_a_real_tenant_is_refused_by_settings_for_a_simulated_one(tmp_path: Path) -> None:
    """A rehearsal must never touch the real one."""
    with pytest.raises(SimulatedTenantError):
        _gathered(tmp_path, ["users"], simulated=False, settings={"simulated": True})


def test_another_tenant_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    """Its records would go into the wrong archive."""
    with pytest.raises(WrongTenantError):
        _gathered(tmp_path, ["users"], settings={"id": "00000000-2222-4333-8444-555555555555"})


def test_a_credential_that_is_refused_ends_the_run_with_its_own_error(tmp_path: Path) -> None:
    """Not with a group of errors, and not with thirty gaps."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(3)(tenant)
        tenant.on("/users", _error(401))

    with pytest.raises(CredentialRefusedError):
        _gathered(tmp_path, ["users"], prepare)


def test_nobody_there_at_the_start_is_an_error_and_no_snapshot_of_gaps(tmp_path: Path) -> None:
    """A snapshot of nothing helps nobody; the operator has to know."""
    with pytest.raises(GraphUnreachableError):
        _gathered(tmp_path, ["users"], lambda tenant: tenant.reset_on("/organization", times=1000))


def test_two_runs_over_an_unchanged_tenant_leave_the_same_lines(tmp_path: Path) -> None:
    """Otherwise every delta would hold the whole tenant."""

    def prepare(tenant: SmallTenant) -> None:
        _with_users(250)(tenant)
        _with_group(*_users(250))(tenant)

    lines = [_gathered(tmp_path, ["users", "groups"], prepare)[1].lines() for _ in range(2)]
    assert lines[0] == lines[1]
