"""What hands over power is told from what does not: new credentials of applications above all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from recovery.difference import compare
from recovery.enterprise_application import GRAPH_APP_ID
from recovery.object_change import ObjectChange, ObjectId
from recovery.power import may_write
from tests.recovery.tenant_days import object_record, relation_record, sealed_days
from tests.vault.host import Host
from verify.gap import Gap
from verify.key import Record

APP_ID, OTHER_APP_ID = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
ROLES = {"r-read": "Directory.Read.All", "r-write": "RoleManagement.ReadWrite.Directory", "r-send": "Mail.Send"}
SECRET, OLD_SECRET = {"keyId": "k2", "hint": "x9Z"}, {"keyId": "k1", "hint": "aB3"}


def _day(*records: Record, roles: Sequence[str] = (), directory_role: bool = False) -> list[Record]:
    """A tenant in which `sp-1` is the service principal of the application `app-1`, and has these roles."""
    graph = object_record(
        "servicePrincipals", "sp-graph", appId=GRAPH_APP_ID, displayName="Microsoft Graph",
        appRoles=[{"id": id_, "value": word} for id_, word in ROLES.items()],
    )  # fmt: skip
    parent = ("servicePrincipals", "sp-graph")
    held = [
        object_record(
            "appRoleAssignments", f"a-{role}", parent, principalId="sp-1", resourceId="sp-graph", appRoleId=role
        )
        for role in roles
    ]
    assigned = object_record("roleAssignments", "ra-1", principalId="sp-1", roleDefinitionId="role-1")
    role = object_record("roleDefinitions", "role-1", displayName="Application Administrator")
    return [graph, role, *held, *([assigned] if directory_role else []), *records]


def _app(*secrets: dict[str, str], **value: Any) -> Record:
    return object_record(
        "applications", "app-1", appId=APP_ID, displayName="Tool", passwordCredentials=list(secrets), **value
    )


def _principal(*certificates: dict[str, str]) -> Record:
    return object_record(
        "servicePrincipals", "sp-1", appId=APP_ID, displayName="Tool", keyCredentials=list(certificates)
    )


def _changes(host: Host, before: list[Record], after: list[Record]) -> dict[str, ObjectChange]:
    one, other = sealed_days(host, before, after)
    return {change.object.id: change for change in compare(one, other).objects}


def test_a_new_secret_of_an_application_counts_as_what_it_gives(host: Host) -> None:
    """With it anybody, from anywhere, assigns himself the highest role."""
    before = _day(_app(OLD_SECRET), _principal(), roles=["r-read", "r-write", "r-send"])
    after = _day(_app(OLD_SECRET, SECRET), _principal(), roles=["r-read", "r-write", "r-send"])
    change = _changes(host, before, after)["app-1"]
    assert change.privileged == "new credential"
    assert list(change.powers) == ["Mail.Send", "RoleManagement.ReadWrite.Directory"]


def test_a_new_certificate_of_a_service_principal_counts_as_its_directory_role(host: Host) -> None:
    """Its own credentials do not show in the application's registration, which may lie in another tenant."""
    before, after = (_day(_principal(*keys), directory_role=True) for keys in ([], [SECRET]))
    change = _changes(host, before, after)["sp-1"]
    assert (change.privileged, list(change.powers)) == ("new credential", ["Application Administrator"])


def test_a_new_application_with_a_secret_counts_as_what_it_was_given(host: Host) -> None:
    """It comes with its secret and its permissions in one night."""
    before, after = _day(), _day(_app(SECRET), _principal(), roles=["r-write"])
    assert list(_changes(host, before, after)["app-1"].powers) == ["RoleManagement.ReadWrite.Directory"]


@pytest.mark.parametrize(
    ("after", "roles"),
    [
        (_app(OLD_SECRET, SECRET), ["r-read"]),
        (_app(OLD_SECRET, SECRET), []),
        (_app(), ["r-write"]),
        (_app(OLD_SECRET, notes="moved"), ["r-write"]),
    ],
    ids=["permissions that only read", "no permission", "a secret that went", "another attribute"],
)
def test_other_changes_of_an_application_give_nobody_power(host: Host, after: Record, roles: list[str]) -> None:
    """A report that calls everything privileged is not read."""
    change = _changes(host, _day(_app(OLD_SECRET), _principal(), roles=roles), _day(after, _principal(), roles=roles))[
        "app-1"
    ]
    assert (change.privileged, list(change.powers)) == (None, [])


