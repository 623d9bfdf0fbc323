"""Two values side by side: nothing is lost, what differs is marked, and long equal stretches are folded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery.reports.contrast import DIFFERENT_LIMIT, compact, contrast_of
from tests.reports.parsed_page import ParsedPage

_LEAVES = st.booleans() | st.integers(-999, 999) | st.text('ab é"\\<&', max_size=5)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=3),
    max_leaves=6,
)


def sides(before: object, after: object) -> tuple[str, str]:
    left, right = contrast_of(before, after)
    return left.html, right.html


@settings(max_examples=200, deadline=None)
@given(_VALUES, _VALUES)
def test_what_is_shown_is_the_whole_value(before: object, after: object) -> None:
    """Marking must not drop or repeat a character of a value that is short enough to be shown whole."""
    for value, html in zip((before, after), sides(before, after), strict=True):
        if "<details>" not in html and "…" not in html:
            assert ParsedPage(html).text == compact(value)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("enabled", "disabled", "<del>enabled</del>", "<ins>disabled</ins>"),
        ("a b c", "a x c", "<del>b</del>", "<ins>x</ins>"),
        ("User.Read", "User.Read Mail.Read", None, "<ins> Mail.Read</ins>"),
        (True, 1, "<del>true</del>", "<ins>1</ins>"),
        (Decimal("2.50"), Decimal("2.5"), "<del>2.50</del>", "<ins>2.5</ins>"),
        ([1, 2, 3], [3, 1], "<del>2</del>", None),
        ([1, 1, 3], [3, 1], "<del>1</del>", None),
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "<del>&quot;b&quot;:2</del>", "<ins>&quot;c&quot;:2</ins>"),
        ({"a": [1]}, {"a": [1, 2]}, None, "<ins>2</ins>"),
    ],
)
def test_only_what_differs_is_marked(before: object, after: object, left: str | None, right: str | None) -> None:
    """A mark over everything is no mark."""
    for mark, html in zip((left, right), sides(before, after), strict=True):
        if mark is None:
            assert "<del>" not in html
            assert "<ins>" not in html
        else:
            assert mark in html
            assert html.count("<del>") + html.count("<ins>") == 1


def test_a_missing_value_is_told_from_an_empty_one() -> None:
    """No value and the empty text are two states of a tenant."""
    assert sides(None, "")[0] != sides("", None)[0]
    assert "null or absent" in sides(None, "")[0]


def test_a_long_equal_stretch_is_folded_and_the_difference_still_shown() -> None:
    """A difference at the end of a long value must not be what is cut."""
    left, right = sides("x" * 5_000 + " old", "x" * 5_000 + " new")
    assert "<del>old</del>" in left
    assert "<ins>new</ins>" in right
    assert "equal characters" in left
    assert "the whole value, 5,006 characters" in left
    members = {f"m{number}": number for number in range(50)}
    left, right = sides(members, {**members, "m49": 0})
    assert "equal members" in left
    assert "<ins>0</ins>" in right


def test_a_long_difference_is_cut_and_counted() -> None:
    """A value of a megabyte is in the JSON document; the page says how much of it is not shown."""
    html = sides("", "y " * 500_000)[1]
    assert "more characters" in html
    assert len(html) < 40 * DIFFERENT_LIMIT


def test_a_value_nested_as_deep_as_the_archive_allows_is_shown() -> None:
    """CONTRACT section 3 allows nesting to 128; the page must not be what breaks on it."""
    before: object = 1
    after: object = 2
    for _ in range(128):
        before, after = [before], {"a": after} if isinstance(after, list) else [after]
    assert "2" in sides(before, after)[1]
