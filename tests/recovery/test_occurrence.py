"""Whether something is there: "not found" is never said of what a gap may hide, nor of what only did not change."""

from __future__ import annotations

import pytest

from recovery.difference import compare
from recovery.errors import AmbiguousIdError, UnknownObjectError
from recovery.object_view import object_view_of
from recovery.occurrence import gap_over, unknown_ids_of
from tests.recovery.tenant_days import object_record, sealed_days
from tests.vault.host import Host
from verify.gap import Gap
from verify.key import Record
from verify.snapshot import VerifiedSnapshot

ANNA, BERT = "a" * 8, "b" * 8
BINNED = "d" * 8
GUID_OF_ANNA, APP_ID = f"{ANNA}-0000-4000-8000-{'a' * 12}", "dddddddd-0000-4000-8000-000000000001"
ODD_IDS = ("", "../../x", "a\nb", "x\x00y", "\udcff", "a" * 5000, "/", "a//b")


def _day(*more: Record) -> list[Record]:
    return [
        object_record("users", ANNA, displayName="Anna"),
        object_record("scopedRoleMembers", "s1", ("administrativeUnits", "unit-1")),
        object_record("deletedUsers", BINNED),
        *more,
    ]


def test_an_id_is_unknown_only_if_no_snapshot_has_it(host: Host) -> None:
    """Known are an object that did not change, one that came, one that is contained, and one in a recycle bin."""
    days = sealed_days(host, _day(), _day(object_record("users", BERT)))
    ids = [ANNA, BERT, "s1", "unit-1/s1", "unit-2/s1", BINNED, "nobody"]
    assert unknown_ids_of(days, ids) == ["unit-2/s1", "nobody"]
    assert unknown_ids_of(days, [ANNA, BINNED, "s1"], ["users"]) == ["s1"]


@pytest.mark.parametrize("word", ODD_IDS)
def test_a_word_that_no_key_can_hold_is_the_id_of_nothing(host: Host, word: str) -> None:
    """The archive is sound; it is the caller's word that names nothing: exit 2, and not "malformed"."""
    (day,) = sealed_days(host, _day())
    assert unknown_ids_of([day], [word]) == [word]
    for collection in ("users", word):
        with pytest.raises(UnknownObjectError) as caught:
            object_view_of(day, collection, word)
        assert caught.value.exit_status == 2 and len(caught.value.message) < 1000


def test_a_misspelt_collection_is_told_from_a_missing_object(host: Host) -> None:
    """The next step differs: correct the name, or look for the id."""
    (day,) = sealed_days(host, _day())
    with pytest.raises(UnknownObjectError, match="nothing in a collection 'usres'") as caught:
        object_view_of(day, "usres", ANNA)
    assert caught.value.next_step == "Did you mean users?"
    with pytest.raises(UnknownObjectError, match=r"no object 'nobody' in users\Z"):
        object_view_of(day, "users", "nobody")


def test_an_object_in_the_recycle_bin_is_said_to_be_there(host: Host) -> None:
    """Whoever looks for what was deleted looks in the collection that it was in."""
    (day,) = sealed_days(host, _day())
    with pytest.raises(UnknownObjectError, match=f"no object '{BINNED}' in users: .* in deletedUsers") as caught:
        object_view_of(day, "users", BINNED)
    assert caught.value.next_step == "Ask for it in deletedUsers."
    assert object_view_of(day, "deletedUsers", BINNED).id == BINNED


@pytest.mark.parametrize(
    ("gap", "hides"),
    [
        (Gap("users", None, None, "forbidden", "403"), True),
        (Gap("users", None, "nobody", "server-error", "500"), True),
        (Gap("users", "manager", None, "forbidden", "403"), False),
        (Gap("groups", None, None, "forbidden", "403"), False),
    ],
)
def test_what_a_gap_may_hide_is_not_said_to_be_missing(host: Host, gap: Gap, hides: bool) -> None:
    """Absence is data only where the tenant was read."""
    (day,) = sealed_days(host, _day(), gaps=[[gap]])
    assert (gap_over([day], "nobody", ["users"]) is not None) == hides
    with pytest.raises(UnknownObjectError, match="may lack 'nobody'" if hides else "has no object 'nobody'"):
        object_view_of(day, "users", "nobody")


def test_a_user_may_be_named_by_the_principal_name(host: Host) -> None:
    """Nobody has ids at hand on the worst day. Case does not count, as in Entra; a deleted user's name is mangled."""
    mangled = f"{BINNED}Bob@contoso.com"
    (day,) = sealed_days(host, [
        object_record("users", ANNA, userPrincipalName="Anna@contoso.com"),
        object_record("users", BERT, userPrincipalName="bert@contoso.com"),
        object_record("deletedUsers", BINNED, userPrincipalName=mangled),
    ])  # fmt: skip
    assert object_view_of(day, "users", "anna@CONTOSO.com").id == ANNA
    assert object_view_of(day, "deletedUsers", mangled).id == BINNED


