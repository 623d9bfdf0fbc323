"""What a change means: who gains power by it, what it follows from, and whether there is anything to put back."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.difference import compare
from recovery.object_change import ObjectChange
from recovery.way_back import why_none_of
from recovery.word_set import WordChanges, word_changes_of
from tests.recovery.tenant_days import object_record, relation_record, sealed_days
from tests.vault.host import Host
from verify.key import Record

ANNA, BERT, CARA = "a" * 8, "b" * 8, "c" * 8
FILLER = [object_record("devices", f"device-{number:05d}", displayName=f"D{number}") for number in range(400)]
GRAPH, ROLE_ID = "sp-graph", "9e3f62cf"
LISTED = [{"id": ROLE_ID, "value": "RoleManagement.ReadWrite.Directory"}, "odd", {"id": 1, "value": "x"}]


def changes_of(host: Host, before: list[Record], after: list[Record], *, full: bool = False) -> list[ObjectChange]:
    """What differs between two days that have enough else in them."""
    one, other = sealed_days(host, [*FILLER, *before], [*FILLER, *after], full=full)
    return sorted(compare(one, other).objects, key=ObjectChange.reading_order)


def person(id_: str, **value: Any) -> Record:
    """A user with a name."""
    return object_record("users", id_, displayName=f"Name of {id_[0]}", **value)


def joined(group: str, *members: str) -> Record:
    """Who is in a group."""
    return relation_record("groups", group, "members", *members)


@pytest.mark.parametrize("full", [False, True], ids=["one epoch", "two epochs"])
@pytest.mark.parametrize("relation", ["members", "owners"])
def test_a_change_of_a_role_assignable_group_is_privileged_and_comes_first(
    host: Host, full: bool, relation: str
) -> None:
    """Whoever is put into such a group has its roles, though no assignment changed and the group itself did not."""
    tier = object_record("groups", "tier-0", displayName="Tier 0 administrators", isAssignableToRole=True)
    crew = object_record("groups", "crew", displayName="Crew", isAssignableToRole=None)
    before, after = (relation_record("groups", "tier-0", relation, *ids) for ids in ((ANNA,), (ANNA, BERT)))
    changes = changes_of(
        host,
        [tier, crew, before, joined("crew", ANNA)],
        [tier, crew, after, joined("crew", ANNA, BERT), object_record("applications", "app")],
        full=full,
    )
    assert [(one.object.id, one.privileged) for one in changes] == [
        ("tier-0", "role-assignable group"), ("app", None), ("crew", None)
    ]  # fmt: skip


@pytest.mark.parametrize("collection", ["roleAssignments", "roleEligibilitySchedules"])
@pytest.mark.parametrize("had", [True, False], ids=["before", "after"])
def test_a_change_of_whoever_holds_a_role_in_either_snapshot_is_privileged(
    host: Host, collection: str, had: bool
) -> None:
    """The account of an administrator is a way into his role, also of one who has just lost or gained it."""
    role = object_record(collection, "r1", principalId=ANNA, roleDefinitionId="global")
    days = [[person(ANNA, city=city), person(BERT, city=city), *([role] if held else [])]
            for city, held in (("x", had), ("y", not had))]  # fmt: skip
    found = {one.object.id: one.privileged for one in changes_of(host, *days)}
    assert found == {"r1": "collection", ANNA: "holds a directory role", BERT: None}


def test_a_contained_object_is_named_with_what_contains_it(host: Host) -> None:
    """A credential that lets a stranger in says nothing as long as nobody knows into which application."""
    app = object_record("applications", "app-1", displayName="Deploy pipeline")
    credential = object_record("federatedIdentityCredentials", "f1", ("applications", "app-1"), name="backup")
    (change,) = changes_of(host, [app], [app, credential])
    assert (change.parent_name, change.document()["parent_name"]) == ("Deploy pipeline", "Deploy pipeline")


def assignment(**value: Any) -> Record:
    """An app role of Microsoft Graph that somebody was given."""
    value = {"resourceId": GRAPH, "appRoleId": ROLE_ID, "principalDisplayName": "Mail tool", **value}
    return object_record("appRoleAssignments", "x1", ("servicePrincipals", GRAPH), **value)


def test_an_assigned_app_role_is_called_by_its_word(host: Host) -> None:
    """No reader knows by heart which id lets an application make itself an administrator."""
    graph = object_record("servicePrincipals", GRAPH, displayName="Microsoft Graph", appRoles=LISTED)
    (change,) = changes_of(host, [graph], [graph, assignment()])
    assert change.names == {ROLE_ID: "RoleManagement.ReadWrite.Directory"}


@pytest.mark.parametrize("roles", [None, [], "text", [{"id": ROLE_ID, "value": None}], [{"id": "other", "value": "x"}]])
def test_an_app_role_that_its_resource_does_not_list_stays_an_id(host: Host, roles: Any) -> None:
    """A resource may be gone, or hold anything."""
    graph = object_record("servicePrincipals", GRAPH, displayName="Graph", appRoles=roles)
    (change,) = changes_of(host, [graph], [graph, assignment()])
    assert change.names == {}


def test_ids_that_make_a_name_are_named_one_by_one_too(host: Host) -> None:
    """Beside the id of the role stands the role, and beside the id of the principal the principal."""
    role = object_record("roleDefinitions", "global", displayName="Global Administrator")
    given = object_record("roleAssignments", "r1", principalId=ANNA, roleDefinitionId="global")
    (change,) = changes_of(host, [person(ANNA), role], [person(ANNA), role, given])
    assert change.name == "Global Administrator → Name of a"
    assert change.names == {"global": "Global Administrator", ANNA: "Name of a"}


def test_what_goes_with_a_removed_user_says_so_and_comes_last(host: Host) -> None:
    """37 people without a manager are one event: that he was deleted. What somebody did stands before it."""
    role = object_record("appRoleAssignments", "x1", ("servicePrincipals", "sp"), principalId=ANNA)
    before = [
        person(ANNA),
        person(BERT),
        person(CARA, city="x"),
        role,
        joined("crew", ANNA, BERT),
        joined("team", ANNA),
    ]
    before.append(relation_record("users", BERT, "manager", ANNA))
    after = [person(BERT), person(CARA, city="y"), joined("crew", CARA)]
    changes = changes_of(host, before, after)
    assert [(one.object.id, [cause.name for cause in one.follows_from]) for one in changes] == [
        ("x1", ["Name of a"]),
        ("crew", []),
        ("team", ["Name of a"]),
        (ANNA, []),
        (CARA, []),
        (BERT, ["Name of a"]),
    ]
    document = changes[-1].document()
    assert document["follows_from"] == [{"collection": "users", "id": ANNA, "name": "Name of a"}]


@pytest.mark.parametrize(
    ("before", "after", "action", "why"),
    [
        ({"lastPasswordChangeDateTime": "1"}, {"lastPasswordChangeDateTime": "2"}, "none", "Microsoft sets it"),
        ({"signInActivity": {"a": 1}}, {"signInActivity": {"a": 2}}, "none", "Microsoft sets it"),
        (
            {"lastPasswordChangeDateTime": "1", "city": "x"},
            {"lastPasswordChangeDateTime": "2", "city": "y"},
            "update",
            None,
        ),
        ({"signInActivityOfOurs": 1}, {"signInActivityOfOurs": 2}, "update", None),
    ],
)
def test_what_nobody_can_write_is_not_offered_to_be_put_back(
    host: Host, before: dict[str, Any], after: dict[str, Any], action: str, why: str | None
) -> None:
    """An operator who tries to write a time of sign-in loses his own; what else changed is still to be put back."""
    (change,) = changes_of(host, [person(ANNA, **before)], [person(ANNA, **after)])
    assert (change.action, change.why_none) == (action, why)


@pytest.mark.parametrize(
    ("types", "relation", "action", "why"),
    [
        (["DynamicMembership"], "members", "none", "the rule decides"),
        (["DynamicMembership"], "owners", "update", None),
        (["Unified"], "members", "update", None),
    ],
)
def test_members_that_a_rule_decides_are_not_offered_to_be_put_back(
    host: Host, types: list[str], relation: str, action: str, why: str | None
) -> None:
    """Graph refuses to add a member to a dynamic group; its owners are a matter of choice."""
    group = object_record("groups", "g1", displayName="All users", groupTypes=types)
    links = [relation_record("groups", "g1", relation, *ids) for ids in ((ANNA,), (ANNA, BERT))]
    (change,) = changes_of(host, [group, links[0]], [group, links[1]])
    assert (change.action, change.why_none) == (action, why)


def test_the_rule_of_a_dynamic_unit_decides_too() -> None:
    """An administrative unit says it in another member."""
    assert why_none_of("administrativeUnits", {"membershipType": "Dynamic"}, [], ["members"]) == "the rule decides"
    assert why_none_of("administrativeUnits", {"membershipType": "Assigned"}, [], ["members"]) is None
    assert why_none_of("groups", None, [], ["members"]) is None


def test_a_scope_is_a_set_of_words() -> None:
    """Graph gives the scopes of a grant back in any order; only what came and went is a change."""
    found = word_changes_of(
        "oauth2PermissionGrants", "/scope", "openid User.Read  Mail.Read", "Mail.Read  Mail.Send openid"
    )
    assert found == WordChanges(("Mail.Send",), ("User.Read",))
    assert found is not None and found.text == "+Mail.Send −User.Read"
    assert word_changes_of("oauth2PermissionGrants", "/scope", "a", None) is None
    assert word_changes_of("users", "/scope", "a b", "b a") is None


def test_a_scope_in_another_order_leaves_nothing_to_put_back(host: Host) -> None:
    """It is listed, since the record differs, and is no news."""
    days = [[object_record("oauth2PermissionGrants", "g1", scope=scope)] for scope in ("a b", " b a ")]
    (change,) = changes_of(host, *days)
    assert (change.action, change.why_none, change.is_news) == ("none", "only the order differs", False)
