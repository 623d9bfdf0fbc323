"""SNAPSHOT words: `17`, `latest`, `latest~2`, `2026-11-20`, or an instant (COMMANDS.md section 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from verify.errors import UsageError
from verify.manifest import Manifest

LATEST = "latest"

_BACK = re.compile(r"latest(?:~([0-9]{1,8}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_WORD = 40  # an instant with microseconds and offset has 32
_NEXT_STEP = "Give a number, latest, latest~2, a date such as 2026-11-20, or an RFC 3339 instant."


def selected(newest_first: Iterable[Manifest], word: str) -> Manifest:
    """Returns the snapshot that `word` names; reads no further than it has to.

    A date means the last snapshot of that day, UTC; an instant the last one at or before it.

    Raises:
        UsageError: the word is none, or names no snapshot.
    """
    match = _BACK.fullmatch(word)
    if match:
        return _first(newest_first, word, skip=int(match[1] or 0))
    if len(word) > _LONGEST_WORD:
        raise UsageError(f"{word[:80]!r}… is not a SNAPSHOT", next_step=_NEXT_STEP)
    if word.isascii() and word.isdecimal():
        return _first((one for one in newest_first if one.sequence == int(word)), word)
    if _DATE.fullmatch(word):
        begin = datetime.combine(_date_of(word), time(), UTC)
        end = begin + min(timedelta(days=1), datetime.max.replace(tzinfo=UTC) - begin)
        return _first((one for one in newest_first if begin <= one.taken_at < end), word)
    instant = _instant_of(word)
    return _first((one for one in newest_first if one.taken_at <= instant), word)


def _first(manifests: Iterable[Manifest], word: str, skip: int = 0) -> Manifest:
    for number, manifest in enumerate(manifests):
        if number == skip:
            return manifest
    raise UsageError(
        f"no snapshot in this archive is {word!r}", next_step="`strongroom snapshots` lists those that there are."
    )


def _date_of(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f"{word!r} is not a day of the calendar", next_step=_NEXT_STEP) from error


def _instant_of(word: str) -> datetime:
    try:
        instant = datetime.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f"{word[:80]!r} is not a SNAPSHOT", next_step=_NEXT_STEP) from error
    if instant.tzinfo is None:
        raise UsageError(f"{word!r} lacks its offset from UTC, such as Z", next_step=_NEXT_STEP)
    return instant
