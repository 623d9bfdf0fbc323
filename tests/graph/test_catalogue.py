"""The catalogue: data that is checked when it is loaded, and held against Graph's own schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import Catalogue, catalogue_of, load_catalogue
from archiver.graph.errors import CatalogueError

CORE = [
    "users",
    "groups",
    "administrativeUnits",
    "devices",
    "applications",
    "federatedIdentityCredentials",
    "servicePrincipals",
    "appRoleAssignments",
    "oauth2PermissionGrants",
    "roleDefinitions",
    "roleAssignments",
    "roleEligibilitySchedules",
    "conditionalAccessPolicies",
    "namedLocations",
    "authenticationStrengthPolicies",
    "authenticationMethodsPolicy",
    "authorizationPolicy",
    "crossTenantAccessPolicy",
    "crossTenantAccessPolicyDefault",
    "crossTenantAccessPolicyPartners",
    "organization",
    "domains",
    "subscribedSkus",
    "deletedUsers",
    "deletedGroups",
    "deletedApplications",
    "deletedServicePrincipals",
    "deletedAdministrativeUnits",
    "deletedConditionalAccessPolicies",
    "deletedNamedLocations",
]

NOT_SELECTED = {
    "user": {
        # Given by a read of one user only; a list answers 501 (Microsoft Learn, list users).
        *[
            "aboutMe",
            "birthday",
            "hireDate",
            "interests",
            "mailboxSettings",
            "mySite",
            "pastProjects",
            "preferredName",
        ],
        *["responsibilities", "schools", "skills", "print", "deviceEnrollmentLimit"],
        # Needs CustomSecAttributeAssignment.Read.All and LifeCycleInfo.Read.All.
        *["customSecurityAttributes", "employeeLeaveDateTime"],
        # Needs AuditLog.Read.All and a licence, and allows 10 requests a minute.
        "signInActivity",
    },
    "group": {
        # Kept by Exchange and Teams: a read of one Microsoft 365 group gives them (Microsoft Learn, group).
        *[
            "accessType",
            "allowExternalSenders",
            "autoSubscribeNewMembers",
            "hideFromAddressLists",
            "isSubscribedByMail",
        ],
        *[
            "hideFromOutlookClients",
            "isFavorite",
            "unseenConversationsCount",
            "unseenCount",
            "unseenMessagesCount",
        ],
        *["isArchived", "welcomeMessageEnabled"],
    },
    "device": set(),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_the_core_is_in_the_catalogue(catalogue: Catalogue) -> None:
    """A collection that is not in it is never asked for and never missed."""
    assert [row.collection for row in catalogue.collections] == CORE
    relations = {f"{row.collection}.{relation.name}" for row in catalogue.collections for relation in row.relations}
    assert relations == {
        "users.manager",
        "users.sponsors",
        "groups.members",
        "groups.owners",
        "administrativeUnits.members",
        "administrativeUnits.scopedRoleMembers",
        "applications.owners",
        "servicePrincipals.owners",
    }


def test_members_and_owners_are_read_on_beta(catalogue: Catalogue) -> None:
    """v1.0 leaves service principals out of a group's members without saying so."""
    for collection in ("groups", "applications", "servicePrincipals"):
        for relation in catalogue.row_of(collection).relations:
            assert relation.version == "beta"


def test_what_is_selected_is_the_whole_schema_but_named_exceptions(catalogue: Catalogue, shared_data: Path) -> None:
    """A property that `$select` forgets is lost for ever, and nobody notices until a restore."""
    types: dict[str, Any] = json.loads((shared_data / "graph_schema.json").read_bytes())["v1.0"]["types"]
    for row in catalogue.collections:
        if row.select:
            assert set(row.select) == _properties_of(row.entity, types) - NOT_SELECTED[row.entity], row.collection
            assert list(row.select) == sorted(row.select)


def test_a_row_without_select_is_one_whose_default_set_is_the_full_one(catalogue: Catalogue, shared_data: Path) -> None:
    """Without `$select` unknown properties survive; right where Graph hides nothing of use by default."""
    types: dict[str, Any] = json.loads((shared_data / "graph_schema.json").read_bytes())["v1.0"]["types"]
    hidden = {
        row.collection: {
            name for name in _properties_of(row.entity, types) if _property_in(row.entity, name, types).get("sel")
        }
        for row in catalogue.collections
        if not row.select
    }
    assert {collection: names for collection, names in hidden.items() if names} == {
        "applications": {"authenticationBehaviors"},  # beta's, and not for lists
        "deletedApplications": {"authenticationBehaviors"},
        "servicePrincipals": {"customSecurityAttributes"},  # CustomSecAttributeAssignment.Read.All
        "deletedServicePrincipals": {"customSecurityAttributes"},
    }


