"""Numbers and times as people read them: the same text on every machine, whatever its locale."""

from __future__ import annotations

from datetime import UTC, datetime

from verify.wording import counted

_BYTES_PER_STEP = 1000  # decimal units (SI), as disks and cloud bills use them
_INSTANT_LIMIT = 40  # characters; an RFC 3339 instant with fractions has about 30
_BYTE_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def count_text(number: int) -> str:
    """`1234567` as `1,234,567`."""
    return f"{number:,}"


def signed_text(number: int) -> str:
    """`+12`, `−3` (with a real minus sign), or `±0`."""
    if number == 0:
        return "±0"
    return f"+{number:,}" if number > 0 else f"−{-number:,}"


def bytes_text(size: int) -> str:
    """A size in decimal units with three significant digits: `999 bytes`, `1.23 MB`, `45.6 GB`."""
    if size < _BYTES_PER_STEP:
        return counted(size, "byte")
    value = float(size)
    unit = 0
    while value >= _BYTES_PER_STEP - 0.5 and unit < len(_BYTE_UNITS) - 1:
        value /= _BYTES_PER_STEP
        unit += 1
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{decimals}f} {_BYTE_UNITS[unit]}"


def seconds_of(instant: str) -> float | None:
    """Seconds since 1970 of an RFC 3339 instant, or None if the text is not one."""
    try:
        moment = datetime.fromisoformat(instant)
        return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):  # the latter: an hour that no year of the calendar holds in UTC
        return None


def instant_text(instant: str) -> str:
    """`2026-11-21T02:17:09Z` as `2026-11-21 02:17:09 UTC`; anything that is no instant stays as it is, if short."""
    seconds = seconds_of(instant)
    if seconds is None:
        return _bounded(instant)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def day_text(instant: str) -> str:
    """The day (UTC) of an instant; anything that is no instant stays as it is, if short."""
    seconds = seconds_of(instant)
    return _bounded(instant) if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


def _bounded(text: str) -> str:
    return text if len(text) <= _INSTANT_LIMIT else f"{text[: _INSTANT_LIMIT - 1]}…"


def clock_text(instant: str) -> str:
    """The time of day (UTC) of an instant to the second; anything that is no instant stays as it is, if short."""
    seconds = seconds_of(instant)
    return _bounded(instant) if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
