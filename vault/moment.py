"""Times as text: UTC, RFC 3339 with `Z` and whole seconds (FORMAT.md section 2)."""

from __future__ import annotations

from datetime import UTC, datetime


def text_of(at: datetime) -> str:
    """Returns `2026-11-21T02:17:09Z`; `at` is aware."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    """The inverse of `text_of`. Raises ValueError for any other spelling."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
