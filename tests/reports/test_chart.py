"""Charts and bars: honest axes, whole numbers as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.reports.bar import Part, bar
from recovery.reports.chart import Point, axis_top, line_chart
from recovery.reports.number import bytes_text, instant_text, signed_text


def chart_of(values: list[int | None]) -> str:
    points = [Point(float(day), f"2026-11-{day + 1:02}T00:00:00Z", value) for day, value in enumerate(values)]
    return line_chart("users", points).html


@given(st.integers(0, 10**12))
def test_an_axis_ends_above_its_highest_value_and_near_it(highest: int) -> None:
    """A line that leaves its chart, or crawls along the floor of it, misleads."""
    top = axis_top(highest)
    assert highest < top <= max(highest * 1.8, 2)


def test_the_vertical_axis_starts_at_zero() -> None:
    """Cut off, an axis makes a drop of one in a hundred look like a collapse."""
    html = chart_of([100, 50, 0])
    axis = re.search(r'y2="(\d+)" class="axis"', html)
    course = re.search(r'd="M([^"]+)" class="course"', html)
    assert axis is not None
    assert course is not None
    heights = [float(axis[1]) - float(height) for height in course[1].split()[1::2]]
    assert heights == pytest.approx([heights[0], heights[0] / 2, 0], abs=0.1)


def test_time_and_not_the_number_of_snapshots_is_the_horizontal_axis() -> None:
    """A week without a run has to look like a week."""
    days = (0.0, 1.0, 8.0)
    html = line_chart("users", [Point(day, "", 5) for day in days]).html
    places = sorted({float(x) for x in re.findall(r'cx="([\d.]+)"', html)})
    assert (places[2] - places[1]) == pytest.approx(7 * (places[1] - places[0]), rel=0.02)


def test_a_chart_says_in_words_what_it_draws() -> None:
    """Whoever can't see the line reads it."""
    html = chart_of([5, None, 9, 7])
    assert "First 5, lowest 5, highest 9, last 7. The line breaks at 1 of them" in html
    assert 'role="img"' in html


def test_a_known_number_between_two_gaps_is_still_drawn() -> None:
    """A point without neighbours has no line; it must not vanish."""
    html = chart_of([None, 4, None])
    assert html.count('class="break"') == 2
    assert html.count("<circle") >= 1


def test_a_small_part_of_a_bar_is_still_seen() -> None:
    """One removed role among 100,000 changed users is what the bar is for."""
    html = bar((Part(1, "is-removed"), Part(0, "is-changed"), Part(999_999, "is-added")), 1_000_000, "parts").html
    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', html)]
    assert len(widths) == 2
    assert widths[0] >= 5


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.00 kB"),
        (20_480, "20.5 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (1_410_222, "1.41 MB"),
        (10**18, "1,000 PB"),
    ],
)
def test_a_size_is_written_with_three_digits(size: int, text: str) -> None:
    """Sizes are compared by eye."""
    assert bytes_text(size) == text


def test_numbers_and_times_are_written_the_same_everywhere() -> None:
    """Neither locale nor time zone of the machine may change a report."""
    assert signed_text(-1234) == "−1,234"
    assert signed_text(0) == "±0"
    assert instant_text("2026-11-21T02:17:09+02:00") == "2026-11-21 00:17:09 UTC"
    assert instant_text("yesterday") == "yesterday"
    assert instant_text("9999-12-31T23:59:59-12:00") == "9999-12-31T23:59:59-12:00"
