"""The report of a difference: what changed, what matters most first, and what nobody knows."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256

import pytest

from recovery.reports.difference_page import difference_page
from recovery.reports.object_list import ATTRIBUTES_SHOWN, LINKS_SHOWN, OBJECTS_SHOWN
from recovery.reports.page import document_digest
from recovery.reports.value import FULL_LIMIT, full_value
from tests.reports.golden import assert_golden
from tests.reports.parsed_page import ParsedPage
from tests.reports.specimen import GENERATED_AT, Json, attack, changed, difference
from verify.errors import MalformedError


def text_of(document: Json) -> str:
    return ParsedPage(difference_page(document)).text


def test_an_attack_makes_the_page_that_was_approved() -> None:
    """The same document gives the same bytes, on every machine; a change of the page is a change to look at."""
    page = difference_page(attack(), generated_at=GENERATED_AT, json_name="difference.json")
    assert_golden("difference-attack.html", page)
    assert ParsedPage(page).problems == []


def test_no_difference_makes_the_page_that_was_approved() -> None:
    """A quiet day has a report too."""
    assert_golden("difference-none.html", difference_page(difference([])))


def test_the_first_paragraph_counts_and_names_what_is_privileged() -> None:
    """A manager reads one paragraph."""
    text = text_of(attack())
    assert "14 objects differ in 8 collections: 2 removed, 8 changed and 4 added" in text
    assert "7 of them are privileged: applications (1), groups (1), servicePrincipals (1)" in text


def test_an_added_object_says_what_it_is_and_how_to_see_all_of_it() -> None:
    """A name and an id do not tell a guest from a colleague."""
    text = text_of(attack())
    assert "userType Guest" in text
    assert "All of it: strongroom show ARCHIVE users" in text
    assert "synchronised from on-premises: it stays only if it is there too" in text
    assert "Privileged: new owner: whoever owns it can give it a secret of his own, and then act with Mail.Send" in text


def test_the_page_names_tenant_and_archive() -> None:
    """Whose directory it is must stand on the page, also when it is printed."""
    document = attack()
    text = text_of(document)
    assert document["tenant"] in text
    assert document["archive_id"] in text.replace(" ", "")


def test_privileged_collections_come_first() -> None:
    """One policy switched off matters more than a thousand job titles."""
    objects = [changed("applications", "a"), changed("users", "b"), changed("conditionalAccessPolicies", "c")]
    objects += [changed("roleAssignments", "d"), changed("appRoleAssignments", "e")]
    page = difference_page(difference(objects))
    places = [page.index(f'id="collection-{number}"') for number in range(1, 6)]
    names = [page[place:].split("<bdi>")[1].split("</bdi>")[0].replace("<wbr>", "") for place in places]
    assert places == sorted(places)
    assert names == ["roleAssignments", "conditionalAccessPolicies", "appRoleAssignments", "applications", "users"]


def test_a_gap_is_unknown_and_never_unchanged() -> None:
    """What could not be read may hide anything."""
    gap = {"collection": "devices", "relation": None, "id": None, "reason": "forbidden", "detail": "", "in": "after"}
    text = text_of(difference([], unknown=[gap]))
    assert "No difference found in what could be compared" in text
    assert "devices UNKNOWNnot compared: it could not be read" in text


def test_a_gap_on_both_sides_is_one_unknown_part() -> None:
    """Counting it twice would make the tenant look worse read than it was."""
    text = text_of(attack())
    assert "2 parts of the tenant are UNKNOWN" in text
    assert "missing before and after" in text


def test_what_differs_inside_a_value_is_marked() -> None:
    """In a policy of two pages, one excluded user is what an engineer looks for."""
    page = difference_page(attack())
    assert "[&quot;bg-1&quot;,&quot;bg-2&quot;,<ins>&quot;eve&quot;</ins>]" in page
    assert "&quot;<del>enabled</del>&quot;" in page
    assert "openid User.Read <ins>Directory.ReadWrite.All</ins>" in page


def test_an_exact_number_is_shown_with_the_digits_that_it_has() -> None:
    """2.50 and 2.5 are two records; a float would show them as one."""
    page = difference_page(attack())
    assert "<del>2.50</del>" in page
    assert "<ins>2.5</ins>" in page


def test_exact_numbers_do_not_change_the_digest() -> None:
    """The digest is that of the document that was written, in which a number is a number."""
    exact = {"weight": [Decimal("2.50"), Decimal("1E+2"), Decimal("12345678901234567890")]}
    read = {"weight": [2.5, 100.0, 12345678901234567890]}
    text = json.dumps(read, separators=(",", ":")) + "\n"
    assert document_digest(exact) == sha256(text.encode()).hexdigest()


def test_a_large_difference_is_cut_and_says_so() -> None:
    """A hundred thousand deleted users must not make a page that no browser opens."""
    objects = [changed("users", f"Person {number}", "removed") for number in range(5_000)]
    objects += [changed("users", f"Odd {number}", "added") for number in range(30)]
    page = difference_page(difference(objects), json_name="difference.json")
    text = ParsedPage(page).text
    assert page.count("<article") == OBJECTS_SHOWN
    assert "200 of 5,030 objects are shown (170 removed, 0 changed, 30 added)" in text
    assert "4,830 are left out here. All of them are in difference.json." in text
    assert len(page) < 200_000


def test_many_attributes_and_links_of_one_object_are_cut_and_counted() -> None:
    """One object that changed altogether must not fill the page."""
    attributes = [{"path": f"/a{number}", "before": 1, "after": 2} for number in range(100)]
    links = [{"relation": "members", "id": f"m{number}", "name": None, "change": "added"} for number in range(100)]
    text = text_of(difference([changed("groups", "g", attributes=attributes, links=links)]))
    assert f"{100 - ATTRIBUTES_SHOWN} more attributes in the JSON document" in text
    assert f"{100 - LINKS_SHOWN} more links in the JSON document: 0 removed, {100 - LINKS_SHOWN} added." in text


@pytest.mark.parametrize(
    "broken",
    [
        {"before": None},
        {"before": {"sequence": "7"}},
        {"summary": None},
        {"summary": {"users": {"added": "1", "removed": 0, "changed": 0}}},
        {"summary": {"users": {"added": 0, "removed": 9, "changed": 1}}, "objects": [changed("users", "a")]},
        {"objects": [changed("users", "a") | {"change": "moved"}]},
        difference([changed("users", "a") | {"action": "forget"}]),
        difference([changed("users", "a") | {"parent": "groups"}]),
        difference([changed("users", "a") | {"names": None}]),
        {"unknown": {}},
        {"unknown": [{"collection": "users", "reason": "forbidden", "in": "now"}]},
    ],
    ids=[
        "no side",
        "a side without its number",
        "no summary",
        "a number that is text",
        "more counted than listed",
        "a change that nobody knows",
        "an action that nobody knows",
        "a parent that is text",
        "no names",
        "gaps that are no list",
        "a gap on no side",
    ],
)
def test_a_document_that_is_not_a_difference_is_refused(broken: Json) -> None:
    """Half a report would look like a whole one."""
    with pytest.raises(MalformedError):
        difference_page({**difference([]), **broken})


def test_what_is_left_out_is_counted_in_the_singular_too() -> None:
    """ "1 are left out" makes a reader doubt the number."""
    text = text_of(difference([changed("users", f"Person {number}", "removed") for number in range(OBJECTS_SHOWN + 1)]))
    assert "200 of 201 objects are shown" in text and "1 is left out here" in text
    assert "1 more character is in the JSON document" in str(full_value("x" * (FULL_LIMIT + 1)))
    assert "+1 mark" in text_of(difference([changed("users", "Z" + "\u0301" * 4)]))


def test_a_privileged_object_stands_among_the_privileged_whatever_its_collection() -> None:
    """A member of the group that holds the highest role must not be the last of twenty-one groups."""
    objects = [changed("groups", f"Crew {number}") for number in range(3)]
    objects.append(changed("groups", "Tier 0", privileged="role-assignable group"))
    text = text_of(difference([*objects, changed("conditionalAccessPolicies", "CA001")]))
    assert "2 of them are privileged: groups (1), conditionalAccessPolicies (1)" in text
    assert "groups 1 privileged" in text
    privileged, others = text.rsplit("Others", 1)
    assert "Tier 0" in privileged and "Privileged: role-assignable group" in privileged and "Crew" not in privileged
    assert "groups3 objects differ" in others and "Tier 0" not in others


def test_what_follows_from_a_removal_stands_last_and_says_so() -> None:
    """37 people who lost their manager bury the one whose job title an intruder changed."""
    cause = {"collection": "users", "id": "a1", "name": "Grace"}
    objects = [changed("users", f"Report {number}", follows_from=[cause] * 5) for number in range(3)]
    objects.append(changed("users", "Changed by hand"))
    text = text_of(difference(objects))
    assert text.index("Changed by hand") < text.index("Report 0")
    assert "Follows from the removal of Grace, Grace, Grace and 2 others" in text


def test_what_an_id_stands_for_and_what_contains_an_object_are_named() -> None:
    """Neither the id of an app role nor that of an application tells a reader anything."""
    text = text_of(attack())
    assert '"9e3f62cf" RoleManagement.ReadWrite.Directory' in text
    assert "In Deploy pipeline · applications / app-1" in text


def test_ids_in_a_list_stand_with_their_names() -> None:
    """Who is kept out of a policy is read by name; the one who came is marked."""
    page = difference_page(attack())
    before, after = page.split("excludeUsers")[1].split('class="was"')[1].split('class="is"')[:2]
    assert "Break glass 1" in before and "Eve Adams" not in before
    assert "<ins><b><bdi>Eve Adams</bdi></b></ins>" in after and "Break glass 1" in after


def test_ids_beyond_twenty_are_counted() -> None:
    """A policy may name thousands; the page must not."""
    ids = [f"id-{number}" for number in range(25)]
    listed = {"path": "/conditions/users/excludeUsers", "before": None, "after": ids}
    names = {id_: f"Name of {id_}" for id_ in ids}
    text = text_of(difference([changed("conditionalAccessPolicies", "p", attributes=[listed], names=names)]))
    assert "id-19 Name of id-19" in text and "Name of id-20" not in text
    assert "5 more ids have names in the JSON document" in text


def test_a_new_credential_with_power_stands_among_the_privileged_and_says_why() -> None:
    """Whoever adds a secret to a powerful application needs no other door."""
    privileged, others = text_of(attack()).rsplit("Others", 1)
    sentence = "can act with Global Administrator, RoleManagement.ReadWrite.Directory"
    assert f"Privileged: new credential: whoever has the new secret or certificate {sentence}" in privileged
    assert "Mailbox migration tool" not in others


def test_what_nobody_can_put_back_is_not_offered() -> None:
    """The page gives the reason, and marks the attribute where others of the object can be written."""
    objects = [
        changed("users", "a", attributes=[{"path": "/signInActivity/at", "before": 1, "after": 2}]),
        changed("users", "b", action="none", why_none="the rule decides"),
    ]
    text = text_of(difference(objects))
    assert "/signInActivity/at Microsoft sets it" in text
    assert "To put it back: nothing: the rule decides" in text


@pytest.mark.parametrize("filler", ["", " ".join(f"Scope.{number}" for number in range(200))])
def test_a_scope_is_compared_word_by_word(filler: str) -> None:
    """Its words come in any order: one that only moved is no change."""
    scope = {"path": "/scope", "before": f"a.Read b.Read {filler}", "after": f"{filler} c.Read a.Read"}
    page = difference_page(difference([changed("oauth2PermissionGrants", "g", attributes=[scope])]))
    assert page.count("<del>") == page.count("<ins>") == 1
    assert "b.Read" in page.split("<del>")[1].split("</del>")[0]
    assert "c.Read" in page.split("<ins>")[1].split("</ins>")[0]


UNSEEN = {"collection": "roleAssignments", "relation": None, "id": None, "reason": "forbidden", "detail": "403"}


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([], "Whether 1 of them is privileged is UNKNOWN: not read, or not wholly: roleAssignments."),
        (
            [changed("domains", "d")],
            "1 of them is privileged: domains (1). "
            "Whether 1 more is privileged is UNKNOWN: not read, or not wholly: roleAssignments.",
        ),
    ],
)
def test_what_nobody_could_judge_is_not_called_unprivileged(others: list[Json], words: str) -> None:
    """A secret of the application that is Global Administrator, and the roles could not be read."""
    sources = [{**UNSEEN, "in": side} for side in ("before", "after")]
    app = changed("applications", "Pipeline", privilege_unknown=["roleAssignments"])
    text = text_of(difference([app, *others], unknown=sources, privilege_unknown=sources))
    assert words in text and "Nothing privileged differs" not in text
    assert "Privileged: UNKNOWN: not read, or not wholly: roleAssignments" in text
    assert "whether some of the changes are privileged is UNKNOWN; each of these changes says so" in text


@pytest.mark.parametrize(
    ("collection", "words"),
    [
        ("roleAssignments", "Nothing privileged differs in what could be compared. "),
        ("devices", "Nothing privileged differs. "),
    ],
)
def test_a_gap_where_power_is_granted_is_said_where_nothing_privileged_differs(collection: str, words: str) -> None:
    """Nobody knows who was made an administrator; what happened to a printer has no part in it."""
    gap = {**UNSEEN, "collection": collection, "in": "after"}
    assert words in text_of(difference([changed("users", "a")], unknown=[gap]))


def test_who_may_lie_in_a_bin_that_was_not_read_can_perhaps_be_restored() -> None:
    """Who creates him first has two of him."""
    gone = changed("users", "Person 2", "removed", action="recreate", recycle_bin_unread=True)
    text = text_of(difference([gone]))
    assert "create it again, under a new id (or restore: the recycle bin was not read)" in text
