"""Slots: when the schedule asks for a run, and which slot was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.slot import missed_slot, next_slot, next_wait
from config.cron import cron_trigger

DAILY = cron_trigger("15 2 * * *")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_the_next_slot_is_later_than_now() -> None:
    """At the slot itself the run is under way already."""
    assert next_slot(DAILY, at(20, 2, 14)) == at(20, 2, 15)
    assert next_slot(DAILY, at(20, 2, 15)) == at(21, 2, 15)


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [
        (at(20, 2, 15), at(20, 9), None),
        (at(20, 2, 15), at(21, 2, 14), None),
        (at(20, 2, 15), at(21, 2, 15), at(21, 2, 15)),
        (at(20, 2, 15), at(25, 9), at(21, 2, 15)),
        (at(20, 9), at(20, 10), None),
        (None, at(20, 9), at(20, 9)),
    ],
)
def test_a_slot_is_missed_if_it_came_after_the_last_run_began(
    last: datetime | None, now: datetime, missed: datetime | None
) -> None:
    """Five missed days are made up for by one run; an empty archive is due at once."""
    assert missed_slot(DAILY, last, now) == missed


def test_a_change_of_the_local_clock_moves_no_slot() -> None:
    """Slots are in UTC: in the night of the change a local schedule would run twice, or not at all."""
    slot = at(1, 0)
    for _ in range(200):
        following = next_slot(DAILY, slot)
        assert following is not None and (following.hour, following.minute) == (2, 15)
        slot = following


def test_a_schedule_without_slots_has_none() -> None:
    """30 February is a valid expression that never comes."""
    never = cron_trigger("0 0 30 2 *")
    assert next_slot(never, at(1, 0)) is None and missed_slot(never, at(1, 0), at(2, 0)) is None
    assert next_wait(never, at(1, 0)) == timedelta(days=1)


def test_the_wait_is_that_between_the_next_two_slots() -> None:
    """Freshness follows a schedule that is less than daily."""
    assert next_wait(DAILY, at(20, 9)) == timedelta(days=1)
    assert next_wait(cron_trigger("15 2 * * 0"), at(20, 9)) == timedelta(days=7)
