"""Graph answers some reads that the app may not make with 200 and null: that is a gap, and never an empty list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.archiver.gather_kit import USER, gathered_from, reasons_of, user_targets
from tests.graph.small_tenant import SmallTenant

NULLS: dict[str, Any] = {
    "null in a target's place": None,
    "a target of nulls": {"@odata.type": None, "id": None},
    "a type and null for its id": {"@odata.type": USER, "id": None},
    "an id and null for its type": {"@odata.type": None, "id": "u9999"},
}
SIMULATED = {"x-strongroom-simulated": "1"}


def page(*values: Any) -> Callable[[], web.StreamResponse]:
    return lambda: web.json_response({"value": list(values)}, headers=SIMULATED)


@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("number", [1, 30, 2100], ids=["expanded", "object by object", "of many pages"])
def test_a_member_that_comes_as_null_makes_its_group_s_members_a_gap(tmp_path: Path, null: Any, number: int) -> None:
    """The membership would look whole and lack somebody; the group beside it is whole."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        targets: list[Any] = user_targets(number)
        targets[number // 2] = null
        tenant.related["/groups/g0/members"] = targets
        tenant.related["/groups/g1/members"] = user_targets(2)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "forbidden")]
    assert "null" in gathered.gaps[0].detail
    assert list(sink.values("groups", "members")) == ["g1"]
    assert len(sink.values("groups")) == 2


def test_a_reference_that_comes_with_nulls_is_a_gap_and_an_absent_one_is_none(tmp_path: Path) -> None:
    """Whoever has no manager is told from one whose manager the app may not see."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": "u0"}, {"id": "u1"}]
        tenant.related["/users/u0/manager"] = [{"@odata.type": None, "id": None}]

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare)
    assert reasons_of(gathered) == [("users", "manager", "u0", "forbidden")]
    assert sink.values("users", "manager") == {}


@pytest.mark.parametrize("member", ["roleId", "roleMemberInfo", "administrativeUnitId"])
def test_null_for_what_a_relation_carries_is_a_gap(tmp_path: Path, member: str) -> None:
    """Without it the target says that there is an administrator, and not who or of what."""
    whole = {"id": "s0", "roleId": "r", "administrativeUnitId": "au0", "roleMemberInfo": {"id": "u0"}}

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/administrativeUnits"] = [{"id": "au0"}, {"id": "au1"}]
        tenant.related["/directory/administrativeUnits/au0/scopedRoleMembers"] = [{**whole, member: None}]
        tenant.related["/directory/administrativeUnits/au1/scopedRoleMembers"] = [whole]

    gathered, sink, _ = gathered_from(tmp_path, ["administrativeUnits"], prepare)
    assert reasons_of(gathered) == [("administrativeUnits", "scopedRoleMembers", "au0", "forbidden")]
    assert list(sink.values("administrativeUnits", "scopedRoleMembers")) == ["au1"]


def test_null_in_the_place_of_a_whole_relation_is_a_gap(tmp_path: Path) -> None:
    """As a pass sends it, and as the group's own read does."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        tenant.on(
            "/groups?$select=id&$expand=members", page({"id": "g0", "members": None}, {"id": "g1", "members": []})
        )
        answer = {"status": 200, "headers": {}, "body": {"value": None}}
        tenant.inner_faults.append(["/groups/g0/members", answer, 1_000])

    gathered, _, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert reasons_of(gathered) == [("groups", "members", "g0", "malformed-page")]


@pytest.mark.parametrize("null", [None, {"id": None}], ids=["null", "nulls"])
@pytest.mark.parametrize("number", [1, 30], ids=["expanded", "object by object"])
def test_a_contained_object_that_comes_as_null_is_a_gap_of_what_contains_it(
    tmp_path: Path, null: Any, number: int
) -> None:
    """An application whose assignments can't be seen is not one without any."""
    path = "/servicePrincipals"

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[path] = [{"id": "s0"}, {"id": "s1"}]
        assignments: list[Any] = [{"id": f"a{n}", "appRoleId": "r"} for n in range(number)]
        assignments[-1] = null
        tenant.related[f"{path}/s0/appRoleAssignedTo"] = assignments
        tenant.related[f"{path}/s1/appRoleAssignedTo"] = [{"id": "b0", "appRoleId": "r"}]

    gathered, sink, _ = gathered_from(tmp_path, ["servicePrincipals", "appRoleAssignments"], prepare)
    assert ("appRoleAssignments", None, "s0", "malformed-page") in reasons_of(gathered)
    assert not [gap for gap in gathered.gaps if gap.id == "s1"]
    assert list(sink.values("appRoleAssignments")) == ["b0"]


def test_a_target_whose_other_properties_are_null_is_a_whole_link(tmp_path: Path) -> None:
    """Of a type that the app may not read, Graph sends type and id, and a link is no more than that."""
    shown = {"@odata.type": USER, "id": "u0", "displayName": None, "mail": None}

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}]
        tenant.related["/groups/g0/members"] = [shown]

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    assert gathered.gaps == ()
    assert sink.values("groups", "members") == {"g0": [{"@odata.type": USER, "id": "u0"}]}