def test_what_gives_power_is_read_before_what_does_not(host: Host) -> None:
    """The order is that of the text and of the pages."""
    people = [object_record("users", "a", displayName=name) for name in ("Anna", "Anna B")]
    before = _day(_app(OLD_SECRET), _principal(), people[0], roles=["r-write"])
    after = _day(_app(OLD_SECRET, SECRET), _principal(), people[1], roles=["r-write"])
    ordered = sorted(_changes(host, before, after).values(), key=ObjectChange.reading_order)
    assert [change.object.id for change in ordered] == ["app-1", "a"]


@pytest.mark.parametrize(
    ("permission", "writes"),
    [
        ("User.ReadWrite.All", True),
        ("Mail.Send", True),
        ("Sites.FullControl.All", True),
        ("User.Read.All", False),
        ("User.ReadBasic.All", False),
        ("Member.Read.Hidden", False),
        ("", False),
    ],
)
def test_a_permission_says_by_its_second_word_whether_it_does_more_than_read(permission: str, writes: bool) -> None:
    """So that a permission which Microsoft adds tomorrow is judged too."""
    assert may_write(permission) is writes


def test_ids_in_the_lists_of_a_policy_have_names(host: Host) -> None:
    """Whom a policy leaves out is the question; a list of ids does not answer it."""
    conditions = {
        "users": {"excludeUsers": ["u-1", "All"], "excludeGroups": ["g-1"], "includeRoles": ["role-1"]},
        "applications": {"includeApplications": [APP_ID, OTHER_APP_ID, "Office365"]},
        "locations": {"includeLocations": ["l-1"], "excludeLocations": ["l-2"]},
        "clientApplications": {"includeServicePrincipals": ["sp-1"]},
    }
    named = [
        object_record("deletedUsers", "u-1", displayName="Eve, deleted"),
        object_record("groups", "g-1", displayName="Break glass"),
        object_record("namedLocations", "l-1", displayName="Head office"),
        object_record("namedLocations", "l-2", displayName="Everywhere"),
        _principal(),
    ]
    policy = object_record("conditionalAccessPolicies", "p-1", displayName="P", conditions=conditions)
    changes = _changes(host, _day(*named), _day(*named, policy))
    assert changes["p-1"].names == {
        "u-1": "Eve, deleted", "g-1": "Break glass", "role-1": "Application Administrator", APP_ID: "Tool",
        "l-1": "Head office", "l-2": "Everywhere", "sp-1": "Tool",
    }  # fmt: skip


def test_whom_a_policy_names_from_now_on_and_whom_no_more_both_have_names(host: Host) -> None:
    """The list after the change says nothing of who was taken out of it."""
    people = [object_record("users", id_, displayName=f"Name of {id_}") for id_ in ("u-1", "u-2")]
    days = [
        _day(*people, object_record("conditionalAccessPolicies", "p-1", conditions={"users": {"excludeUsers": [id_]}}))
        for id_ in ("u-1", "u-2")
    ]
    assert _changes(host, *days)["p-1"].names == {"u-1": "Name of u-1", "u-2": "Name of u-2"}


@pytest.mark.parametrize("collection", ["applications", "servicePrincipals"])
def test_a_new_owner_counts_as_what_the_application_gives(host: Host, collection: str) -> None:
    """He adds a secret to it whenever he likes, and nothing shows until he does."""
    id_ = {"applications": "app-1", "servicePrincipals": "sp-1"}[collection]
    before = _day(_app(), _principal(), roles=["r-write"])
    after = _day(_app(), _principal(), relation_record(collection, id_, "owners", "eve"), roles=["r-write"])
    change = _changes(host, before, after)[id_]
    assert (change.privileged, list(change.powers)) == ("new owner", ["RoleManagement.ReadWrite.Directory"])
    assert change.reading_order() < ObjectChange(ObjectId("users", "a", ())).reading_order()


