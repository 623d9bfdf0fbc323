"""`[schedule]`: when the service runs, and how long an epoch lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator

from config.cron import cron_trigger
from config.place import problem
from config.section import Section, setting

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Cron repeats itself: an expression that has no slot after this has none after any other time."""


def _cron(value: str) -> str:
    try:
        if cron_trigger(value).get_next_fire_time(None, _ANY_TIME) is None:
            raise ValueError("names a day that no calendar has, so that no run would ever start")
    except ValueError as error:
        raise problem(
            "value",
            str(error),
            'Write five fields, such as "15 2 * * *" for a quarter past two every night (UTC).',
        ) from error
    return value


class ScheduleSettings(Section):
    """The times of runs, and the length of an epoch."""

    cron: Annotated[str, AfterValidator(_cron)] = setting(
        "When the service starts a run: minute, hour, day of month, month, day of week (0 and 7 are Sunday).",
        unit="cron expression, UTC",
        example="15 2 * * *",
        default="15 2 * * *",
    )
    pulse: Annotated[str, AfterValidator(_cron)] | None = setting(
        "When the service starts a pulse besides: a run that reads what Graph says has changed since the epoch's full, "
        "and everything that Graph has no change query for. In many tenants that is most of a whole reading "
        "(BENCHMARKS.md), so that an hourly pulse is worth its price only where it is small. Absent: never.",
        unit="cron expression, UTC",
        example="0 * * * *",
        default=None,
    )
    epoch: Literal["daily", "weekly", "monthly"] = setting(
        "How long an epoch lasts: daily, weekly or monthly. Each begins with a full.",
        unit="one word",
        example="weekly",
        default="weekly",
    )
