"""A cron expression, read as cron(5) reads it, in UTC."""

from __future__ import annotations

import re
from datetime import UTC

from apscheduler.triggers.cron import CronTrigger

MAX_EXPRESSION_CHARACTERS = 200  # ours: five lists of every value come to less
FIELDS = 5  # crontab(5): minute, hour, day of month, month, day of week
# crontab(5) counts the days of the week from Sunday, and 7 is Sunday too; APScheduler 3 counts from Monday
# (its from_crontab says so itself). Names mean the same to both.
DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron_trigger(expression: str) -> CronTrigger:
    """The trigger of a five-field cron expression, in UTC.

    Raises: ValueError with what is wrong, also where cron means "either day" and the trigger means both.
    """
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        raise ValueError(f"is longer than {MAX_EXPRESSION_CHARACTERS} characters")
    fields = expression.split()
    if len(fields) != FIELDS:
        raise ValueError(f"has not {FIELDS} fields (minute, hour, day of month, month, day of week) but {len(fields)}")
    minute, hour, day, month, weekday = fields
    if not day.startswith("*") and not weekday.startswith("*"):
        raise ValueError("restricts the day of month and the day of week; say only one of the two")
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=_named_days(weekday), timezone=UTC
        )
    except ValueError as error:
        raise ValueError(f"is no cron expression: {error}") from error


def _named_days(weekday: str) -> str:
    """The day-of-week field with names for numbers; a range that ends on Sunday is spelled out.

    APScheduler's week ends on Sunday, cron's begins with it, so `0-2` and `5-7` are not ranges for it.
    """
    if weekday.startswith("*"):
        return _every_nth_day(weekday)
    return ",".join(_days_of(item) for item in weekday.lower().split(","))


def _every_nth_day(weekday: str) -> str:
    """`*/2` counts from Sunday in cron."""
    match = re.fullmatch(r"\*(?:/([1-7]))?", weekday)
    if match is None:
        raise ValueError(f"has {weekday!r} as the day of week")
    return "*" if match[1] is None else ",".join(DAY_NAMES[0 : 7 : int(match[1])])


def _days_of(item: str) -> str:
    match = re.fullmatch(r"([0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?(?:/([1-7]))?", item)
    if match is None or (match[3] and not match[2]):
        raise ValueError(f"has {item!r} as a day of week")
    first = _day_number(match[1])
    last = first if match[2] is None else _day_number(match[2])
    if last < first:
        last += 7 if last == 0 else 0
    if last < first:
        raise ValueError(f"has {item!r}, a range that runs backwards")
    return ",".join(DAY_NAMES[first : last + 1 : int(match[3] or 1)])


def _day_number(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word not in DAY_NAMES:
        raise ValueError(f"has {word!r} as a day of week")
    return DAY_NAMES.index(word)
