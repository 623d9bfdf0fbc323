"""Gathering: whatever the other side does, what is missing is a gap and the rest is whole."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from archiver.gathering.gathered import Completeness
from archiver.gathering.reading import Reading
from archiver.graph.errors import NotFoundError, PermissionMissingError, ReadError, ServerFaultError
from archiver.graph.reader import GraphReader
from tests.archiver.gather_kit import (
    Prepare,
    error_answer,
    gathered_from,
    reasons_of,
    user_targets,
    with_group,
    with_users,
)
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import READ_ROLES, SmallTenant


def test_a_forbidden_collection_becomes_a_gap(tmp_path: Path) -> None:
    """Absence is data: the others are read, and this one is signed for as missing."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.on("/domains", error_answer(403, "Authorization_RequestDenied"))

    gathered, sink, _ = gathered_from(tmp_path, ["users", "domains"], prepare)
    assert reasons_of(gathered) == [("domains", None, None, "forbidden")]
    assert gathered.complete == ("users",)
    assert len(sink.values("users")) == 3


def test_a_malformed_object_is_a_gap_and_costs_only_its_page(tmp_path: Path) -> None:
    """A name that stands twice can't be guessed about; the pages beside it are sound."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        link = json.dumps(f"{tenant.origin}/v1.0/users?$select=id,displayName,userType&$top=999&$skiptoken=200")
        broken = f'{{"@odata.nextLink":{link},"value":[{{"id":"x","a":1,"a":2}}]}}'
        tenant.on(
            "userType&$top=999&$skiptoken=100",
            lambda: web.Response(text=broken, content_type="application/json"),
        )
        tenant.lists["/domains"] = [{"id": "contoso.com"}]

    gathered, sink, _ = gathered_from(tmp_path, ["users", "domains"], prepare)
    assert reasons_of(gathered) == [("users", None, None, "malformed-page")]
    assert len(sink.values("users")) == 150
    assert "domains" in gathered.complete


@pytest.mark.parametrize("id_", [".", ".."])
def test_an_id_that_is_a_step_in_a_path_is_a_gap_of_its_own(tmp_path: Path, id_: str) -> None:
    """`/groups/../members` is another question; the answer to it must not be kept as this group's members."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(25))(tenant)
        tenant.lists["/groups"].append({"id": id_})
        tenant.related[f"/groups/{id_}/members"] = user_targets(25)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert {gap[:4] for gap in gathered.gaps} == {("groups", "members", id_, "malformed-page")}
    assert sorted(sink.values("groups")) == sorted([id_, "g0", "g1"])


def test_a_page_that_stays_cut_short_is_a_gap(tmp_path: Path) -> None:
    """What came before is kept, and nobody takes it for the whole."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        tenant.on(
            "displayName,employeeHireDate",
            lambda: web.Response(body=b'{"value":[{"id":"u', content_type="application/json"),
        )

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    assert ("users", None, None, "malformed-page") in reasons_of(gathered)
    assert gathered.complete == ()
    assert sink.values("users") == {}


def test_passing_faults_of_every_kind_leave_the_same_records(tmp_path: Path) -> None:
    """One unchanged tenant, read in fair weather and in foul, is one snapshot."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        with_group(*user_targets(250))(tenant)

    def foul(tenant: SmallTenant) -> None:
        prepare(tenant)
        for number, part in enumerate(("/v1.0/users", "/beta/groups", "$batch", "skiptoken=100")):
            tenant.on(part, error_answer(503), times=1)
            tenant.on(part, lambda: web.Response(body=b"", content_type="application/json"), times=1)
            tenant.reset_on(part, times=1 if number == 0 else 0)
        tenant.on("skiptoken=200", error_answer(429, **{"Retry-After": "1"}), times=2)

    (tmp_path / "fair").mkdir()
    (tmp_path / "foul").mkdir()
    fair, fair_sink, _ = gathered_from(tmp_path / "fair", ["users", "groups"], prepare)
    patient, foul_sink, _ = gathered_from(tmp_path / "foul", ["users", "groups"], foul)
    assert patient.gaps == fair.gaps == ()
    assert patient.throttled == 2
    assert foul_sink.lines() == fair_sink.lines()


