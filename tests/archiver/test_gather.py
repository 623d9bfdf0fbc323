"""Gathering: what is there is read, whole and once."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from archiver.gathering.gathered import Completeness
from tests.archiver.gather_kit import (
    PRINCIPAL,
    TAKEN_AT,
    USER,
    gathered_from,
    user_targets,
    with_group,
    with_users,
)
from tests.graph.small_tenant import TENANT_ID, SmallTenant


def test_a_collection_of_many_pages_is_read_whole(tmp_path: Path) -> None:
    """The plain case: all ids, once each, and nothing missing."""
    gathered, sink, _ = gathered_from(tmp_path, ["users"], with_users(250))
    assert sorted(sink.values("users")) == [f"u{n:04}" for n in range(250)]
    assert gathered.counts == {"users": 250}
    assert gathered.complete == ("users",)
    assert gathered.gaps == ()
    assert gathered.completeness == (Completeness("users", 250, 250, 10),)


def test_what_the_run_was_is_told(tmp_path: Path) -> None:
    """Manifests state tenant, times and whether the tenant was simulated."""
    gathered, _, tenant = gathered_from(tmp_path, ["users"], with_users(3))
    assert gathered.tenant_id == TENANT_ID
    assert gathered.simulated is True
    assert gathered.requests == len(tenant.asked)
    assert gathered.graph_date is not None
    assert abs((datetime.now(UTC) - gathered.graph_date).total_seconds()) < 60
    assert gathered.taken_at == TAKEN_AT


def test_a_service_principal_in_a_group_is_kept(tmp_path: Path) -> None:
    """v1.0 leaves it out without a word; an attacker's app in an admin group is what one looks for."""
    member = {"@odata.type": PRINCIPAL, "id": "sp1"}
    _, sink, _ = gathered_from(tmp_path, ["groups"], with_group(member))
    assert sink.values("groups", "members") == {"g0": [member]}


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 250])
def test_as_many_members_as_expand_gives_are_read_anew(tmp_path: Path, count: int) -> None:
    """`$expand` stops at twenty and says nothing."""
    gathered, sink, tenant = gathered_from(tmp_path, ["groups"], with_group(*user_targets(count)))
    assert len(sink.values("groups", "members").get("g0", [])) == count
    assert gathered.gaps == ()
    assert any("/g0/members" in url for url in tenant.asked) is (count >= 20)


def test_large_groups_that_come_in_one_batch_are_read_beside_each_other(tmp_path: Path) -> None:
    """A group of everybody is a hundred pages, each of which names the next; one after the other takes long."""
    groups = ["g0", "g1", "g2"]
    members = user_targets(150)
    all_ask = asyncio.Barrier(len(groups))

    async def second_page() -> web.StreamResponse:
        await asyncio.wait_for(all_ask.wait(), 10)
        return web.json_response({"value": members[100:]})

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": id_} for id_ in groups]
        tenant.related |= {f"/groups/{id_}/members": members for id_ in groups}
        tenant.faults.append(lambda request: second_page() if "skiptoken=100" in request.path_qs else None)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert {id_: len(targets) for id_, targets in sink.values("groups", "members").items()} == dict.fromkeys(
        groups, 150
    )
    assert gathered.gaps == ()


def test_where_expand_is_refused_each_object_is_asked(tmp_path: Path) -> None:
    """Not every cloud and not every collection expands; that costs time and no data."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(5))(tenant)
        tenant.no_expansion = True
        with_users(45)(tenant)
        tenant.related["/users/u0001/manager"] = [{"@odata.type": USER, "id": "u0000"}]

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert len(sink.values("groups", "members")["g0"]) == 5
    assert gathered.gaps == ()


def test_a_manager_is_a_relation_with_one_target(tmp_path: Path) -> None:
    """And a user without one has no record, not an empty one."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.related["/users/u0001/manager"] = [{"@odata.type": USER, "id": "u0000", "displayName": "gone"}]

    _, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    assert sink.values("users", "manager") == {"u0001": [{"@odata.type": USER, "id": "u0000"}]}


