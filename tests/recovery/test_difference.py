"""The difference names every change and nothing else, and never takes a gap for a fact."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.difference import compare
from recovery.object_change import ObjectChange
from tests.recovery.tenant_days import ask_for, object_record, opened_days, relation_record, sealed_days
from tests.vault.host import Host
from verify.gap import Gap
from verify.key import Record

ANNA, BERT, CARA = "a" * 8, "b" * 8, "c" * 8
CREW = "group-1"
FILLER = [object_record("devices", f"device-{number:05d}", displayName=f"D{number}") for number in range(400)]


def day(*records: Record) -> list[Record]:
    """A day with enough else in it that a change is a delta."""
    return [*FILLER, *records]


def user(id_: str, **value: Any) -> Record:
    """A user with a name."""
    return object_record("users", id_, displayName=f"Name of {id_[0]}", **value)


@pytest.fixture(params=[False, True], ids=["one epoch", "two epochs"])
def full(request: pytest.FixtureRequest) -> bool:
    """Snapshots of one epoch are compared by their deltas, of two by their tables: the same must come out."""
    return bool(request.param)


def only(changes: object) -> ObjectChange:
    """The one object that differs."""
    assert isinstance(changes, list | tuple)
    (change,) = changes
    assert isinstance(change, ObjectChange)
    return change


def test_equal_days_have_no_difference(host: Host, full: bool) -> None:
    """Silence must mean silence."""
    one, other = sealed_days(host, day(user(ANNA)), day(user(ANNA)), full=full)
    difference = compare(one, other)
    assert (list(difference.objects), list(difference.unknown)) == ([], [])


def test_a_changed_attribute_is_named_with_both_values(host: Host, full: bool) -> None:
    """An operator decides by the values, not by "something changed"."""
    before = user(ANNA, city="Oslo", onPremises={"synced": None, "domain": "x"})
    after = user(ANNA, city="Bergen", onPremises={"synced": True, "domain": "x"})
    one, other = sealed_days(host, day(before), day(after), full=full)
    change = only(compare(one, other).objects)
    assert (change.change, change.action, change.name) == ("changed", "update", "Name of a")
    assert [tuple(attribute) for attribute in change.attributes] == [
        ("/city", "Oslo", "Bergen"),
        ("/onPremises/synced", None, True),
    ]


def test_an_added_object_is_put_back_by_soft_deletion_where_there_is_a_bin(host: Host, full: bool) -> None:
    """A planted user goes to the recycle bin; a planted role assignment has none."""
    role = object_record("roleAssignments", "r1", principalId=ANNA)
    one, other = sealed_days(host, day(), day(user(ANNA), role), full=full)
    actions = {change.object.collection: change.action for change in compare(one, other).objects}
    assert actions == {"users": "soft-delete", "roleAssignments": "delete"}


def test_a_user_in_the_recycle_bin_is_one_entry_to_restore(host: Host, full: bool) -> None:
    """Restoring keeps the id; recreating does not. The difference must not offer the worse way."""
    binned = object_record("deletedUsers", ANNA, displayName="Name of a")
    one, other = sealed_days(host, day(user(ANNA)), day(binned), full=full)
    change = only(compare(one, other).objects)
    assert (change.object.collection, change.change, change.action) == ("users", "removed", "restore")


def test_a_user_that_is_gone_for_good_is_recreated(host: Host, full: bool) -> None:
    """Hard deletion leaves nothing to restore."""
    one, other = sealed_days(host, day(user(ANNA)), day(), full=full)
    change = only(compare(one, other).objects)
    assert (change.change, change.action, change.name) == ("removed", "recreate", "Name of a")


BIN_FORBIDDEN = Gap("deletedUsers", None, None, "forbidden", "403")


@pytest.mark.parametrize(
    ("asked", "gaps", "unread", "reasons"),
    [
        (["deletedUsers"], [], False, []),
        (["deletedUsers"], [BIN_FORBIDDEN], True, ["forbidden"]),
        (["deletedUsers"], [BIN_FORBIDDEN._replace(id=ANNA)], True, ["forbidden"]),
        (["deletedUsers"], [BIN_FORBIDDEN._replace(id=BERT)], False, ["forbidden"]),
        ([], [], True, ["not-asked-for"]),
    ],
    ids=["read", "hidden", "he is hidden", "another is hidden", "not asked for"],
)
def test_who_may_lie_in_a_bin_that_nobody_read_may_be_restored(
    host: Host, full: bool, asked: list[str], gaps: list[Gap], unread: bool, reasons: list[str]
) -> None:
    """Who is created again has another id, and lost his memberships for nothing."""
    host.collections = asked
    one, other = sealed_days(host, day(user(ANNA)), day(), gaps=[[], gaps], full=full)
    difference = compare(one, other)
    change = only(difference.objects)
    assert (change.action, change.recycle_bin_unread) == ("recreate", unread)
    assert change.document()["recycle_bin_unread"] is unread
    assert [(part["collection"], part["reason"], part["in"]) for part in difference.unknown] == [
        ("deletedUsers", reason, "after") for reason in reasons
    ]


def test_a_bin_that_was_read_later_alone_is_read(host: Host, full: bool) -> None:
    """The later day says where the user is; that the day before did not look into the bin changes nothing."""
    ask_for(host, day(user(ANNA)))
    host.seal(day(user(ANNA)), full=full)
    host.collections = ["deletedUsers", *host.collections]
    host.seal(day(object_record("deletedUsers", BERT)), full=full)
    one, other = opened_days(host, 2)
    change = only(compare(one, other).objects)
    assert (change.action, change.recycle_bin_unread) == ("recreate", False)


def test_links_are_named_with_their_targets(host: Host, full: bool) -> None:
    """A member list of ids tells nobody who was added to the administrators."""
    people = [user(ANNA), user(BERT), user(CARA)]
    before = relation_record("groups", CREW, "members", ANNA, BERT)
    after = relation_record("groups", CREW, "members", BERT, CARA)
    group = object_record("groups", CREW, displayName="Crew")
    one, other = sealed_days(host, day(group, before, *people), day(group, after, *people), full=full)
    change = only(compare(one, other).objects)
    assert (change.name, change.change) == ("Crew", "changed")
    assert [link.document() for link in change.links] == [
        {"relation": "members", "id": ANNA, "name": "Name of a", "change": "removed"},
        {"relation": "members", "id": CARA, "name": "Name of c", "change": "added"},
    ]


def test_members_that_only_moved_between_parts_are_no_change(host: Host, full: bool) -> None:
    """When a group outgrows its parts, all of them are rewritten; nobody joined or left."""
    group = object_record("groups", CREW, displayName="Crew")
    before = [relation_record("groups", CREW, "members", ANNA, BERT)]
    after = [
        relation_record("groups", CREW, "members", ANNA, part=0, parts=2),
        relation_record("groups", CREW, "members", BERT, part=1, parts=2),
    ]
    one, other = sealed_days(host, day(group, *before), day(group, *after), full=full)
    assert list(compare(one, other).objects) == []


def test_what_a_gap_hides_is_unknown_and_not_removed(host: Host, full: bool) -> None:
    """A withdrawn permission must not look like a mass deletion, nor like a quiet day."""
    gap = Gap("users", None, None, "forbidden", "403")
    one, other = sealed_days(host, day(user(ANNA)), day(), gaps=[[], [gap]], full=full)
    difference = compare(one, other)
    assert list(difference.objects) == []
    assert [dict(entry) for entry in difference.unknown] == [{**gap._asdict(), "in": "after"}]


def test_what_an_earlier_gap_hid_is_unknown_and_not_added(host: Host, full: bool) -> None:
    """When the permission is granted again, nobody created all these users overnight."""
    gap = Gap("users", None, None, "forbidden", "403")
    one, other = sealed_days(host, day(), day(user(ANNA)), gaps=[[gap]], full=full)
    assert list(compare(one, other).objects) == []


def test_a_relation_that_could_not_be_read_is_unknown(host: Host, full: bool) -> None:
    """One unreadable member list must not empty a group in the report."""
    group = object_record("groups", CREW, displayName="Crew")
    members = relation_record("groups", CREW, "members", ANNA)
    gap = Gap("groups", "members", CREW, "server-error", "500")
    one, other = sealed_days(host, day(group, members), day(group), gaps=[[], [gap]], full=full)
    difference = compare(one, other)
    assert list(difference.objects) == []
    assert len(difference.unknown) == 1


def test_a_collection_that_one_day_was_not_asked_for_is_unknown(host: Host, full: bool) -> None:
    """Who narrows the settings deletes nobody, and who widens them creates nobody."""
    host.collections, records = (
        ["devices", "groups", "users"],
        day(user(ANNA), object_record("groups", CREW, displayName="Crew")),
    )
    host.seal(records, full=full)
    host.collections = ["devices", "users"]
    host.seal(day(user(ANNA)), full=full)
    one, other = opened_days(host, 2)
    for difference, side in ((compare(one, other), "after"), (compare(other, one), "before")):
        assert list(difference.objects) == []
        assert [(part["collection"], part["reason"], part["in"]) for part in difference.unknown] == [
            ("groups", "not-asked-for", side)
        ]


def test_a_relation_that_one_day_was_not_asked_for_is_unknown(host: Host, full: bool) -> None:
    """`-groups.members` empties no group."""
    group = object_record("groups", CREW, displayName="Crew")
    host.collections, host.parts = ["devices", "groups"], {"groups": ["members", "owners"]}
    host.seal(day(group, relation_record("groups", CREW, "members", ANNA)), full=full)
    host.parts = {"groups": ["owners"]}
    host.seal(day(group), full=full)
    one, other = opened_days(host, 2)
    for difference in (compare(one, other), compare(other, one)):
        assert list(difference.objects) == []
        assert [(part["collection"], part["relation"]) for part in difference.unknown] == [("groups", "members")]


def test_a_property_that_could_not_be_read_is_unknown(host: Host, full: bool) -> None:
    """Without its permission a property is absent from every user; what else changed is told."""
    gap = Gap("users", "customSecurityAttributes", None, "forbidden", "403")
    before = day(user(ANNA, city="x", customSecurityAttributes=None), user(BERT, customSecurityAttributes=None))
    one, other = sealed_days(host, before, day(user(ANNA, city="y"), user(BERT)), gaps=[[], [gap]], full=full)
    entry = only(compare(one, other).objects)
    assert entry.object.id == ANNA and [change.path for change in entry.attributes] == ["/city"]


def test_values_of_extensions_that_graph_stopped_to_name_are_unknown(host: Host, full: bool) -> None:
    """With too many service principals Graph names no extensions of other tenants: nobody took their values away."""
    gap = Gap("userDirectoryExtensions", "extensionsOfOtherTenants", None, "server-error", "400")
    before = day(
        object_record("userDirectoryExtensions", ANNA, extension_a="1", extension_b="2"),
        object_record("userDirectoryExtensions", BERT, extension_b="2"),
    )
    after = day(object_record("userDirectoryExtensions", ANNA, extension_a="1"))
    one, other = sealed_days(host, before, after, gaps=[[], [gap]], full=full)
    assert list(compare(one, other).objects) == [] == list(compare(other, one).objects)


def test_what_an_unreadable_parent_contains_is_unknown(host: Host, full: bool) -> None:
    """The gap of a contained collection names what contains it: its own objects have no ids yet."""
    child = object_record("calendars", "c", ("groups", CREW), name="Watch")
    gap = Gap("calendars", None, CREW, "server-error", "500")
    one, other = sealed_days(host, day(child), day(), gaps=[[], [gap]], full=full)
    assert list(compare(one, other).objects) == []


def test_the_difference_can_be_narrowed_to_collections_and_ids(host: Host, full: bool) -> None:
    """On the worst day one asks about one policy, not about everything."""
    one, other = sealed_days(
        host, day(user(ANNA, city="x"), user(BERT, city="x")), day(user(ANNA, city="y"), user(BERT, city="y")),
        full=full,
    )  # fmt: skip
    assert len(compare(one, other).objects) == 2
    assert only(compare(one, other, ids=[BERT]).objects).object.id == BERT
    assert list(compare(one, other, collections=["groups"]).objects) == []


def test_the_difference_backwards_is_the_mirror_image(host: Host, full: bool) -> None:
    """Undo is the same comparison, the other way round."""
    one, other = sealed_days(host, day(user(ANNA, city="x")), day(user(ANNA, city="y"), user(BERT)), full=full)
    forth, back = compare(one, other).summary(), compare(other, one).summary()
    assert forth == {"users": {"added": 1, "removed": 0, "changed": 1}}
    assert back == {"users": {"added": 0, "removed": 1, "changed": 1}}


def test_what_is_read_of_a_user_by_itself_follows_from_his_removal(host: Host, full: bool) -> None:
    """And is the cause of nothing: a membership ended because the user went, and not because his values did."""
    values = object_record("userDirectoryExtensions", ANNA, extension_0123456789abcdef0123456789abcdef_badge="17")
    group = object_record("groups", CREW, displayName="Board")
    members = relation_record("groups", CREW, "members", ANNA)
    before, after = sealed_days(host, day(user(ANNA), group, members, values), day(group), full=full)
    changes = {change.object.collection: change for change in compare(before, after).objects}
    for collection in ("groups", "userDirectoryExtensions"):
        assert [(cause.collection, cause.id) for cause in changes[collection].follows_from] == [("users", ANNA)]
    assert changes["users"].follows_from == []


def test_a_report_about_a_removed_user_follows_from_his_removal(host: Host, full: bool) -> None:
    """Nobody writes registration details back: they return with the user."""
    report = object_record("userRegistrationDetails", ANNA, userPrincipalName="anna@example.org")
    before, after = sealed_days(host, day(user(ANNA), report), day(), full=full)
    changes = {change.object.collection: change for change in compare(before, after).objects}
    gone = changes["userRegistrationDetails"]
    assert [(cause.collection, cause.id) for cause in gone.follows_from] == [("users", ANNA)]
    assert (gone.action, gone.why_none) == ("none", "Microsoft sets it")
    assert changes["users"].action == "recreate"


def dangling(*named_by: tuple[str, str], id_: str = ANNA) -> Record:
    """The record of an id that leads nowhere, with the places that name it and who does there."""
    return object_record(
        "unresolvedReferences", id_, namedBy=[{"place": place, "id": namer} for place, namer in named_by]
    )


@pytest.mark.parametrize(
    ("gaps", "hidden"),
    [
        ([], False),
        ([Gap("namedLocations", None, None, "forbidden", "may not be read")], False),
        ([Gap("users", None, None, "forbidden", "may not be read")], True),
        ([Gap("deletedUsers", None, None, "forbidden", "may not be read")], True),
        ([Gap("groups", None, None, "forbidden", "may not be read")], True),
        ([Gap("groups", "members", None, "forbidden", "may not be read")], True),
        ([Gap("groups", "members", CREW, "forbidden", "may not be read")], True),
        ([Gap("groups", "members", "group-2", "forbidden", "may not be read")], False),
        ([Gap("groups", "owners", None, "forbidden", "may not be read")], False),
    ],
)
@pytest.mark.parametrize("back", [False, True], ids=["gone", "new"])
def test_an_id_that_led_nowhere_has_changed_only_where_both_days_could_judge_it(
    host: Host, full: bool, gaps: list[Gap], hidden: bool, back: bool
) -> None:
    """A list that was not read mends no reference, and one that is read again breaks none."""
    host.collections = ["deletedUsers", "groups", "namedLocations", "users"]
    days = [day(dangling(("groups.members", CREW))), day()]
    before, after = sealed_days(
        host, *(days[::-1] if back else days), gaps=[gaps, []] if back else [[], gaps], full=full
    )
    changes = [(one.object.collection, one.change, one.action) for one in compare(before, after).objects]
    assert changes == ([] if hidden else [("unresolvedReferences", "added" if back else "removed", "none")])


def test_of_an_id_that_leads_nowhere_the_judged_places_count(host: Host, full: bool) -> None:
    """One place that could not be judged hides nothing of another."""
    gaps = [Gap("groups", "members", None, "forbidden", "may not be read")]
    host.collections = ["groups", "roleAssignments"]
    one = dangling(("groups.members", CREW), ("roleAssignments.principalId", "role-1"))
    other = dangling(("roleEligibilitySchedules.principalId", "role-2"))
    before, after = sealed_days(host, day(one), day(other), gaps=[[], gaps], full=full)
    change = only(compare(before, after).objects)
    assert (change.change, change.action, change.why_none) == (
        "changed", "none", "it is the archive's own, not the tenant's"
    )  # fmt: skip


@pytest.mark.parametrize("gaps", [[], [Gap("groups", "members", CREW, "forbidden", "may not be read")]])
def test_an_id_that_leads_nowhere_in_the_same_place_has_not_changed(host: Host, full: bool, gaps: list[Gap]) -> None:
    """The record has the least of all who name it: that one may have stopped to, or may not be readable, and nothing
    was mended."""
    host.collections = ["groups"]
    one, other = dangling(("groups.members", CREW)), dangling(("groups.members", "group-2"))
    before, after = sealed_days(host, day(one), day(other), gaps=[[], gaps], full=full)
    assert list(compare(before, after).objects) == [] == list(compare(after, before).objects)


def test_what_a_list_of_ids_that_was_cut_lacks_is_not_mended(host: Host, full: bool) -> None:
    """Of too many the first are listed: those that move up came from nowhere, and those that move down lead nowhere."""
    cut = [Gap("unresolvedReferences", None, None, "interrupted", "the first of many are listed")]
    moved = dangling(("groups.members", CREW), id_=BERT)
    one = dangling(("groups.members", CREW), ("groups.owners", CREW))
    host.collections = ["groups"]
    before, after = sealed_days(
        host, day(one), day(dangling(("groups.members", CREW)), moved), gaps=[cut, cut], full=full
    )
    assert list(compare(before, after).objects) == [] == list(compare(after, before).objects)


def test_what_the_archive_keeps_by_itself_is_put_back_by_nobody(host: Host, full: bool) -> None:
    """An escrowed file that was replaced is no drift of the tenant."""
    before, after = (object_record("escrow", "applications/a", sealed=word) for word in ("one", "two"))
    change = only(compare(*sealed_days(host, day(before), day(after), full=full)).objects)
    assert (change.action, change.why_none) == ("none", "it is the archive's own, not the tenant's")


def test_what_the_archive_keeps_by_itself_is_the_cause_of_nothing(host: Host, full: bool) -> None:
    """With the assignment of a role goes the id that it named in vain, and not the other way about."""
    role = object_record("roleAssignments", "role-1", principalId=ANNA)
    place = ("roleAssignments.principalId", "role-1")
    before, after = sealed_days(host, day(role, dangling(place)), day(), full=full)
    changes = {change.object.collection: change for change in compare(before, after).objects}
    assert changes["roleAssignments"].follows_from == []
    assert changes["unresolvedReferences"].action == "none"