def test_an_owner_of_an_application_without_power_gets_none(host: Host) -> None:
    """Developers own applications; that is ordinary."""
    before = _day(_app(), _principal(), roles=["r-read"])
    after = _day(_app(), _principal(), relation_record("applications", "app-1", "owners", "dev"), roles=["r-read"])
    assert _changes(host, before, after)["app-1"].privileged is None


def test_an_owner_who_goes_takes_nothing_and_gives_nothing(host: Host) -> None:
    """Only who comes gets at the secrets."""
    owned = relation_record("servicePrincipals", "sp-1", "owners", "dev")
    change = _changes(host, _day(_principal(), owned, roles=["r-write"]), _day(_principal(), roles=["r-write"]))["sp-1"]
    assert change.privileged is None


SOURCES = ["appRoleAssignments", "roleAssignments", "roleEligibilitySchedules", "servicePrincipals"]


def _forbidden(collection: str, id_: str | None = None, reason: str = "forbidden") -> Gap:
    return Gap(collection, None, id_, reason, "may not be read")


@pytest.mark.parametrize(
    ("gaps", "unknown"),
    [
        ([], []),
        ([_forbidden("roleAssignments")], ["roleAssignments"]),
        ([_forbidden("roleEligibilitySchedules")], ["roleEligibilitySchedules"]),
        ([_forbidden("roleEligibilitySchedules", reason="licence-missing")], []),
        ([_forbidden("appRoleAssignments")], ["appRoleAssignments"]),
        ([_forbidden("appRoleAssignments", "sp-graph")], ["appRoleAssignments"]),
        ([_forbidden("appRoleAssignments", "sp-other")], []),
        ([_forbidden("servicePrincipals")], []),
        ([_forbidden("users")], []),
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_new_secret_is_not_harmless_where_nobody_could_see_what_it_gives(
    host: Host, gaps: list[Gap], unknown: list[str], side: str
) -> None:
    """ "Nothing privileged" must not be said of a secret of the application that is Global Administrator."""
    host.collections = [*SOURCES, "users"]
    days = _day(_app(), _principal()), _day(_app(SECRET), _principal())
    difference = compare(*sealed_days(host, *days, gaps=[gaps, []] if side == "before" else [[], gaps]))
    (change,) = difference.objects
    assert (change.privileged, change.privilege_unknown) == (None, unknown)
    assert change.document()["privilege_unknown"] == unknown
    told = difference.document(datetime(2026, 11, 20, tzinfo=UTC))["privilege_unknown"]
    assert told == [{**gap._asdict(), "in": side} for gap in gaps if unknown]


def test_an_application_whose_service_principal_was_not_read_is_not_judged(host: Host) -> None:
    """By its id it holds what it holds."""
    host.collections = SOURCES
    gaps = [_forbidden("servicePrincipals")]
    one, other = sealed_days(host, _day(_app()), _day(_app(SECRET)), gaps=[gaps, gaps])
    (change,) = compare(one, other).objects
    assert change.privilege_unknown == ["servicePrincipals"]


def test_what_was_not_asked_for_says_nobody_is_without_a_role(host: Host) -> None:
    """Settings that leave the roles out make no administrator harmless; a device holds none."""
    objects = [
        [object_record("users", "a", displayName=name), object_record("devices", "d", displayName=name)]
        for name in ("Anna", "Bert")
    ]
    difference = compare(*sealed_days(host, *objects))
    unknown = {change.object.collection: change.privilege_unknown for change in difference.objects}
    assert unknown == {"devices": [], "users": ["roleAssignments", "roleEligibilitySchedules"]}
    assert {(source.gap.reason, source.side) for source in difference.unseen_power()} == {
        ("not-asked-for", "before"), ("not-asked-for", "after")
    }  # fmt: skip


def test_what_is_known_to_be_privileged_needs_no_other_source(host: Host) -> None:
    """One role is enough."""
    host.collections = SOURCES
    gaps = [_forbidden("appRoleAssignments"), _forbidden("roleEligibilitySchedules")]
    before, after = (_day(_principal(*keys), directory_role=True) for keys in ([], [SECRET]))
    one, other = sealed_days(host, before, after, gaps=[gaps, gaps])
    (change,) = compare(one, other).objects
    assert (change.privileged, change.privilege_unknown) == ("new credential", [])
