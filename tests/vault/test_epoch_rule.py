"""When a full is due, and that it outlives whatever leans on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vault.errors import ClockRefusedError
from vault.ledger.head import EpochFull
from vault.sealing.epoch_rule import EpochLength, events_retain_until, full_is_due, retain_until
from verify.strict_json import text_of_time, time_of

MONDAY = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)
RETENTION_DAYS = 30


def full_of(taken_at: datetime, epoch: EpochLength = "weekly") -> EpochFull:
    """A full that was sealed then, to one recipient."""
    return EpochFull(
        sequence=1,
        manifest_sha256="aa" * 32,
        bundle_sha256="bb" * 32,
        bundle_bytes=1_000_000,
        table_sha256="cc" * 32,
        secret="dd" * 32,
        recipients=["r1"],
        taken_at=text_of_time(taken_at),
        retain_until=text_of_time(retain_until("full", taken_at, RETENTION_DAYS, epoch)),
    )


def due(full: EpochFull | None, taken_at: datetime, recipients: list[str], epoch: EpochLength = "weekly") -> str | None:
    """Why a full is due for a snapshot, kept as its settings say."""
    until = retain_until("delta", taken_at, RETENTION_DAYS, epoch)
    return full_is_due(full, epoch, taken_at, recipients, until)


def test_a_delta_leans_on_the_full_of_its_epoch() -> None:
    """Within a week of one tenant and one set of custodians there is one full."""
    assert due(full_of(MONDAY), MONDAY + timedelta(days=6, hours=21), ["r1"]) is None
    assert due(None, MONDAY, ["r1"]) == "there is no full to lean on"


@pytest.mark.parametrize("recipients", [[], ["r2"], ["r1", "r2"]])
def test_other_recipients_need_a_full_of_their_own(recipients: list[str]) -> None:
    """A delta names records that only the full holds: who can't open that could not read the delta's snapshot."""
    assert due(full_of(MONDAY), MONDAY + timedelta(days=1), recipients) == "the recipients have changed"


def test_a_full_that_would_go_before_its_delta_is_not_leant_on() -> None:
    """Retention raised in mid-week: the old full ends when it was said to end, and takes no new delta with it."""
    full = replace(full_of(MONDAY), retain_until=text_of_time(MONDAY + timedelta(days=RETENTION_DAYS)))
    assert due(full, MONDAY, ["r1"]) is None
    reason = "the epoch's full would not be kept as long as this delta"
    assert due(full, MONDAY + timedelta(seconds=1), ["r1"]) == reason


def test_a_clock_before_the_full_needs_a_full() -> None:
    """A delta that was taken before what it leans on has no place in time."""
    assert due(full_of(MONDAY), MONDAY - timedelta(hours=1), ["r1"]) == "the clock is before the epoch's full"


@pytest.mark.parametrize(("epoch", "days"), [("daily", 1), ("weekly", 7), ("monthly", 31)])
def test_a_full_outlives_every_delta_of_its_epoch_by_a_week(epoch: EpochLength, days: int) -> None:
    """The last run of an epoch may be days late, and still leans on it."""
    full = time_of(full_of(MONDAY, epoch).retain_until)
    latest = MONDAY + timedelta(days=days + 7)
    assert full == retain_until("delta", latest, RETENTION_DAYS, epoch)
    assert full == MONDAY + timedelta(days=RETENTION_DAYS + days + 7)


@pytest.mark.parametrize(
    ("epoch", "same", "next_"),
    [
        ("daily", MONDAY.replace(hour=23), MONDAY + timedelta(days=1)),
        ("weekly", MONDAY + timedelta(days=6), MONDAY + timedelta(days=7)),
        ("monthly", datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2026, 11, 23, 0, 0, tzinfo=UTC)),
    ],
)
def test_epochs_begin_in_utc_by_the_calendar(epoch: EpochLength, same: datetime, next_: datetime) -> None:
    """Two hosts in two time zones seal the same epochs."""
    assert due(full_of(MONDAY, epoch), same, ["r1"], epoch) is None
    assert due(full_of(MONDAY, epoch), next_, ["r1"], epoch) == f"a new epoch begins ({epoch})"


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC),
                                datetime(9999, 12, 30, tzinfo=UTC)])  # fmt: skip
def test_a_clock_that_nothing_can_be_signed_at_is_refused_by_name(at: datetime) -> None:
    """A dead battery is no defect of the program, and exit 4 says so."""
    with pytest.raises(ClockRefusedError, match=f"clock says {at.year:04}-") as caught:
        retain_until("full", at, 30, "weekly")
    assert caught.value.exit_status == 4 and "Set the clock right" in str(caught.value.next_step)
    with pytest.raises(ClockRefusedError):
        events_retain_until(at, 30)
