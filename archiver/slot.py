"""Slots: the instants at which the schedule asks for a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

_TICK = timedelta(microseconds=1)


def next_slot(trigger: BaseTrigger, after: datetime) -> datetime | None:
    """Returns the first slot later than `after`, in UTC; None where there is none (30 February)."""
    slot: datetime | None = trigger.get_next_fire_time(None, after.astimezone(UTC) + _TICK)
    return slot.astimezone(UTC) if slot else None


def missed_slot(trigger: BaseTrigger, last_started_at: datetime | None, now: datetime) -> datetime | None:
    """Returns the first slot since the last run began that has come by now, or None if there is none.

    Before the very first run there is nothing to miss: the archive is empty, and a run is due at once, so
    this returns `now`.
    """
    if last_started_at is None:
        return now
    slot = next_slot(trigger, last_started_at)
    return slot if slot is not None and slot <= now else None


def next_wait(trigger: BaseTrigger, now: datetime) -> timedelta:
    """Returns the time between the next two slots; of a schedule with fewer, a day."""
    first = next_slot(trigger, now)
    second = next_slot(trigger, first) if first else None
    return second - first if first and second else timedelta(days=1)
