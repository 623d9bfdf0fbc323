"""Numbers with their nouns, for sentences that people read."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Returns `1 gap`, `2 gaps`, `1,024 entries`; `plural` is for nouns that do more than take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