def test_an_object_may_be_called_what_people_call_it(host: Host) -> None:
    """The ticket says "the policy Block legacy", and not its id. What only one object can have comes before."""
    parent = ("servicePrincipals", "sp")
    (day,) = sealed_days(host, [
        object_record("conditionalAccessPolicies", ANNA, displayName="Block legacy / POP"),
        object_record("servicePrincipals", "sp", displayName="Payroll", appId="0aec"),
        object_record("appRoleAssignments", "role", parent, principalDisplayName="Sales Team"),
        object_record("users", ANNA, displayName="bert@b.c", userPrincipalName="anna@b.c"),
        object_record("users", BERT, displayName="Bert", userPrincipalName="bert@b.c"),
    ])  # fmt: skip
    assert object_view_of(day, "conditionalAccessPolicies", "block legacy / pop").id == ANNA
    assert object_view_of(day, "servicePrincipals", "payroll").id == "sp"
    assert object_view_of(day, "servicePrincipals", "0AEC").id == "sp"
    assert object_view_of(day, "appRoleAssignments", "sales team").parent == parent
    assert object_view_of(day, "users", "bert@b.c").id == BERT, "whatever somebody else calls himself"
    with pytest.raises(UnknownObjectError) as caught:
        object_view_of(day, "appRoleAssignments", "Sales Teams")
    assert caught.value.next_step == "Did you mean appRoleAssignments 'Sales Team'?"


@pytest.mark.parametrize(
    ("word", "collection", "candidates"),
    [
        ("ana@contoso.com", "users", "Did you mean users Anna@contoso.com?"),
        ("bob@contoso.com", "deletedUsers", f"Did you mean deletedUsers {BINNED}Bob@contoso.com?"),
        ("somebody@else.example", "users", UnknownObjectError.default_next_step),
    ],
)
def test_a_principal_name_that_nobody_has_gets_candidates(
    host: Host, word: str, collection: str, candidates: str
) -> None:
    """A deleted user is where the name was looked for last."""
    users = object_record("users", ANNA, userPrincipalName="Anna@contoso.com")
    binned = object_record("deletedUsers", BINNED, userPrincipalName=f"{BINNED}Bob@contoso.com")
    (day,) = sealed_days(host, [users, binned])
    with pytest.raises(UnknownObjectError, match=f"no object '{word}' in {collection}") as caught:
        object_view_of(day, collection, word)
    assert (caught.value.exit_status, caught.value.next_step) == (2, candidates)


@pytest.fixture
def impersonated(host: Host) -> VerifiedSnapshot:
    """A day on which Anna and her application are in the recycle bin, and Mallory is called what they were."""
    names = (GUID_OF_ANNA, "anna@b.c", APP_ID, BINNED)
    strangers = [object_record("users", f"m{n}", displayName=name, userPrincipalName=f"m{n}@b.c")
                 for n, name in enumerate(names)]  # fmt: skip
    apps = [object_record("applications", f"m{n}", displayName=name) for n, name in enumerate(names)]
    gone = object_record("deletedUsers", GUID_OF_ANNA, userPrincipalName=f"{GUID_OF_ANNA.replace('-', '')}Anna@b.c")
    other = object_record("deletedUsers", BINNED)
    (day,) = sealed_days(
        host, [*strangers, *apps, gone, other, object_record("deletedApplications", "x", appId=APP_ID)]
    )
    return day


@pytest.mark.parametrize(
    ("collection", "word", "asked"),
    [
        ("users", GUID_OF_ANNA, "deletedUsers"),
        ("users", GUID_OF_ANNA.upper(), "deletedUsers"),
        ("users", "ANNA@b.c", f"deletedUsers {GUID_OF_ANNA}"),
        ("users", BINNED, "deletedUsers"),
        ("applications", APP_ID, "deletedApplications x"),
    ],
)
def test_nobody_is_shown_for_what_another_object_alone_can_have(
    impersonated: VerifiedSnapshot, collection: str, word: str, asked: str
) -> None:
    """A display name is anybody's to choose: a stranger would be taken for the one whom somebody deleted."""
    with pytest.raises(UnknownObjectError, match=": it was deleted, and is in deleted") as caught:
        object_view_of(impersonated, collection, word)
    assert caught.value.next_step == f"Ask for it in {asked}."


