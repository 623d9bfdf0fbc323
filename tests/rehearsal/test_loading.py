"""Loading: objects as a create request or an export has them, all or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recovery.rehearsal.altering.loading import LOADABLE, MOST_OBJECTS, Loading
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.serving.process import RunningTenant

OURS = Path(__file__).parent / "loaded"
POLICIES: list[dict[str, Any]] = json.loads((OURS / "policies.json").read_bytes())
LOCATIONS: list[dict[str, Any]] = json.loads((OURS / "locations.json").read_bytes())
POLICY = POLICIES[0]
STRENGTH = {"displayName": "Keys alone", "allowedCombinations": ["fido2"]}


@pytest.fixture
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=40)


def loaded(tenant: SimulatedTenant, collection: str, objects: Any) -> list[dict[str, Any]]:
    """Loads, and gives the objects as the tenant holds them."""
    changes = Loading(tenant, Workforce(tenant)).load({"collection": collection, "objects": objects})
    assert {change.change for change in changes} == {"added"}
    return [tenant.population.collections[collection].value(change.id) for change in changes]


def test_what_a_create_request_leaves_open_is_made(tenant: SimulatedTenant) -> None:
    """An id of its own and the time; nothing else is invented."""
    (made,) = loaded(tenant, "conditionalAccessPolicies", [POLICY])
    own = {name: made.pop(name) for name in ("id", "createdDateTime", "modifiedDateTime")}
    assert made == POLICY
    assert len(own["id"]) == 36 and own["createdDateTime"] == "2026-11-01T12:00:00Z" and own["modifiedDateTime"] is None


def test_the_same_policy_twice_is_two_policies(tenant: SimulatedTenant) -> None:
    """Graph takes names that are taken; ids are made anew in each request too."""
    ids = {each["id"] for _ in range(2) for each in loaded(tenant, "conditionalAccessPolicies", [POLICY, POLICY])}
    assert len(ids) == 4


def test_ids_and_times_that_are_given_stay_and_control_information_goes(tenant: SimulatedTenant) -> None:
    """Policies name locations by id; links and actions are made by the server that is asked."""
    (made,) = loaded(tenant, "conditionalAccessPolicies", [POLICIES[1]])
    assert made["id"] == POLICIES[1]["id"] and made["createdDateTime"] == POLICIES[1]["createdDateTime"]
    assert made["conditions"]["@odata.type"] == "#microsoft.graph.conditionalAccessConditionSet"
    text = json.dumps(made)
    assert text.count("@odata.") == text.count('"@odata.type"') and '"#microsoft.graph.restore"' not in text


@pytest.mark.parametrize(
    ("collection", "whole"),
    [
        ("conditionalAccessPolicies", POLICY),
        ("namedLocations", LOCATIONS[0]),
        ("authenticationStrengthPolicies", STRENGTH),
    ],
)
def test_what_graph_requires_is_required_and_nothing_is_added_without_it(
    tenant: SimulatedTenant, collection: str, whole: dict[str, Any]
) -> None:
    """All or none: a tenant with half a baseline looks like an attack."""
    held = tenant.population.collections[collection]
    before = list(held)
    for name in LOADABLE[collection].required:
        partial = {each: value for each, value in whole.items() if each not in (name, "id")}
        with pytest.raises(ScriptError) as caught:
            loaded(tenant, collection, [{**whole, "id": "first"}, partial])
        assert f"object 2 of {collection} lacks {name}" in caught.value.message
    assert list(held) == before
    assert loaded(tenant, collection, [whole])


def test_a_policy_that_neither_grants_nor_limits_sessions_is_refused(tenant: SimulatedTenant) -> None:
    """Graph refuses it too."""
    with pytest.raises(ScriptError) as caught:
        loaded(tenant, "conditionalAccessPolicies", [{**POLICY, "grantControls": None}])
    assert "grantControls or sessionControls" in caught.value.message


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"collection": "namedLocations"},
        {"collection": "namedLocations", "objects": {}},
        {"collection": "namedLocations", "objects": [7]},
        {"collection": "namedLocations", "objects": [{**LOCATIONS[0], "id": 7}]},
        {"collection": "namedLocations", "objects": [LOCATIONS[0], LOCATIONS[0]]},
        {"collection": "namedLocations", "objects": [{}] * (MOST_OBJECTS + 1)},
        {"collection": "users", "objects": []},
        {"collection": "nobodysCollection", "objects": []},
        {"collection": ["namedLocations"], "objects": []},
    ],
)
def test_what_can_not_be_loaded_is_refused(tenant: SimulatedTenant, content: Any) -> None:
    """With an error, and with nothing added."""
    held = tenant.population.collections["namedLocations"]
    before = list(held)
    with pytest.raises(ScriptError):
        Loading(tenant, Workforce(tenant)).load(content)
    assert list(held) == before


def test_an_id_that_is_taken_is_refused(tenant: SimulatedTenant) -> None:
    """What is there stays as it is."""
    taken = next(iter(tenant.population.collections["namedLocations"]))
    with pytest.raises(ScriptError) as caught:
        loaded(tenant, "namedLocations", [{**LOCATIONS[0], "id": taken}])
    assert taken in caught.value.message


def test_a_running_tenant_takes_objects_and_refuses_with_the_same_words(changing_tenant: RunningTenant) -> None:
    """`POST /_sim/load` is the way in."""
    changes = changing_tenant.load("namedLocations", LOCATIONS)
    assert [change["collection"] for change in changes] == ["namedLocations"] * 2
    with pytest.raises(ScriptError) as caught:
        changing_tenant.load("users", [])
    assert "nothing can be loaded into 'users'" in caught.value.message
