"""How old the newest snapshot is, and whether the store has all that was seen before (checks C13 and C17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from verify.check import CheckList
from verify.errors import StaleError
from verify.history import History
from verify.manifest import Manifest
from verify.name import entry_name_of
from verify.wording import counted

_CLOCK_TOLERANCE = timedelta(hours=24)
"""A snapshot from further in the future than any clock is wrong would stay fresh for ever."""


def prove_freshness(
    checks: CheckList, history: History, now: datetime, max_age_hours: float | None, behind: int | None
) -> None:
    """Notes C13 and C17. `behind` is the number of remembered entries that are missing, None if unknown."""
    newest = history.manifests[-1] if history.manifests else None
    name = entry_name_of(newest.index) if newest else None
    age = _age_of(newest, now) if newest else history.absence
    stale = _staleness_of(newest, now, max_age_hours, age)
    if max_age_hours is None:
        checks.not_checked("C13", f"no greatest age was asked for (--max-age HOURS); {age}")
    elif stale is not None:
        checks.failed("C13", stale, name)
    else:
        checks.passed("C13", f"{age}; {max_age_hours:g} hours are allowed")
    if behind is None:
        checks.not_checked("C17", "no log to compare with: --remember FILE keeps what is seen for the next time")
    elif behind == 0:
        checks.passed("C17", "every entry of the log that was remembered is there")
    else:
        text = f"BEHIND what was remembered by {counted(behind, 'entry', 'entries')}"
        if stale is not None:
            checks.failed("C17", StaleError(f"{text}, and not fresh"), name)
        elif max_age_hours is not None:
            checks.passed("C17", f"{text}: an older copy, and fresh enough for what was asked")
        else:
            checks.not_checked("C17", f"{text}: an older copy; whether too old, nobody asked (--max-age HOURS)")


def _staleness_of(
    newest: Manifest | None, now: datetime, max_age_hours: float | None, age_text: str
) -> StaleError | None:
    if max_age_hours is None:
        return None
    if newest is None:
        return StaleError(age_text)
    age = now - newest.taken_at
    if age > timedelta(hours=max_age_hours):
        return StaleError(f"{age_text}, and {max_age_hours:g} are allowed")
    if age < -_CLOCK_TOLERANCE:
        return StaleError(f"the newest snapshot says that it is of {newest.taken_at:%Y-%m-%d}, in the future")
    return None


def _age_of(newest: Manifest, now: datetime) -> str:
    return f"the newest snapshot is {(now - newest.taken_at) / timedelta(hours=1):,.1f} hours old"
