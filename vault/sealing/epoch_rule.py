"""When a snapshot is sealed as a full, and how long its bundle is kept (SECURITY.md)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from vault.errors import ClockRefusedError
from vault.ledger.head import EpochFull
from verify.manifest import FULL
from verify.strict_json import text_of_time, time_of

EpochLength = Literal["daily", "weekly", "monthly"]

LONGEST_EPOCH_DAYS: dict[str, int] = {"daily": 1, "weekly": 7, "monthly": 31}
SLACK_DAYS = 7
"""Days beyond the epoch that a full is kept: a late run still leans on it."""
DELTA_SHARE = 4
"""A delta larger than the full divided by this is not worth its dependence."""


def full_is_due(
    full: EpochFull | None, epoch: EpochLength, taken_at: datetime, recipients: list[str], delta_until: datetime
) -> str | None:
    """Returns why the next snapshot must be a full, or None if a delta may lean on `full`.

    `recipients` are the fingerprints that will be sealed to; `delta_until` is how long the delta is kept.
    """
    if full is None:
        return "there is no full to lean on"
    if _slot_of(time_of(full.taken_at), epoch) != _slot_of(taken_at, epoch):
        return f"a new epoch begins ({epoch})"
    if taken_at < time_of(full.taken_at):
        return "the clock is before the epoch's full"
    if full.recipients != recipients:
        return "the recipients have changed"
    if time_of(full.retain_until) < delta_until:
        return "the epoch's full would not be kept as long as this delta"
    return None


def retain_until(kind: str, taken_at: datetime, retention_days: int, epoch: EpochLength) -> datetime:
    """Returns until when the bundle is kept: set once, here. A full outlives every delta that leans on it.

    Raises:
        ClockRefusedError: no signature can bear that time, or it has no such end.
    """
    days = retention_days
    if kind == FULL:
        days += LONGEST_EPOCH_DAYS[epoch] + SLACK_DAYS
    return _end_of(taken_at, days)


def events_retain_until(taken_at: datetime, retention_days: int) -> datetime:
    """Returns until when a bundle of events is kept: nothing leans on it. Raises ClockRefusedError."""
    return _end_of(taken_at, retention_days)


def _end_of(taken_at: datetime, days: int) -> datetime:
    """Checkpoints are signed at seconds since 1970, and years have four digits (FORMAT.md section 10)."""
    try:
        if taken_at.timestamp() >= 1:
            return taken_at.astimezone(UTC) + timedelta(days=days)
    except OverflowError:
        pass
    raise ClockRefusedError(
        f"this host's clock says {text_of_time(taken_at)}, which no signature or no retention of {days} days can name"
    )


def _slot_of(at: datetime, epoch: EpochLength) -> tuple[int, int, int]:
    """The day, ISO week or month (UTC) that a time lies in."""
    at = at.astimezone(UTC)
    if epoch == "daily":
        return at.year, at.month, at.day
    if epoch == "weekly":
        year, week, _ = at.isocalendar()
        return year, week, 0
    return at.year, at.month, 0
