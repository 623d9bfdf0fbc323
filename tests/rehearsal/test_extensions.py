"""Directory extensions of the simulated tenant: definitions, the action that names them, and values."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.actions import AVAILABLE_EXTENSIONS, action_at
from recovery.rehearsal.graph.question import Caller
from recovery.rehearsal.graph.refusal import Refusal
from tests.rehearsal.asking import answered, objects_in
from tests.rehearsal.oracle import tools_of


@pytest.fixture
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=150)


def named_by(tenant: SimulatedTenant, parameters: Any = None, roles: frozenset[str] | None = None) -> dict[str, Any]:
    """The action's answer: definitions by name."""
    caller = Caller("https://localhost", roles)
    answer = tenant.reader.actions.answer(AVAILABLE_EXTENSIONS, "v1.0", parameters or {}, caller)
    return {value["name"]: value for value in msgspec.json.decode(answer.body)["value"]}


def extensions_in(values: list[dict[str, Any]]) -> set[str]:
    """The names of extensions that some objects have."""
    return {name for value in values for name in value if name.startswith("extension_")}


def test_the_action_names_what_applications_define(tenant: SimulatedTenant) -> None:
    """As `extensionProperties` of each application, all at once."""
    apps = objects_in(answered(tenant, "v1.0", ("applications", "$select=id&$expand=extensionProperties&$top=999")))
    assert set(named_by(tenant)) == {one["name"] for app in apps for one in app["extensionProperties"]} != set()
    assert action_at("DIRECTORYOBJECTS/GetAvailableExtensionProperties") == AVAILABLE_EXTENSIONS
    synced = named_by(tenant, {"isSyncedFromOnPremises": True})
    assert synced and all(one["isSyncedFromOnPremises"] for one in synced.values())
    assert named_by(tenant, {"isSyncedFromOnPremises": False}).keys() | synced.keys() == named_by(tenant).keys()


@pytest.mark.parametrize(
    ("parameters", "roles", "status"),
    [
        ({"isSyncedFromOnPremises": "yes"}, None, 400),
        ({"name": "x"}, None, 400),
        ([1], None, 400),
        ({}, frozenset({"Application.Read.All", "User.Read.All"}), 403),
    ],
)
def test_what_the_action_does_not_take_is_refused(
    tenant: SimulatedTenant, parameters: Any, roles: frozenset[str] | None, status: int
) -> None:
    """Directory.Read.All is the one permission that Graph documents for it."""
    with pytest.raises(Refusal) as refused:
        named_by(tenant, parameters, roles)
    assert refused.value.status == status


@pytest.mark.parametrize(("path", "target"), [("users", "User"), ("groups", "Group"), ("devices", "Device")])
def test_values_are_sent_by_name_on_v1_and_unasked_on_beta(tenant: SimulatedTenant, path: str, target: str) -> None:
    """Whoever reads v1.0 without their names archives none."""
    names = {name for name, one in named_by(tenant).items() if target in one["targetObjects"]}
    assert extensions_in(objects_in(answered(tenant, "v1.0", (path, "$top=999")))) == set()
    selected = objects_in(answered(tenant, "v1.0", (path, f"$select=id,{','.join(sorted(names))}&$top=999")))
    assert extensions_in(selected) == names != set()
    valued = [value for value in selected if extensions_in([value])]
    assert 0 < len(valued) < len(selected)
    assert extensions_in(objects_in(answered(tenant, "beta", (path, "$top=999")))) == names


@pytest.mark.parametrize("path", ["users", "applications"])
def test_a_name_that_is_not_defined_for_a_type_is_refused(tenant: SimulatedTenant, path: str) -> None:
    """In Graph's words for any property that a type does not have."""
    name = next(name for name, one in named_by(tenant).items() if "Group" in one["targetObjects"])
    with pytest.raises(Refusal, match=f"Could not find a property named '{name}'") as refused:
        answered(tenant, "v1.0", (path, f"$select=id,{name}"))
    assert refused.value.status == 400


def test_a_script_sets_a_value_of_what_is_defined_and_of_nothing_else() -> None:
    """Also where the object has none yet."""
    tenant, attack, _, _ = tools_of()
    name = next(name for name, one in named_by(tenant).items() if "User" in one["targetObjects"])
    user = tenant.population.plan.id_of("users", 3)
    operation = {"op": "set", "collection": "users", "id": user, "value": "4711"}
    assert name not in tenant.population.collections["users"].value(user)
    (change,) = attack.apply([{**operation, "attribute": name}])
    assert (change.collection, change.id, change.attribute) == ("users", user, name)
    assert objects_in(answered(tenant, "v1.0", (f"users/{user}", f"$select=id,{name}")))[0][name] == "4711"
    with pytest.raises(ScriptError, match="have no property"):
        attack.apply([{**operation, "attribute": f"{name}2"}])
    with pytest.raises(ScriptError, match="have no property"):
        attack.apply([{**operation, "collection": "applications", "id": tenant.population.plan.id_of("applications", 1),
                       "attribute": name}])  # fmt: skip


def test_a_new_definition_is_named_and_served_at_once() -> None:
    """Definitions follow what becomes of the applications."""
    tenant, attack, _, _ = tools_of()
    application = tenant.population.plan.id_of("applications", 3)
    name = f"extension_{application.replace('-', '')}_badge"
    first = next(iter(named_by(tenant).values()))
    value = {**first, "id": "d0000000-0000-4000-8000-000000000001", "name": name, "targetObjects": ["Organization"]}
    value.pop("@odata.type")
    parent = {"parent_collection": "applications", "parent_id": application, "relation": "extensionProperties"}
    attack.apply([{"op": "add", **parent, "value": value}])
    assert name in named_by(tenant)
    organization = tenant.id
    attack.apply([{"op": "set", "collection": "organization", "id": organization, "attribute": name, "value": "7"}])
    (found,) = objects_in(answered(tenant, "v1.0", ("organization", f"$select=id,{name}")))
    assert found == {"id": organization, name: "7"}
