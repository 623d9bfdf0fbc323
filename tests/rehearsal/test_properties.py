"""The simulated objects against Microsoft's published schema, role templates and permission ids."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.properties import BETA_ONLY, NO_PROPERTIES, ON_SELECT, SINGLE_ONLY, STREAMS
from recovery.rehearsal.graph.row import Row
from recovery.rehearsal.graph.surface import CONTAINED, RELATIONS, ROWS
from recovery.rehearsal.graph.surface import STREAMS as STREAMS_OF_OBJECTS
from recovery.rehearsal.population.declaration import Declaration, declarations
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS, DELEGATED_PERMISSIONS
from recovery.rehearsal.population.roles import BUILT_IN_ROLES
from tests.rehearsal.asking import ABSENT, everything
from tests.rehearsal.shared import shared_json

PLAIN = {"String": str, "Boolean": bool, "Int32": int} | dict.fromkeys(("Guid", "DateTimeOffset", "Binary"), str)
SCHEMA_ENTITIES = (
    "user",
    "group",
    "administrativeUnit",
    "device",
    "application",
    "servicePrincipal",
    "appRoleAssignment",
    "federatedIdentityCredential",
    "oAuth2PermissionGrant",
    "unifiedRoleDefinition",
    "unifiedRoleAssignment",
    "unifiedRoleEligibilitySchedule",
    "conditionalAccessPolicy",
    "authenticationStrengthPolicy",
    "authenticationMethodsPolicy",
    "authorizationPolicy",
    "crossTenantAccessPolicy",
    "crossTenantAccessPolicyConfigurationDefault",
    "crossTenantAccessPolicyConfigurationPartner",
    "organization",
    "domain",
    "subscribedSku",
    "scopedRoleMembership",
)
EMBEDDED = {
    "authenticationStrengthPolicy": frozenset(("combinationConfigurations",)),
    "authenticationMethodsPolicy": frozenset(("authenticationMethodConfigurations",)),
}
"""Navigation properties that Graph sends inside the object without being asked."""
LOCATION_TYPES = ("countryNamedLocation", "ipNamedLocation")


@pytest.fixture(scope="module")
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=150)


def properties_of(types: dict[str, Any], entity: str | None) -> dict[str, Any]:
    """All structural properties of a type, inherited ones too."""
    found: dict[str, Any] = {}
    while entity:
        found = {**types[entity].get("p", {}), **found}
        entity = types[entity].get("base")
    return found


def values_of(tenant: SimulatedTenant, entity: str) -> list[dict[str, Any]]:
    return [c.value(id) for c in tenant.population.collections.values() if c.entity == entity for id in c]


@pytest.mark.parametrize("entity", SCHEMA_ENTITIES)
def test_an_object_has_every_property_that_v1_documents(tenant: SimulatedTenant, entity: str) -> None:
    """Whatever `$select` the archive's catalogue uses, the simulated object has it."""
    expected = set(properties_of(shared_json("graph_schema.json")["v1.0"]["types"], entity))
    expected -= STREAMS.get(entity, NO_PROPERTIES)
    for value in values_of(tenant, entity):
        assert expected - set(value) == set()
        unknown = set(value) - expected - BETA_ONLY.get(entity, NO_PROPERTIES)
        unknown -= tenant.population.extensions.names_of_entity(entity)
        assert unknown <= EMBEDDED.get(entity, NO_PROPERTIES)


@pytest.mark.parametrize("entity", LOCATION_TYPES)
def test_a_named_location_has_every_property_of_its_type(tenant: SimulatedTenant, entity: str) -> None:
    """Derived types have their own properties; `ipRanges` is documented and missing from the metadata's type."""
    expected = set(properties_of(shared_json("graph_schema.json")["v1.0"]["types"], entity))
    found = [v for v in values_of(tenant, "namedLocation") if v["@odata.type"] == f"#microsoft.graph.{entity}"]
    assert found
    assert all(set(value) - {"@odata.type"} == expected for value in found)


@pytest.mark.parametrize("entity", (*SCHEMA_ENTITIES,))
def test_values_have_the_types_that_the_schema_gives(tenant: SimulatedTenant, entity: str) -> None:
    """A string where Graph sends a list would hide a defect of the exporter."""
    types = shared_json("graph_schema.json")["v1.0"]["types"]
    for value in values_of(tenant, entity):
        fits(types, entity, value)


def fits(types: dict[str, Any], entity: str, value: dict[str, Any]) -> None:
    """Asserts that the known properties of `value` are of the types that `entity` declares, at every depth."""
    for name, declared in properties_of(types, entity).items():
        content = value.get(name)
        if content is None:
            continue
        items = content if declared.get("c") else [content]
        assert isinstance(items, list), (entity, name)
        for item in items:
            kind = declared["t"]
            if kind in PLAIN:
                assert type(item) is PLAIN[kind], (entity, name, item)
            elif kind in types and types[kind]["k"] == "complex":
                assert isinstance(item, dict), (entity, name, item)
                fits(types, item.get("@odata.type", kind).rpartition("microsoft.graph.")[2], item)
            elif kind in types and types[kind]["k"] == "enum":
                assert set(item.split(",")) <= {*types[kind]["v"]}, (entity, name, item)