def test_a_scoped_role_keeps_what_the_relation_carries(tmp_path: Path) -> None:
    """Without the role it would be an admin of nothing."""
    scoped = {"id": "s1", "administrativeUnitId": "au1", "roleId": "r1", "roleMemberInfo": {"id": "u1"}}

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": "au1"}]
        tenant.related["/directory/administrativeUnits/au1/scopedRoleMembers"] = [scoped]

    gathered, sink, _ = gathered_from(tmp_path, ["administrativeUnits"], prepare)
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

    gathered, sink, _ = gathered_from(tmp_path, ["appRoleAssignments"], prepare)
    lines = [json.loads(line) for line in sink.lines() if b'"appRoleAssignments"' in line]
    assert len(lines) == gathered.counts["appRoleAssignments"] == count
    assert {tuple(line["parent"]) for line in lines} == {("servicePrincipals", "sp1")}
    assert gathered.complete == ("servicePrincipals", "appRoleAssignments")


def test_a_singleton_is_one_record(tmp_path: Path) -> None:
    """It bears its collection's name."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.singles["/policies/authorizationPolicy"] = {"id": "authorizationPolicy", "x": 1}

    gathered, sink, _ = gathered_from(tmp_path, ["authorizationPolicy"], prepare)
    assert sink.values("authorizationPolicy") == {"authorizationPolicy": {"id": "authorizationPolicy", "x": 1}}
    assert gathered.counts == {"authorizationPolicy": 1}


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

    gathered, sink, _ = gathered_from(tmp_path, ["domains"], prepare)
    assert sink.values("domains") == {
        "a": {"id": "a", "v": 1},
        "b": {"id": "b", "v": 2},
        "c": {"id": "c", "v": 1},
    }
    assert gathered.counts == {"domains": 3}


def test_an_object_that_only_a_later_pass_has_seen_is_read_too(tmp_path: Path) -> None:
    """A relation must not stand without its object."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        listed = json.dumps({"value": [{"id": "u0000"}, {"id": "u0001"}]})
        tenant.on(
            "displayName,employeeHireDate",
            lambda: web.Response(text=listed, content_type="application/json"),
            times=1,
        )
        tenant.related["/users/u0002/manager"] = [{"@odata.type": USER, "id": "u0000"}]

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    assert sorted(sink.values("users")) == ["u0000", "u0001", "u0002"]
    assert "u0002" in sink.values("users", "manager")
    assert gathered.gaps == ()


def test_two_runs_over_an_unchanged_tenant_leave_the_same_lines(tmp_path: Path) -> None:
    """Otherwise every delta would hold the whole tenant."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        with_group(*user_targets(250))(tenant)

    lines = [gathered_from(tmp_path, ["users", "groups"], prepare)[1].lines() for _ in range(2)]
    assert lines[0] == lines[1]


def test_who_is_deleted_while_the_tenant_is_read_is_in_the_bin_if_not_in_the_list(tmp_path: Path) -> None:
    """A bin that was read before its list would have lost him: there he is not yet, and here no more."""
    recycle_bin = "/directory/deletedItems/microsoft.graph.user"

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.lists[recycle_bin] = []

        async def answered_late() -> web.StreamResponse:
            await asyncio.sleep(0.2)
            tenant.lists[recycle_bin] = [{"id": "u0002"}]
            tenant.lists["/users"] = tenant.lists["/users"][:2]
            return web.json_response({"value": tenant.lists["/users"]})

        tenant.faults.append(lambda request: answered_late() if request.path == "/v1.0/users" else None)

    gathered, sink, _ = gathered_from(tmp_path, ["users", "deletedUsers"], prepare)
    assert sorted(sink.values("users")) == ["u0000", "u0001"]
    assert sorted(sink.values("deletedUsers")) == ["u0002"]
    assert gathered.gaps == ()