def test_a_foreign_link_is_a_gap_and_nobody_gets_the_token(tmp_path: Path) -> None:
    """A page that sends us elsewhere is an attack or a defect; either way the list is not whole."""
    page = b'{"value":[{"id":"u1"}],"@odata.nextLink":"https://elsewhere.invalid/v1.0/users"}'

    def prepare(tenant: SmallTenant) -> None:
        tenant.on("displayName", lambda: web.Response(body=page, content_type="application/json"))
        with_users(1)(tenant)

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    assert ("users", None, None, "foreign-link") in reasons_of(gathered)
    assert "u1" in sink.values("users")


def test_a_foreign_link_that_was_one_answer_s_is_asked_again(tmp_path: Path) -> None:
    """Something in between spoilt one page, of a list or inside a batch; asked anew, Graph says where it goes on."""
    away = "https://elsewhere.invalid/v1.0/users"
    users = {"value": [{"id": "u0000"}], "@odata.nextLink": away}
    members = {"value": user_targets(1), "@odata.nextLink": away}

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        with_group(*user_targets(250))(tenant)
        tenant.on("userType&$top=999", lambda: web.json_response(users), times=2)
        tenant.inner_faults.append(["/g0/members", {"status": 200, "headers": {}, "body": members}, 1])

    gathered, sink, _ = gathered_from(tmp_path, ["users", "groups"], prepare)
    assert gathered.gaps == ()
    assert len(sink.values("users")) == len(sink.values("groups", "members")["g0"]) == 250


def test_a_list_whose_links_have_grown_too_old_begins_anew(tmp_path: Path) -> None:
    """A throttled night outlives Graph's skip tokens; what was read twice counts once."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(250)(tenant)
        with_group(*user_targets(250))(tenant)
        tenant.on("userType&$top=999&$skiptoken=200", error_answer(400, "Directory_ExpiredPageToken"), times=1)
        tenant.on(
            "/g0/members?$select=id&$top=999&$skiptoken=200",
            error_answer(400, "Directory_ExpiredPageToken"),
            times=1,
        )

    gathered, sink, tenant = gathered_from(tmp_path, ["users", "groups"], prepare)
    assert gathered.gaps == ()
    assert gathered.counts == {"users": 250, "groups": 2}
    assert len(sink.values("groups", "members")["g0"]) == 250
    assert len([url for url in tenant.asked if "userType&$top=999&$skiptoken=100" in url]) == 2


def test_empty_pages_without_end_are_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault that gives a new link each time leads in no circle; some empty pages are Graph's own."""
    monkeypatch.setattr("archiver.gathering.trail.MAX_EMPTY_PAGES", 5)

    def prepare(tenant: SmallTenant) -> None:
        numbers = iter(range(1000))

        def empty() -> web.StreamResponse:
            link = f"{tenant.origin}/v1.0/domains?$skiptoken={next(numbers)}"
            return web.json_response({"value": [], "@odata.nextLink": link}, headers={"x-strongroom-simulated": "1"})

        tenant.on("/domains", empty)

    gathered, _, tenant = gathered_from(tmp_path, ["domains"], prepare)
    assert [gap.detail for gap in gathered.gaps] == ["next links lead from one empty page to the next"]
    assert len([url for url in tenant.asked if "/domains" in url]) == 5