@pytest.mark.parametrize("word", [APP_ID, "somebody@else.example", f"{APP_ID}/{GUID_OF_ANNA}"])
def test_what_looks_like_an_id_or_a_principal_name_is_no_display_name(host: Host, word: str) -> None:
    """Also where the one who is meant is not even in the recycle bin."""
    (day,) = sealed_days(host, [object_record("users", ANNA, displayName=word, userPrincipalName="a@b.c")])
    with pytest.raises(UnknownObjectError, match=r"no object '.*' in users\Z") as caught:
        object_view_of(day, "users", word)
    assert caught.value.next_step == UnknownObjectError.default_next_step, "nor is it what may be meant"


def test_the_member_by_which_an_object_was_found_is_kept(host: Host) -> None:
    """Whoever was found by a display name may be somebody else of that name."""
    record = object_record("servicePrincipals", ANNA, displayName="Payroll", appId=APP_ID)
    (day,) = sealed_days(host, [record])
    for word, member in ((ANNA, "id"), ("payroll", "displayName"), (APP_ID.upper(), "appId")):
        assert object_view_of(day, "servicePrincipals", word).found_by == member


def test_an_id_with_slashes_is_found_under_its_parent_and_by_its_name(host: Host) -> None:
    """Which slash stands between parent and child is the key's to say."""
    first, second = ("applications", "p/q"), ("applications", "r")
    (day,) = sealed_days(host, [
        object_record("federatedIdentityCredentials", "f/1", first, name="ci/main"),
        object_record("federatedIdentityCredentials", "f/1", second, name="other"),
    ])  # fmt: skip
    for word, parent in (("p/q/f/1", first), ("r/f/1", second), ("ci/main", first), ("OTHER", second)):
        assert object_view_of(day, "federatedIdentityCredentials", word).parent == parent
        assert word in ("ci/main", "OTHER") or unknown_ids_of([day], [word]) == []
    with pytest.raises(AmbiguousIdError) as caught:
        object_view_of(day, "federatedIdentityCredentials", "f/1")
    assert caught.value.next_step == "Name one of: p/q/f/1, r/f/1."
    with pytest.raises(UnknownObjectError, match="has no object 'q/f/1' in"):
        object_view_of(day, "federatedIdentityCredentials", "q/f/1")


def test_a_gap_of_an_id_with_slashes_hides_it_under_its_parent_too(host: Host) -> None:
    """The gap may say the id alone."""
    own = Gap("federatedIdentityCredentials", None, "f/2", "server-error", "500")
    (day,) = sealed_days(host, _day(), gaps=[[own]])
    assert gap_over([day], "p/q/f/2") == own and gap_over([day], "p/q/2") is None


def test_a_principal_name_that_several_have_gets_their_ids(host: Host) -> None:
    """A collection read while a user was renamed may have a name twice; no id is guessed."""
    (day,) = sealed_days(host, [object_record("users", id_, userPrincipalName="a@b.c") for id_ in (ANNA, BERT)])
    with pytest.raises(AmbiguousIdError, match="several objects in users are called 'a@b") as caught:
        object_view_of(day, "users", "a@b.c")
    assert (caught.value.exit_status, caught.value.next_step) == (2, f"Name one of: {ANNA}, {BERT}.")


def test_a_user_whom_a_gap_hides_may_have_any_principal_name(host: Host) -> None:
    """The gap says an id, and the name that belongs to it is what could not be read."""
    gap = Gap("users", None, BERT, "server-error", "500")
    (day,) = sealed_days(host, [object_record("users", ANNA, userPrincipalName="a@b.c")], gaps=[[gap]])
    with pytest.raises(UnknownObjectError, match="may lack 'bert@b"):
        object_view_of(day, "users", "bert@b.c")


def test_of_many_objects_of_one_name_the_first_are_listed(host: Host) -> None:
    """A line for a terminal, and not all of a tenant."""
    (day,) = sealed_days(host, [object_record("groups", f"g{number:03}", displayName="Sales") for number in range(30)])
    with pytest.raises(AmbiguousIdError) as caught:
        object_view_of(day, "groups", "sales")
    assert caught.value.next_step == f"Name one of: {', '.join(f'g{n:03}' for n in range(20))} and 10 more."


def test_a_filter_by_id_holds_in_the_recycle_bin_too(host: Host) -> None:
    """Asked about one user, the difference must not show all who were deleted that day."""
    before = [object_record("users", ANNA), object_record("users", BERT)]
    after = [object_record("deletedUsers", ANNA), object_record("deletedUsers", BERT)]
    days = sealed_days(host, before, after)
    changes = compare(*days, collections=["users"], ids=[ANNA]).objects
    assert [(change.object.collection, change.object.id, change.action) for change in changes] == [
        ("users", ANNA, "restore")
    ]
