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
    assert "7 objects differ in 5 collections: 2 removed, 4 changed and 1 added" in text
    assert "3 of them are in privileged collections: conditionalAccessPolicies (1)" in text


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
    nothing = {"added": 0, "removed": 0, "changed": 0}
    document = difference([], unknown=[gap], summary={"devices": nothing, "groups": nothing})
    text = text_of(document)
    assert "No difference found in what could be compared" in text
    assert "devices UNKNOWNnot compared: it could not be read" in text
    assert "Compared and without any difference (1 collection): groups." in text


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
    assert "<ins> Directory.ReadWrite.All</ins>" in page


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


def test_a_summary_that_counts_more_than_is_listed_is_believed() -> None:
    """A document may list fewer objects than it counts; the page must not hide the rest."""
    document = difference([changed("users", "a")], summary={"users": {"added": 0, "removed": 9, "changed": 1}})
    assert "1 of 10 objects is shown" in text_of(document)


def test_many_attributes_and_links_of_one_object_are_cut_and_counted() -> None:
    """One object that changed altogether must not fill the page."""
    attributes = [{"path": f"/a{number}", "before": 1, "after": 2} for number in range(100)]
    links = [{"relation": "members", "id": f"m{number}", "name": None, "change": "added"} for number in range(100)]
    text = text_of(difference([changed("groups", "g", attributes=attributes, links=links)]))
    assert f"{100 - ATTRIBUTES_SHOWN} more attributes in the JSON document" in text
    assert f"{100 - LINKS_SHOWN} more links in the JSON document: 0 removed, {100 - LINKS_SHOWN} added." in text


@pytest.mark.parametrize("side", [7, "7", {"sequence": 7}])
def test_a_side_may_be_a_number_a_word_or_an_object(side: object) -> None:
    """The contract leaves the shape of a side open; all that say `snapshot 7` are read."""
    assert "Between snapshot 7 and live" in text_of(difference([], before=side, after="live"))


@pytest.mark.parametrize(
    "broken",
    [
        {"before": None},
        {"summary": None},
        {"summary": {"users": {"added": "1", "removed": 0, "changed": 0}}},
        {"objects": [changed("users", "a") | {"change": "moved"}]},
        {"objects": [changed("users", "a") | {"parent": "groups"}]},
        {"objects": [changed("users", "a") | {"actor": "me"}]},
        {"unknown": {}},
    ],
    ids=lambda broken: ascii(broken)[:40],
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
