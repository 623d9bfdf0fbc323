"""The dates of HTTP's headers (RFC 9110 section 5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date_of(unverified: str) -> datetime | None:
    """Gives the instant that a header names, None where it names none that a clock could show."""
    try:
        date = parsedate_to_datetime(unverified)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # the standard library raises all of them
        return None
