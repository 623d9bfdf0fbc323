"""Permissions: what is needed, what is missing, and what is too much."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.errors import CredentialRefusedError
from archiver.graph.grant import GRAPH_APP_ID, grant_lines_of
from archiver.graph.permission import missing_of, permissions_of, write_roles_of
from archiver.graph.token_claims import TokenClaims, claims_of

ROWS = load_catalogue().chosen(["all"])


def claims_with(roles: Iterable[str] = (), directory_roles: Iterable[str] = ()) -> TokenClaims:
    return TokenClaims(frozenset(roles), None, None, frozenset(directory_roles))


def test_a_directory_role_may_write_unless_it_is_known_to_read() -> None:
    """A Global Administrator needs no permission of Graph's to change everything; a role nobody knows may do it too."""
    administrator = "62e90394-69f5-4237-9190-012177145e10"
    held = write_roles_of(claims_with(["User.Read.All"], [administrator, "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"]))
    assert held == (f"directory role {administrator}",)


def test_the_needed_permissions_only_read() -> None:
    """An archiver that could write would be the best target in the tenant."""
    assert write_roles_of(claims_with(roles=permissions_of(ROWS))) == ()
    assert "Member.Read.Hidden" in permissions_of(ROWS)


def test_nothing_is_missing_with_what_is_asked_for() -> None:
    """`init` prints the one and `doctor` checks the other."""
    assert missing_of(ROWS, frozenset(permissions_of(ROWS))) == ()


def test_a_broader_permission_stands_in_for_a_narrow_one() -> None:
    """Directory.Read.All reads devices; asking for more would be pedantry."""
    rows = load_catalogue().chosen(["devices"])
    assert missing_of(rows, frozenset({"Directory.Read.All"})) == ()


def test_a_missing_permission_names_what_it_costs() -> None:
    """An operator decides by what is lost."""
    rows = load_catalogue().chosen(["groups", "domains"])
    missing = {item.permission: item.costs for item in missing_of(rows, frozenset({"Group.Read.All"}))}
    assert missing == {
        "Domain.Read.All": ("domains",),
        "Member.Read.Hidden": ("groups.members (a part of it)",),
    }


def test_what_is_contained_is_lost_with_what_contains_it() -> None:
    """Its own permission opens nothing where nobody knows of which objects to ask for it."""
    rows = load_catalogue().chosen(["permissionGrantPolicyIncludes"])
    (missing,) = missing_of(rows, frozenset({"Directory.Read.All"}))
    assert missing[:2] == ("Policy.Read.PermissionGrant", ("permissionGrantPolicies", "permissionGrantPolicyIncludes"))


def test_a_part_is_lost_where_what_stands_in_for_the_whole_does_not_open_it() -> None:
    """Directory.Read.All reads users and applications, and neither sponsors nor federated credentials."""
    rows = load_catalogue().chosen(["users", "federatedIdentityCredentials"])
    costs = {item.permission: item.costs for item in missing_of(rows, frozenset({"Directory.Read.All"}))}
    assert "users.sponsors" in costs["User.Read.All"] and "users" not in costs["User.Read.All"]
    assert "federatedIdentityCredentials" in costs["Application.Read.All"]


@pytest.mark.parametrize(
    ("role", "writes"),
    [
        ("User.Read.All", False),
        ("Member.Read.Hidden", False),
        ("BitlockerKey.ReadBasic.All", False),
        ("Policy.Read.AuthenticationMethod", False),
        ("User.ReadWrite.All", True),
        ("AppRoleAssignment.ReadWrite.All", True),
        ("Mail.Send", True),
        ("User.DeleteRestore.All", True),
        ("Sites.FullControl.All", True),
        ("full_access_as_app", True),
    ],
)
def test_a_role_that_does_more_than_read_is_seen(role: str, writes: bool) -> None:
    """What is not known to read counts as writing."""
    assert (write_roles_of(claims_with(roles=[role])) == (role,)) is writes


def _token(payload: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    return f"e30.{middle}.c2ln"


def test_a_token_says_its_roles_tenant_and_app() -> None:
    """Granted roles are known before anything is read."""
    claims = claims_of(_token({"roles": ["User.Read.All", 7], "tid": "t", "appid": "a", "wids": ["w", None]}))
    assert claims == TokenClaims(frozenset({"User.Read.All"}), "t", "a", frozenset({"w"}))


def test_a_token_without_roles_has_none() -> None:
    """An app without consent gets such a token."""
    assert claims_of(_token({"tid": "t"})).roles == frozenset()


@pytest.mark.parametrize("token", ["", "a.b", "a.!!!.c", "e30.W10.c", "e30.e.c", f"a.{'x' * 70_000}.c"])
def test_what_is_no_token_is_refused(token: str) -> None:
    """Without roles the promise to hold no write permission can't be kept."""
    with pytest.raises(CredentialRefusedError):
        claims_of(token)


def test_the_grant_lines_name_the_app_and_every_permission() -> None:
    """They are pasted by people in a hurry."""
    az, powershell = grant_lines_of(["Domain.Read.All", "User.Read.All"], "my-app")
    assert az == (
        f"az ad app permission add --id my-app --api {GRAPH_APP_ID} --api-permissions"
        " dbb9058a-0e50-45d7-ae91-66909b5d4664=Role df021288-bdef-4463-88db-98f22de89214=Role",
        "az ad app permission admin-consent --id my-app",
    )
    assert any("'Domain.Read.All', 'User.Read.All'" in line for line in powershell)
    assert any("my-app" in line for line in powershell)


def test_a_property_with_a_permission_of_its_own_is_named() -> None:
    """An operator decides whether custom security attributes are worth a permission."""
    missing = missing_of(load_catalogue().chosen(["users"]), frozenset({"User.Read.All"}))
    assert {item.permission: item.costs for item in missing} == {
        "CustomSecAttributeAssignment.Read.All": ("users.customSecurityAttributes",),
        "User-LifeCycleInfo.Read.All": ("users.employeeLeaveDateTime",),
    }


@pytest.mark.parametrize(
    ("granted", "slows"),
    [
        (["AuditLog.Read.All"], None),
        (["AuditLog.Read.All", "EntraBackup.Read.All"], None),
        (["EntraBackup.Read.All"], "pulses read everything once the epoch's full is some days old"),
        ([], "pulses read everything, since nothing shows whether Microsoft's own recovery was used"),
    ],
)
def test_what_shows_recoveries_costs_pulses_their_speed_and_no_record(granted: list[str], slows: str | None) -> None:
    """A pulse that can't see whether Microsoft's recovery was used reads everything, and is whole."""
    rows = load_catalogue().chosen(["domains"])
    roles = frozenset({"Domain.Read.All", *granted})
    missing = {item.permission: item[1:] for item in missing_of(rows, roles, by_changes=True)}
    assert missing == ({} if slows is None else {"AuditLog.Read.All": ((), slows)})
    assert missing_of(rows, roles) == ()


def test_what_pulses_need_is_asked_for_where_there_are_pulses() -> None:
    """And nowhere else: a permission that nothing uses is one to be stolen."""
    rows = load_catalogue().chosen(["domains"])
    assert permissions_of(rows) == ("Domain.Read.All",)
    assert permissions_of(rows, by_changes=True) == ("AuditLog.Read.All", "Domain.Read.All")


def test_a_permission_that_collections_and_pulses_need_says_both() -> None:
    """One line, and one command."""
    rows = load_catalogue().chosen(["userRegistrationDetails"])
    (missing,) = missing_of(rows, frozenset({"User.Read.All"}), by_changes=True)
    assert missing.costs and missing.slows
