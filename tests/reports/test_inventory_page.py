"""The report of an inventory: what to enter again, what matters most first, and what nobody knows."""

from __future__ import annotations

import pytest

from recovery.reports.inventory_lines import LINE_CHARACTERS, MAX_ENTRIES_SHOWN, PLACE_CHARACTERS, inventory_lines
from recovery.reports.inventory_page import inventory_page
from recovery.reports.inventory_table import ROWS_SHOWN
from tests.reports.golden import assert_golden
from tests.reports.inventory_specimen import KINDS, entry, estate, hostile_inventory, inventory, kept
from tests.reports.parsed_page import ParsedPage
from tests.reports.specimen import HOSTILE_NAMES, Json
from verify.errors import MalformedError
from verify.visible import visible


def page_text_of(document: Json) -> str:
    return ParsedPage(inventory_page(document)).text


def text_of(document: Json) -> str:
    return "\n".join(inventory_lines(document))


def test_an_estate_makes_the_page_that_was_approved() -> None:
    """The same document gives the same bytes, on every machine; a change of the page is a change to look at."""
    page = inventory_page(estate(), json_name="inventory.json")
    assert_golden("inventory.html", page)
    assert ParsedPage(page).problems == []


def test_an_empty_inventory_makes_the_page_that_was_approved() -> None:
    """A tenant without applications has a report too."""
    assert_golden("inventory-none.html", inventory_page(inventory([])))


def test_an_estate_makes_the_text_that_was_approved() -> None:
    """What an operator reads on the worst day."""
    assert_golden("inventory.txt", text_of(estate()) + "\n")


@pytest.mark.parametrize("render", [page_text_of, text_of])
def test_both_say_the_same_numbers(render: object) -> None:
    """Who has the text and who has the page speak of the same tenant."""
    assert callable(render)
    told = render(estate())
    summary = "7 secrets to enter again: 4 not escrowed (1 of applications with power), 1 escrowed, 1 EXPIRED"
    assert summary in told.replace("\n", " ")
    assert "at least 1,203 users" in told and "UNKNOWN" in told and "which applications hold power" in told
    assert "2 objects" in told and "came without passwordCredentials" in told
    for words in ("payroll.pfx", "rolled.pem", "the object is there, and has no such key", "app passwords"):
        assert words in told
    assert "acts with Global Administrator, Mail.Send" in told


@pytest.mark.parametrize("document", [estate(), *map(hostile_inventory, HOSTILE_NAMES)])
def test_the_text_fits_its_columns(document: Json) -> None:
    """But for a place, which is cut where no operator would type it any more."""
    lines = list(inventory_lines(document))
    assert max(map(len, lines)) <= PLACE_CHARACTERS and lines == list(map(visible, lines))
    if document == estate():
        assert max(map(len, lines)) <= LINE_CHARACTERS


def test_no_line_of_the_text_is_forged() -> None:
    """A name with a line feed in it must not speak in the program's own voice."""
    lines = [visible(line) for line in inventory_lines(hostile_inventory("a\nNo secret that somebody\x1b[2K"))]
    assert not [line for line in lines if line.startswith("No secret")]
    assert not [line for line in lines if "\x1b" in line]


def test_many_entries_are_cut_and_counted() -> None:
    """Ten thousand applications must not make a page that no browser opens."""
    entries = [entry("client-secret", f"App {number}") for number in range(5_000)]
    page = inventory_page(inventory(entries), json_name="inventory.json")
    assert page.count("<tr>") < ROWS_SHOWN + 20 and len(page) < 300_000
    assert "4,800 more are left out here. All of them are in inventory.json." in ParsedPage(page).text
    text = text_of(inventory(entries))
    assert f"and {5_000 - MAX_ENTRIES_SHOWN:,} more; --json and --out have all of them" in text
    assert "  5,000  client secrets" in text


def test_an_expired_secret_is_marked() -> None:
    """Who looks for what to renew first must not compute days."""
    assert "EXPIRED" in page_text_of(estate()) and "2026-11-09  EXPIRED" in text_of(estate())


def test_what_expires_alone_says_that_it_is_not_all() -> None:
    """A list of ten that was filtered must not be taken for the tenant's."""
    document = inventory([], filter={"collections": ["applications"], "expires_within": 30})
    assert "only what expires within 30 days, or has expired" in text_of(document)
    assert "Only what expires within30 days" in page_text_of(document)
    assert "only applications" in text_of(document)


def test_nothing_found_behind_a_gap_is_not_nothing() -> None:
    """The sentence at the top is what is read."""
    assert "No secret that somebody would have to enter again was found." in page_text_of(inventory([]))
    gap: Json = {
        "collection": "applications",
        "relation": None,
        "ids": [],
        "reason": "forbidden",
        "detail": "",
        "kinds": [],
    }
    document = inventory([], unknown=[{**gap, "hides_power": False}])
    assert "was found, in what could be read" in page_text_of(document)
    assert "1 part of the tenant is UNKNOWN" in page_text_of(document)


@pytest.mark.parametrize(
    "broken",
    [
        {"snapshot": None},
        {"filter": []},
        {"kinds": {}},
        {"kinds": {**KINDS, "client-secret": {**KINDS["client-secret"], "way": "forget"}}},
        {"entries": [entry("client-secret", "a", "urgent")]},
        {"entries": [entry("client-secret", "a"), entry("client-secret", "b")]},
        {"entries": [entry("client-secret", "a", days_left="soon")]},
        {"escrow": [{**kept(), "state": "fine"}]},
        {"escrow": [{**kept(), "state": "matched", "sealed_bytes": -1}]},
        {"together": [{"kind": "other", "collection": "users", "unit": "user", "number": 1, "complete": True}]},
        {"unknown": [{"collection": "users", "kinds": ["other"], "ids": [], "reason": "", "detail": ""}]},
    ],
)
def test_a_document_that_is_not_an_inventory_is_refused(broken: Json) -> None:
    """Half a report would look like a whole one."""
    document = {**inventory([entry("client-secret", "b")]), **broken}
    with pytest.raises(MalformedError):
        inventory_page(document)
