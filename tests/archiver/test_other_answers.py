"""Gathering: an answer that is whole and is not what was asked for is never kept as if it were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from archiver.gathering.gathered import Gathered
from tests.archiver.change_kit import ROLES, Json, Known, changed, since, told
from tests.archiver.gather_kit import (
    USER,
    Prepare,
    error_answer,
    gathered_from,
    reasons_of,
    user_targets,
    with_group,
    with_users,
)
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import SmallTenant

ALWAYS = 1_000
ERROR: Json = {"error": {"code": "ServiceUnavailable", "message": "try again"}}
WORKFLOWS = "/identityGovernance/lifecycleWorkflows/workflows"
MANAGER = {"@odata.type": USER, "id": "u0000"}
GUID = "aaaaaaaa-bbbb-4ccc-8ddd-00000000000a"


def instead(part: str, body: Json, times: int) -> Prepare:
    """Answers requests in a batch whose URL holds `part` with 200 and this body, so many times."""
    return lambda tenant: tenant.inner_faults.append([part, {"status": 200, "headers": {}, "body": body}, times])


def workflows_from(folder: Path, *prepares: Prepare) -> tuple[Gathered, MemorySink, SmallTenant]:
    """Gathers a row whose objects are read one by one."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[WORKFLOWS] = [{"id": "w0"}, {"id": "w1"}]
        for one in prepares:
            one(tenant)

    return gathered_from(folder, ["workflows"], prepare)


@pytest.mark.parametrize("body", [{"id": "w0", "displayName": "another"}, {"displayName": "nobody"}, {}, ERROR])
def test_another_object_in_place_of_one_that_a_list_names_is_a_gap(tmp_path: Path, body: Json) -> None:
    """The one that was asked for is missed by its own id, and the other is kept as it is in its own answer."""
    gathered, sink, _ = workflows_from(tmp_path, instead(f"{WORKFLOWS}/w1", body, ALWAYS))
    assert reasons_of(gathered) == [("workflows", None, "w1", "malformed-page")]
    assert sink.values("workflows") == {"w0": {"id": "w0"}}
    assert gathered.counts == {"workflows": 1}


@pytest.mark.parametrize("body", [{"id": "w0"}, ERROR])
def test_another_object_that_came_once_is_asked_again(tmp_path: Path, body: Json) -> None:
    """Whoever mixed two answers up may not do so again."""
    gathered, sink, _ = workflows_from(tmp_path, instead(f"{WORKFLOWS}/w1", body, 1))
    assert gathered.gaps == ()
    assert set(sink.values("workflows")) == {"w0", "w1"}


def test_another_object_in_place_of_one_that_changed_is_a_gap(tmp_path: Path) -> None:
    """Else the pulse would lose the one, and nobody would know."""
    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(
            with_users(30),
            changed("users", {"id": "u0003"}, {"id": "u0004"}),
            instead("/users/u0003?", {"id": "u0004", "displayName": "User 4"}, ALWAYS),
        ),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(30)])),
        roles=ROLES,
    )
    assert ("users", None, "u0003", "malformed-page") in reasons_of(gathered)
    assert list(sink.values("users")) == ["u0004"]


def test_an_object_that_changed_is_one_however_its_guid_is_written(tmp_path: Path) -> None:
    """The case of a GUID means nothing: the object is neither missed nor counted twice."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": GUID}]

    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(prepare, changed("users", {"id": GUID.upper()})),
        since=since("users", known=Known(users=[GUID])),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert gathered.counts["users"] == 1
    assert list(sink.values("users")) == [GUID]
    assert gathered.changes.again["users"].objects == {GUID.encode()}


def test_another_object_in_place_of_one_that_only_a_later_pass_saw_is_a_gap(tmp_path: Path) -> None:
    """Its relation is kept, so that its absence must show."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(3))(tenant)
        tenant.on("/groups?", lambda: web.json_response({"value": [{"id": "g1"}]}), times=1)
        instead("/groups/g0?", {"id": "g1"}, ALWAYS)(tenant)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert ("groups", None, "g0", "malformed-page") in reasons_of(gathered)
    assert "g0" not in sink.values("groups")


@pytest.mark.parametrize(
    "body", [ERROR, {}, {"id": "u0002"}, {"id": "u0002", "manager": MANAGER}, {"manager": MANAGER}]
)
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_an_answer_that_is_not_the_user_says_nothing_of_his_manager(tmp_path: Path, body: Json, times: int) -> None:
    """Nobody loses or gets a manager because of another one's answer."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.related["/users/u0001/manager"] = [{"@odata.type": USER, "id": "u0002"}]
        tenant.on("$expand=manager", error_answer(400, "Request_UnsupportedQuery"))
        instead("/users/u0001?$select=id&$expand=manager", body, times)(tenant)

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    if times == 1:
        assert gathered.gaps == ()
        assert sink.values("users", "manager") == {"u0001": [{"@odata.type": USER, "id": "u0002"}]}
    else:
        assert reasons_of(gathered) == [("users", "manager", "u0001", "malformed-page")]
        assert sink.values("users", "manager") == {}


def once(body: Json) -> Callable[[], web.StreamResponse]:
    """Gives a 200 of the simulated tenant's with this body."""
    return lambda: web.json_response(body, headers={"x-strongroom-simulated": "1"})


@pytest.mark.parametrize("times", [1, ALWAYS])
def test_an_error_that_comes_as_200_is_no_singleton(tmp_path: Path, times: int) -> None:
    """A policy that says `ServiceUnavailable` would be put back one day."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.singles["/policies/authorizationPolicy"] = {"displayName": "no id", "error": {"code": "its own"}}
        tenant.on("/policies/authorizationPolicy", once({"@odata.context": "x", **ERROR}), times=times)

    gathered, sink, _ = gathered_from(tmp_path, ["authorizationPolicy"], prepare)
    kept = sink.values("authorizationPolicy")
    if times == 1:
        assert gathered.gaps == ()
        assert kept["authorizationPolicy"] == {"displayName": "no id", "error": {"code": "its own"}}
    else:
        assert reasons_of(gathered) == [("authorizationPolicy", None, None, "malformed-page")]
        assert kept == {}


@pytest.mark.parametrize("body", [ERROR, {"value": [{"id": "g0"}], **ERROR}], ids=["alone", "behind a list"])
def test_an_error_that_comes_as_200_is_no_list(tmp_path: Path, body: Json) -> None:
    """Nor is a list whole that breaks off in one."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/domains"] = [{"id": "contoso.com"}]
        tenant.on("/domains?", once(body))
        tenant.on("/domains", once(body))

    gathered, sink, _ = gathered_from(tmp_path, ["domains"], prepare)
    assert ("domains", None, None, "malformed-page") in reasons_of(gathered)
    assert sink.values("domains") == {}


def test_an_error_that_comes_as_200_is_no_group_s_members(tmp_path: Path) -> None:
    """A page of members in a batch is a page like any other."""
    targets: list[Any] = user_targets(30)

    def prepare(tenant: SmallTenant) -> None:
        with_group(*targets)(tenant)
        instead("/groups/g0/members", {"value": targets[:3], **ERROR}, ALWAYS)(tenant)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert ("groups", "members", "g0", "malformed-page") in reasons_of(gathered)
    assert "g0" not in sink.values("groups", "members")