def test_every_permission_has_an_id_to_grant_it_by(catalogue: Catalogue, shared_data: Path) -> None:
    """A wrong id in a ready-made command grants something else."""
    known = {
        role["value"]: role["id"]
        for role in json.loads((shared_data / "graph_permission_ids.json").read_bytes())["appRoles"]
    }
    shipped = json.loads((files("archiver.graph") / "permission_ids.json").read_bytes())
    needed: set[str] = set()
    for row in catalogue.collections:
        for permission in (row.permission, *(relation.permission for relation in row.relations)):
            needed |= {permission.least, *permission.besides}
    assert shipped == {name: known[name] for name in sorted(needed)}


def test_all_is_every_row_that_is_on_by_default_and_minus_leaves_out(catalogue: Catalogue) -> None:
    """What the settings say is what is read."""
    chosen = [row.collection for row in catalogue.chosen(["all", "-domains"])]
    assert chosen == [name for name in CORE if name != "domains"]
    assert [row.collection for row in catalogue.chosen(["users"])] == ["users"]


def test_a_contained_row_brings_its_parent(catalogue: Catalogue) -> None:
    """Assignments are read through the service principals that they belong to."""
    assert [row.collection for row in catalogue.chosen(["appRoleAssignments"])] == [
        "servicePrincipals",
        "appRoleAssignments",
    ]


def test_an_unknown_collection_is_an_error_that_lists_the_known_ones(catalogue: Catalogue) -> None:
    """A misspelt name must not quietly archive less."""
    with pytest.raises(CatalogueError) as caught:
        catalogue.chosen(["user"])
    assert "users" in caught.value.next_step


def _properties_of(entity: str, types: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    kind: str | None = entity
    while kind:
        found |= set(types[kind].get("p", {}))
        kind = types[kind].get("base")
    return found


def _property_in(entity: str, name: str, types: dict[str, Any]) -> dict[str, Any]:
    kind: str | None = entity
    while kind:
        if name in types[kind].get("p", {}):
            found: dict[str, Any] = types[kind]["p"][name]
            return found
        kind = types[kind].get("base")
    return {}


def _changed(**changes: Any) -> bytes:
    row: dict[str, Any] = {
        "collection": "users",
        "kind": "list",
        "path": "/users",
        "version": "v1.0",
        "entity": "user",
        "key": "id",
        "select": [],
        "top": None,
        "count": False,
        "permission": {"least": "User.Read.All", "also": [], "besides": []},
        "bucket": "directory",
        "resource_units": 1,
        "priority": "must",
        "default": True,
    }
    return json.dumps({"catalogue_version": "1", "collections": [{**row, **changes}]}).encode()


def test_the_smallest_row_is_accepted() -> None:
    """Otherwise the refusals below prove nothing."""
    assert catalogue_of(_changed()).collections[0].collection == "users"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "lists"},
        {"version": "v2.0"},
        {"bucket": "reports"},
        {"top": "999"},
        {"selct": ["id"]},
        {"kind": "contained"},
        {"kind": "contained", "parent": "nobody", "how": "per-object", "path": "/x/{id}/y"},
        {"kind": "contained", "parent": "users", "how": "expand", "path": "/users/{id}/y"},
        {"path": "/users/{id}"},
        {"select": ["displayName"]},
        {"permission": {"least": "User.Read.All", "also": [], "besides": [], "beside": []}},
        {"relations": [{"name": "manager"}]},
    ],
    ids=str,
)
def test_a_row_that_makes_no_sense_is_refused_when_loaded(changes: dict[str, Any]) -> None:
    """A row is somebody's edit; its mistake must not wait for the night."""
    with pytest.raises(CatalogueError):
        catalogue_of(_changed(**changes))


def test_two_rows_of_one_name_are_refused() -> None:
    """Their records would overwrite each other."""
    row = json.loads(_changed())["collections"][0]
    document = json.dumps({"catalogue_version": "1", "collections": [row, row]}).encode()
    with pytest.raises(CatalogueError):
        catalogue_of(document)