def test_next_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    """A run that never ends is no backup."""
    tenant_origin: list[str] = []
    rounds = iter(range(100))

    def circle() -> web.StreamResponse:
        page: dict[str, object] = {"value": [{"id": "a"}]}
        if next(rounds) < 50:
            page["@odata.nextLink"] = f"{tenant_origin[0]}/v1.0/domains?again"
        return web.json_response(page)

    def prepare(tenant: SmallTenant) -> None:
        tenant_origin.append(tenant.origin)
        tenant.on("/domains", circle)

    gathered, _, _ = gathered_from(tmp_path, ["domains"], prepare)
    assert reasons_of(gathered) == [("domains", None, None, "malformed-page")]
    assert gathered.gaps[0].detail == "next links lead in a circle"
    assert next(rounds) == 2, "the page that the link leads back to is not asked for again"


def test_an_object_that_went_before_its_relation_was_read_is_a_gap(tmp_path: Path) -> None:
    """Its record is from before, its members are unknown, and unknown is never shown as none."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(3))(tenant)
        everything = json.dumps({"value": [{"id": "g0"}, {"id": "g1"}, {"id": "gone"}]})
        tenant.on("/v1.0/groups?", lambda: web.Response(text=everything, content_type="application/json"), times=1)

    gathered, _, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [
        ("groups", "members", "gone", "not-found"),
        ("groups", "owners", "gone", "not-found"),
    ]


NOT_FOUND = {"status": 404, "headers": {}, "body": {"error": {"code": "Request_ResourceNotFound", "message": "no"}}}


def test_an_object_that_is_there_did_not_go_when_its_relation_is_not_found(tmp_path: Path) -> None:
    """Called a leaver it would alarm nobody, and its members would be missing from every snapshot."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(25))(tenant)
        tenant.inner_faults.append(["/g0/members", NOT_FOUND, 1000])

    gathered, _, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "server-error")]


def test_a_relation_that_a_lagging_replica_did_not_find_is_asked_for_once_more(tmp_path: Path) -> None:
    """Graph's replicas know of a new group one after the other."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(25))(tenant)
        tenant.inner_faults.append(["/g0/members", NOT_FOUND, 1])

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert gathered.gaps == ()
    assert len(sink.values("groups", "members")["g0"]) == 25


def test_whether_an_object_went_is_not_guessed(tmp_path: Path) -> None:
    """Nobody could see whether it is there: that is the gap, and no leaver."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(25))(tenant)
        denied = {"error": {"code": "Authorization_RequestDenied", "message": "no"}}
        tenant.inner_faults.append(["/g0/members", NOT_FOUND, 1])
        tenant.inner_faults.append(["/groups/g0?", {"status": 403, "headers": {}, "body": denied}, 1])

    gathered, _, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "forbidden")]


def test_a_relation_of_one_object_that_fails_is_a_gap_with_its_id(tmp_path: Path) -> None:
    """The other groups' members are whole, and the gap says which one's are not."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(250))(tenant)
        tenant.on("/g0/members?$select=id&$top=999&$skiptoken=100", error_answer(403))

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "forbidden")]
    assert sink.values("groups", "members") == {}
    assert len(sink.values("groups")) == 2


def test_a_malformed_member_is_a_gap_of_its_group_alone(tmp_path: Path) -> None:
    """A member without id can't be archived, and its group must not look complete."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        tenant.related["/groups/g0/members"] = [{"id": ""}]
        tenant.related["/groups/g1/members"] = user_targets(2)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "malformed-page")]
    assert len(sink.values("groups", "members")["g1"]) == 2


