"""The catalogue: data that is checked when it is loaded, and held against Graph's own schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import Catalogue, catalogue_of, load_catalogue
from archiver.graph.errors import CatalogueError
from archiver.graph.permission import needs_of

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
    assert set(CORE) <= {row.collection for row in catalogue.chosen(["all"])}
    relations = {f"{row.collection}.{relation.name}" for row in catalogue.collections for relation in row.relations}
    assert relations >= {
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


PARTS = {
    "signInActivities",
    "applicationKeyCredentials",
    "servicePrincipalKeyCredentials",
    "servicePrincipalSecurityAttributes",
    "organizationDirectoryExtensions",
    "userDirectoryExtensions",
    "groupDirectoryExtensions",
    "administrativeUnitDirectoryExtensions",
    "deviceDirectoryExtensions",
    "applicationDirectoryExtensions",
    "deviceLocalCredentials",
    "recoveryKeys",
    "groupMailSettings",
    "applicationDetails",
}
"""Rows that select some properties on purpose, because they have a limit, a permission or a price of their own."""

NOT_IN_THE_SCHEMA = {
    "profileCardProperties",
    "userRegistrationDetails",
    "configurationSnapshotJobs",
    "configurationMonitors",
    "configurationDrifts",
}
"""Collections that "all" means and whose types the schema at hand does not have."""


def test_what_is_selected_is_the_whole_schema_but_named_exceptions(catalogue: Catalogue, shared_data: Path) -> None:
    """A property that `$select` forgets is lost for ever, and nobody notices until a restore."""
    types: dict[str, Any] = json.loads((shared_data / "graph_schema.json").read_bytes())["v1.0"]["types"]
    for row in catalogue.collections:
        if row.select and row.collection not in PARTS:
            asked = {*row.select, *(guarded.property for guarded in row.guarded)}
            assert asked >= _properties_of(row.entity, types) - NOT_SELECTED[row.entity], row.collection
            assert asked <= _properties_of(row.entity, types), row.collection
            assert list(row.select) == sorted(row.select)


def test_a_row_without_select_is_one_whose_default_set_is_the_full_one(catalogue: Catalogue, shared_data: Path) -> None:
    """Without `$select` unknown properties survive; right where Graph hides nothing of use by default."""
    schema: dict[str, Any] = json.loads((shared_data / "graph_schema.json").read_bytes())
    hidden, unknown = {}, set()
    for row in catalogue.chosen(["all"]):
        versions = ("v1.0", "beta") if row.version == "v1.0" else ("beta", "v1.0")
        types = next((schema[one]["types"] for one in versions if row.entity in schema[one]["types"]), None)
        if types is None:
            unknown.add(row.collection)
        elif not row.select:
            names = _properties_of(row.entity, types)
            hidden[row.collection] = {name for name in names if _property_in(row.entity, name, types).get("sel")}
    assert unknown == NOT_IN_THE_SCHEMA
    attributes = {"customSecurityAttributes"}  # in servicePrincipalSecurityAttributes, with a permission of its own
    behaviours = {"authenticationBehaviors"}  # beta's, and not for lists
    assert {collection: names for collection, names in hidden.items() if names} == {
        "applications": behaviours,
        "deletedApplications": behaviours,
        "agentIdentityBlueprints": behaviours,
        "servicePrincipals": attributes,
        "deletedServicePrincipals": attributes,
        "agentIdentityBlueprintPrincipals": attributes,
        "agentIdentities": attributes,
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
        for _, need in needs_of([row]):
            needed |= {need.least, *need.besides}
    assert shipped == {name: known[name] for name in sorted(needed)}


def test_all_is_every_row_that_is_on_by_default_and_minus_leaves_out(catalogue: Catalogue) -> None:
    """What the settings say is what is read."""
    all_of_them = {row.collection for row in catalogue.chosen(["all"])}
    assert {row.collection for row in catalogue.chosen(["all", "-contacts"])} == all_of_them - {"contacts"}
    assert [row.collection for row in catalogue.chosen(["users"])] == ["users"]


def test_a_contained_row_brings_its_parent(catalogue: Catalogue) -> None:
    """Assignments are read through the service principals that they belong to."""
    assert [row.collection for row in catalogue.chosen(["appRoleAssignments"])] == [
        "servicePrincipals",
        "appRoleAssignments",
    ]


@pytest.mark.parametrize(
    ("name", "next_step"),
    [("-userz", "Did you mean users?"), ("qqqq", "archiver/graph/COVERAGE.md lists the collections.")],
)
def test_an_unknown_collection_is_an_error_that_names_the_closest_and_no_wall_of_all(
    catalogue: Catalogue, name: str, next_step: str
) -> None:
    """A misspelt name must not quietly archive less, and 200 names hide the one that was meant."""
    with pytest.raises(CatalogueError) as caught:
        catalogue.chosen(["all", name])
    assert caught.value.next_step == next_step


def _properties_of(entity: str, types: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    kind: str | None = entity
    while kind in types:
        found |= set(types[kind].get("p", {}))
        kind = types[kind].get("base")
    return found


def _property_in(entity: str, name: str, types: dict[str, Any]) -> dict[str, Any]:
    kind: str | None = entity
    while kind in types:
        if name in types[kind].get("p", {}):
            found: dict[str, Any] = types[kind]["p"][name]
            return found
        kind = types[kind].get("base")
    return {}


ROW: dict[str, Any] = {
    "collection": "users",
    "path": "/users",
    "entity": "user",
    "permission": {"least": "User.Read.All"},
    "priority": "must",
}
CHILD: dict[str, Any] = {**ROW, "collection": "children", "kind": "contained", "parent": "users", "how": "per-object"}


_LOGO: dict[str, Any] = {
    "name": "logo",
    "path": "/users/{id}/logo",
    "permission": {"least": "User.Read.All"},
    "shows_in": "info",
}


def _file_of(*rows: dict[str, Any]) -> list[bytes]:
    return [json.dumps(rows).encode()]


def test_the_smallest_rows_are_accepted() -> None:
    """Otherwise the refusals below prove nothing."""
    logo = {"streams": [_LOGO], "delta": {"path": "/users/delta"}, "select": ["id", "info"]}
    rows = catalogue_of(_file_of(ROW | logo, {**CHILD, "path": "/users/{id}/children"})).collections
    assert [row.collection for row in rows] == ["users", "children"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "lists"},
        {"version": "v2.0"},
        {"bucket": "mail"},
        {"top": "999"},
        {"selct": ["id"]},
        {"extensions_of": "User"},
        {"extensions_of": "User", "select": ["displayName", "id"]},
        {"extensions_of": "User", "select": ["id"], "kind": "singleton"},
        {"extensions_of": "Printer", "select": ["id"]},
        {"kind": "contained"},
        {"kind": "contained", "parent": "nobody", "how": "per-object", "path": "/x/{id}/y"},
        {"kind": "contained", "parent": "users", "how": "expand", "path": "/users/{id}/y"},
        {"path": "/users/{id}"},
        {"select": ["displayName"]},
        {"permission": {"least": "User.Read.All", "beside": []}},
        {"single": True},
        {"secret": "laps"},
        {"guarded": [{"property": "secret", "permission": "User.Read.All"}]},
        {"streams": [{"name": "photo", "path": "/users/photo", "permission": {"least": "User.Read.All"}}]},
        {"relations": [{"name": "manager"}]},
        {"streams": [_LOGO]},
        {"streams": [_LOGO], "delta": {"path": "/users/delta"}, "select": ["id"]},
    ],
    ids=str,
)
def test_a_row_that_makes_no_sense_is_refused_when_loaded(changes: dict[str, Any]) -> None:
    """A row is somebody's edit; its mistake must not wait for the night."""
    with pytest.raises(CatalogueError):
        catalogue_of(_file_of({**ROW, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/users/children"},
        {"path": "/users/{user}/children/{id}"},
        {"path": "/users/{id}/children", "singly": True},
        {"path": "/users/{id}/children", "parent": None},
        {"path": "/users/{id}/children", "relations": [{"name": "x", "path": "/x/{id}", "permission": {"least": "X"}}]},
        {
            **{"path": "/users/{id}/children", "how": "expand", "expand": "children", "expand_resource_units": 2},
            "streams": [{"name": "photo", "path": "/x/{id}", "permission": {"least": "X"}}],
        },
    ],
    ids=str,
)
def test_a_contained_row_that_makes_no_sense_is_refused_when_loaded(changes: dict[str, Any]) -> None:
    """What it hangs on, and how it is read, must fit what the gatherer can do."""
    with pytest.raises(CatalogueError):
        catalogue_of(_file_of(ROW, {**CHILD, **changes}))


def test_two_rows_of_one_name_are_refused() -> None:
    """Their records would overwrite each other."""
    with pytest.raises(CatalogueError, match="users"):
        catalogue_of(_file_of(ROW, ROW))


def test_all_leaves_out_what_costs_too_much_or_is_somebody_elses(catalogue: Catalogue) -> None:
    """Each such row says why; a name asks for it, and so does a relation's or a stream's."""
    off = {row.collection for row in catalogue.collections if row.off}
    assert {"authenticationMethods", "deviceLocalCredentials", "recoveryKeys", "filteringPolicies"} <= off
    assert off.isdisjoint(row.collection for row in catalogue.chosen(["all"]))
    assert "authenticationMethods" in {row.collection for row in catalogue.chosen(["all", "authenticationMethods"])}


def test_a_stream_that_is_off_is_read_when_it_is_named(catalogue: Catalogue) -> None:
    """A photo costs a request for each user; who wants them says so."""

    def streams(*choice: str) -> list[str]:
        rows = {row.collection: row for row in catalogue.chosen(choice)}
        return [stream.name for stream in rows["users"].streams]

    assert streams("all") == []
    assert streams("users.photo") == ["photo"]
    assert streams("all", "users.photo", "-users.photo") == []


def test_a_relation_can_be_left_out(catalogue: Catalogue) -> None:
    """`-groups.owners` reads groups and members."""
    (groups,) = catalogue.chosen(["groups", "-groups.owners"])
    assert [relation.name for relation in groups.relations] == ["members"]


def test_what_is_left_out_is_not_read_for_what_it_contains(catalogue: Catalogue) -> None:
    """Whoever leaves a collection out must not find it in the archive."""
    with pytest.raises(CatalogueError) as caught:
        catalogue.chosen(["all", "-permissionGrantPolicies", "-permissionGrantPolicyIncludes"])
    assert "permissionGrantPolicyExcludes" in caught.value.next_step
    left_out = {"domains", "federationConfiguration", "serviceConfigurationRecords", "verificationDnsRecords"}
    rows = {row.collection for row in catalogue.chosen(["all", *(f"-{name}" for name in left_out)])}
    assert rows and rows.isdisjoint(left_out)


@pytest.mark.parametrize("choice", [["users", "-users"], ["users.photo", "-users"], ["all", "-all"]])
def test_a_choice_that_takes_itself_back_is_an_error(catalogue: Catalogue, choice: list[str]) -> None:
    """A run that reads nothing, or everything in its place, is not what anybody asked for."""
    with pytest.raises(CatalogueError):
        catalogue.chosen(choice)


def test_a_stream_that_is_not_there_is_an_error_that_lists_those_that_are(catalogue: Catalogue) -> None:
    """As for a collection."""
    with pytest.raises(CatalogueError) as caught:
        catalogue.chosen(["users.picture"])
    assert "photo" in caught.value.next_step


def test_secrets_are_read_only_when_they_are_asked_for(catalogue: Catalogue) -> None:
    """Passwords of every laptop are nothing to archive by default."""
    assert [row.collection for row in catalogue.chosen(["domains"], ["laps"])] == ["domains", "deviceLocalCredentials"]


def test_what_contains_what_contains_a_row_is_read_too(catalogue: Catalogue) -> None:
    """A schema belongs to a job, and a job to a service principal."""
    rows = [row.collection for row in catalogue.chosen(["synchronizationSchema"])]
    assert rows == ["servicePrincipals", "synchronizationJobs", "synchronizationSchema"]
