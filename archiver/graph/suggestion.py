"""The known name that an unknown one is closest to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion_for(word: str, known: Iterable[str]) -> str | None:
    """Gives `Did you mean X?`, the same for the same names in any order; None where nothing is like it."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"Did you mean {close[0]}?" if close else None