def test_more_failing_objects_than_a_list_can_bear_become_one_gap(tmp_path: Path) -> None:
    """A manifest with a hundred thousand gaps says no more than one that names the relation."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": f"au{n}"} for n in range(150)]
        denied = {"error": {"code": "Authorization_RequestDenied", "message": "no"}}
        tenant.inner_faults.append(["/scopedRoleMembers", {"status": 403, "headers": {}, "body": denied}, 10_000])

    gathered, _, _ = gathered_from(tmp_path, ["administrativeUnits"], prepare)
    assert reasons_of(gathered) == [("administrativeUnits", "scopedRoleMembers", None, "forbidden")]
    assert "150 objects" in gathered.gaps[0].detail


def test_a_relation_that_only_fails_is_given_up(tmp_path: Path) -> None:
    """Each object costs all patience: a hundred thousand of them would keep a run busy for days."""
    asked: list[str] = []

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": f"au{n}"} for n in range(3000)]
        tenant.inner_faults.append(["/scopedRoleMembers", {"status": 503, "headers": {}, "body": {}}, 1_000_000])
        tenant.asked = asked

    gathered, sink, _ = gathered_from(tmp_path, ["administrativeUnits"], prepare, page_size=999)
    assert reasons_of(gathered) == [("administrativeUnits", "scopedRoleMembers", None, "server-error")]
    assert "3000 objects" in gathered.gaps[0].detail
    assert len(sink.values("administrativeUnits")) == 3000
    assert 100 <= len([url for url in asked if "/scopedRoleMembers" in url]) < 2000


def counted_as(users: int, count: int) -> Prepare:
    """A tenant of so many users, of which Graph says that there are `count`."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(users)(tenant)
        tenant.on("/users/$count", lambda: web.Response(text=str(count)))

    return prepare


@pytest.mark.parametrize(("read", "counted", "tolerance"), [(30, 41, 10), (30, 99, 10), (2078, 2100, 21), (0, 11, 10)])
def test_clearly_fewer_objects_than_graph_counts_are_a_gap(
    tmp_path: Path, read: int, counted: int, tolerance: int
) -> None:
    """A list that ends early looks whole from within."""
    gathered, _, _ = gathered_from(tmp_path, ["users"], counted_as(read, counted), page_size=999)
    assert gathered.completeness == (Completeness("users", read, counted, tolerance),)
    assert reasons_of(gathered) == [("users", None, None, "server-error")]
    assert gathered.complete == ()


@pytest.mark.parametrize(("read", "counted"), [(30, 40), (30, 30), (30, 0), (2079, 2100)])
def test_a_count_within_the_tolerance_is_no_gap(tmp_path: Path, read: int, counted: int) -> None:
    """People come and go while a tenant is read, and the index lags."""
    assert gathered_from(tmp_path, ["users"], counted_as(read, counted), page_size=999)[0].gaps == ()


def test_a_count_that_graph_does_not_give_is_no_gap(tmp_path: Path) -> None:
    """It is a second opinion; that it is missing stands in the run's result."""

    def no_count(tenant: SmallTenant) -> None:
        with_users(30)(tenant)
        tenant.on("/users/$count", error_answer(400))

    gathered = gathered_from(tmp_path, ["users"], no_count)[0]
    assert gathered.completeness == (Completeness("users", 30, None, 0),)
    assert gathered.gaps == ()


def test_hidden_memberships_that_can_not_be_seen_are_a_gap(tmp_path: Path) -> None:
    """Graph shows such a group as empty to an app without the permission, with status 200."""
    roles = tuple(role for role in READ_ROLES if role != "Member.Read.Hidden")
    gathered, _, _ = gathered_from(tmp_path, ["groups"], with_group(*user_targets(3)), roles=roles)
    assert reasons_of(gathered) == [("groups", "members", None, "forbidden")]


@pytest.mark.parametrize(
    ("error", "listed"),
    [(ServerFaultError("500"), 1), (PermissionMissingError("403"), 1), (NotFoundError("it went"), 150)],
)
def test_many_gaps_of_one_reason_are_one_but_leavers_are_not(error: ReadError, listed: int) -> None:
    """A hundred who went would else be a gap of the whole relation, which hides all who stayed, and alarms."""
    reading = Reading(cast(GraphReader, SimpleNamespace(clock=lambda: 0.0)), MemorySink())
    for number in range(150):
        reading.note_gap("groups", "members", f"g{number:03}", error)
    gaps = reading.all_gaps()
    assert len(gaps) == listed
    assert all((gap.id is None) == (listed == 1) for gap in gaps)
    if listed == 1:
        assert gaps[0].detail.startswith("150 objects, the first g000: ")