def test_beta_only_properties_are_not_in_v1(tenant: SimulatedTenant) -> None:
    """A property marked beta-only that v1.0 knows would be missing from v1.0 answers."""
    types = shared_json("graph_schema.json")["v1.0"]["types"]
    for entity, names in BETA_ONLY.items():
        assert names.isdisjoint(properties_of(types, entity)), entity


def test_properties_returned_on_select_are_those_that_the_schema_flags(tenant: SimulatedTenant) -> None:
    """The default set of a type is everything that is not flagged."""
    types = shared_json("graph_schema.json")["v1.0"]["types"]
    for entity in ("group", "application", "servicePrincipal", "device"):
        flagged = {n for n, p in properties_of(types, entity).items() if p.get("sel")}
        ours = ON_SELECT[entity] | SINGLE_ONLY.get(entity, NO_PROPERTIES)
        assert flagged - ours == set(), entity


def test_built_in_roles_have_their_published_ids() -> None:
    """Policies and assignments name roles by these ids."""
    published = {role["templateId"] for role in shared_json("role_templates.json")}
    assert set(BUILT_IN_ROLES.values()) <= published


def test_permissions_have_their_published_ids() -> None:
    """Assignments on Microsoft Graph name permissions by these ids."""
    published = shared_json("graph_permission_ids.json")
    application = {role["value"]: role["id"] for role in published["appRoles"]}
    delegated = {scope["value"]: scope["id"] for scope in published["delegated"]}
    assert APPLICATION_PERMISSIONS.items() <= application.items()
    assert DELEGATED_PERMISSIONS.items() <= delegated.items()


UNLISTED_PERMISSIONS = {
    "privilegedAccessGroupPolicies": {"RoleManagementPolicy.Read.AzureADGroup"},
    "privilegedAccessGroupPolicyAssignments": {"RoleManagementPolicy.Read.AzureADGroup"},
}
"""Documented on the page of the request, and not in the reference, which knows a path and no filter."""


def test_permissions_of_paths_are_those_that_the_reference_lists() -> None:
    """A permission that Graph does not accept must not open a path here."""
    reference = shared_json("permissions_compact.json")
    names = reference["names"]
    by_path: dict[str, set[str]] = {}
    for path, numbers in reference["map"]["GET"].items():
        by_path.setdefault(re.sub(r"\{\w+\}", "{id}", path), set()).update(names[number] for number in numbers)
    subjects = [(row.collection, row.paths[0], row.permissions) for row in (*ROWS, *CONTAINED)]
    paths = {row.collection: row.paths[0] for row in ROWS}
    subjects += [(r.name, r.path or f"{paths[r.collection]}/{{id}}/{r.name}", r.permissions) for r in RELATIONS]
    subjects += [(stream.name, stream.path, stream.permissions) for stream in STREAMS_OF_OBJECTS]
    for name, path, permissions in subjects:
        if listed := by_path.get(re.sub(r"\{\w+\}", "{id}", path).lower()):
            allowed = listed | {"Directory.ReadWrite.All"} | UNLISTED_PERMISSIONS.get(name, set())
            assert permissions <= allowed, path


UNKNOWN_ENTITIES = frozenset(
    (
        "profileCardProperty",
        "userRegistrationDetails",
        "userSettings",
        "deviceLocalCredentialInfo",
        "bitlockerRecoveryKey",
        "configurationSnapshotJob",
        "configurationMonitor",
        "configurationDrift",
    )
)
"""Entities that the published schema's extract leaves out."""
UNTYPED_PROPERTIES = {
    "openTypeExtension": {"theme", "revision"},
    "privilegedAccessGroup": {"id", "displayName", "type", "registeredDateTime"},
}


@pytest.mark.parametrize(
    "declaration",
    [one for one in declarations() if one.entity not in UNKNOWN_ENTITIES],
    ids=lambda one: one.collection,
)
def test_a_declared_object_fits_the_schema(tenant: SimulatedTenant, declaration: Declaration) -> None:
    """Names and types of properties, of the type that `@odata.type` says where it says one, at every depth."""
    schema = shared_json("graph_schema.json")
    types = {**schema["beta"]["types"], **schema["v1.0"]["types"]}
    values = [value for row, value in objects_of(tenant) if row.collection == declaration.collection]
    assert values or declaration.collection in ABSENT
    for value in values:
        entity = value.get("@odata.type", f"#microsoft.graph.{declaration.entity}").rpartition("microsoft.graph.")[2]
        known = {*properties_of(types, entity), *declaration.embeds, *declaration.left_out_of_lists}
        known |= {"id", "deletedDateTime", "@odata.type", *UNTYPED_PROPERTIES.get(entity, ())}
        if schema["v1.0"]["types"].get(entity) and not declaration.beta:
            assert set(value) <= known, entity
        fits(types, entity, value)


@cache
def objects_of(tenant: SimulatedTenant) -> list[tuple[Row, dict[str, Any]]]:
    """Everything that is served, decoded, with its row."""
    found = []
    for row, body in everything(tenant):
        content = json.loads(body)
        content.pop("@odata.context")
        found += [(row, value) for value in ([content] if row.singleton else content["value"])]
    return found


def test_the_entities_that_the_schema_is_said_to_leave_out_are_not_in_it() -> None:
    """Otherwise objects of a known type would go unchecked."""
    schema = shared_json("graph_schema.json")
    assert UNKNOWN_ENTITIES.isdisjoint({*schema["beta"]["types"], *schema["v1.0"]["types"]})
    assert {one.entity for one in declarations()} >= UNKNOWN_ENTITIES
