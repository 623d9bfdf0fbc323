"""The schedule means what cron(5) means, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.cron import cron_trigger

SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = [SUNDAY + timedelta(days=number) for number in range(7)]


def days_of(expression: str) -> set[int]:
    """The days of one week, counted from Sunday, on which an expression fires."""
    trigger = cron_trigger(expression)
    return {
        number for number, day in enumerate(WEEK) if trigger.get_next_fire_time(None, day) < day + timedelta(days=1)
    }


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", {0}),
        ("7", {0}),
        ("sun", {0}),
        ("1-5", {1, 2, 3, 4, 5}),
        ("MON-FRI", {1, 2, 3, 4, 5}),
        ("5-7", {0, 5, 6}),
        ("fri-sun", {0, 5, 6}),
        ("0-2", {0, 1, 2}),
        ("0,3", {0, 3}),
        ("1-5/2", {1, 3, 5}),
        ("*/2", {0, 2, 4, 6}),
        ("*", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_the_week_begins_on_sunday(weekday: str, days: set[int]) -> None:
    """The scheduler counts from Monday; a weekly run on the wrong day goes unnoticed for months."""
    assert days_of(f"15 2 * * {weekday}") == days


@given(st.sets(st.integers(0, 6), min_size=1))
def test_a_list_of_days_fires_on_just_those_days(days: set[int]) -> None:
    """The translation holds for every set of days, not only for those that came to mind."""
    assert days_of(f"0 0 * * {','.join(map(str, sorted(days)))}") == days


def test_times_are_utc() -> None:
    """A host in another zone, or a change to summer time, must not move a run."""
    fires_at = cron_trigger("15 2 * * *").get_next_fire_time(None, SUNDAY)
    assert fires_at == SUNDAY + timedelta(hours=2, minutes=15)
    assert fires_at.utcoffset() == timedelta(0)


def test_both_kinds_of_day_at_once_are_refused() -> None:
    """In cron they mean either, in the scheduler both: no reading would suit every reader."""
    with pytest.raises(ValueError, match="say only one of the two"):
        cron_trigger("0 0 1 * 1")
