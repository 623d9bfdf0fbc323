"""Names chosen by an intruder are text on a page, whatever they hold."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.reports.difference_page import difference_page
from recovery.reports.inventory_page import inventory_page
from recovery.reports.markup import ATTRIBUTES, ELEMENTS
from recovery.reports.sheet import SHEET
from recovery.reports.verdict_page import verdict_page
from tests.reports.inventory_specimen import hostile_inventory
from tests.reports.parsed_page import ALLOWED_ATTRIBUTES, ALLOWED_ELEMENTS, ParsedPage
from tests.reports.specimen import HOSTILE_NAMES, hostile_difference, hostile_verdict

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_LARGEST_PAGE = 1_500_000  # characters; the page of a 10,000-character name in a hundred places


def pages_of(name: str) -> dict[str, str]:
    """All reports, with the name wherever a name can stand."""
    return {
        "verdict": verdict_page(hostile_verdict(name)),
        "difference": difference_page(hostile_difference(name)),
        "inventory": inventory_page(hostile_inventory(name)),
    }


def unseen_in(page: str) -> set[str]:
    """Characters on the page that nobody sees; line feeds between elements are the page's own."""
    return {character for character in set(page) - {"\n"} if unicodedata.category(character) in _UNSEEN}


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name)[:30])
def test_a_hostile_name_adds_no_element_and_no_attribute(name: str) -> None:
    """A display name that became markup would speak in the report's own voice."""
    for kind, page in pages_of(name).items():
        parsed = ParsedPage(page)
        assert parsed.problems == [], kind
        assert all(re.fullmatch(r"#[a-z0-9-]+", target) for target in parsed.targets)
        assert len(set(parsed.ids)) == len(parsed.ids)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name)[:30])
def test_nothing_that_cannot_be_seen_reaches_the_page(name: str) -> None:
    """A right-to-left override turns exe into txt; an escape sequence speaks to whoever prints the file."""
    for kind, page in pages_of(name).items():
        assert unseen_in(page) == set(), kind
        page.encode("utf-8")
        assert page.count("\n") == pages_of("plain")[kind].count("\n")


@pytest.mark.parametrize("name", ["invoice\u202egpj.exe", "\x1b[31mred", "\u200b", "\ud800"])
def test_an_invisible_character_is_shown_by_its_number(name: str) -> None:
    """What was hidden is what the reader has to see."""
    number = next(f"U+{ord(one):04X}" for one in name if unicodedata.category(one) in _UNSEEN)
    for page in pages_of(name).values():
        assert number in ParsedPage(page).text


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if name.isascii() and name.isprintable()])
def test_a_name_is_shown_as_it_is_written(name: str) -> None:
    """Escaping must not change what an engineer compares with the portal."""
    for page in pages_of(name).values():
        assert name[:100] in ParsedPage(page).text


def test_an_overlong_name_is_cut_and_stays_available() -> None:
    """One name must not push the rest of the report away, and must not be lost either."""
    name = "A" * 10_000
    for page in pages_of(name).values():
        parsed = ParsedPage(page)
        assert "10,000 characters" in parsed.text
        assert name in parsed.text
        assert "details" in parsed.elements
        assert max(map(len, parsed.values)) < 1_000
        assert len(page) < _LARGEST_PAGE


def test_the_style_sheet_is_the_only_one_and_is_pinned() -> None:
    """The policy in the page's head lets a browser use this sheet and load nothing at all."""
    for page in pages_of("</style><style>*{display:none}").values():
        assert page.count("<style>") == 1
        assert f"<style>{SHEET}</style>" in page
        assert "default-src &#39;none&#39;; style-src &#39;sha256-" in page
        assert not re.search(r"<[^>]*\sstyle=", page)
        assert "http://" not in page
        assert "https://" not in page


def test_the_builder_knows_no_element_beyond_those_that_a_report_needs() -> None:
    """The list in the program and the list here are written apart; one that grows alone is found."""
    assert ELEMENTS == ALLOWED_ELEMENTS
    assert {name.lower() for name in ATTRIBUTES} == ALLOWED_ATTRIBUTES


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), min_size=1, max_size=200))
def test_any_text_at_all_stays_text(name: str) -> None:
    """The list above is what we thought of; this is what we did not."""
    for page in pages_of(name).values():
        assert ParsedPage(page).problems == []
        assert unseen_in(page) == set()
