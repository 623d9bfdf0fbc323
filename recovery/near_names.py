"""Names that may be meant by one that nobody has, in memory that does not grow with the names that there are."""

from __future__ import annotations

import difflib
import heapq
from typing import Final

MAX_CANDIDATES: Final = 5

_MAX_WORD: Final = 256
"""Characters: the longest display name of Entra. Comparing is quadratic, and nobody mistypes more."""
_MAX_COMPARED: Final = 2_000
"""Names that are compared with care."""
_LIKENESS: Final = 0.8
"""Of difflib's ratio: one mistake in a short name, some in a long one."""


class NearNames:
    """Of the names that are added, those that are most like a word. Case does not count."""

    def __init__(self, word: str) -> None:
        self._word = word.casefold()
        self._endings: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._ranked: list[tuple[int, int, str]] = []
        self._added = 0

    def add(self, name: str) -> None:
        """Keeps a name if it ends with the word, or if it begins and ends more like it than others that are kept."""
        folded = name.casefold()
        if not self._word or len(self._word) > _MAX_WORD:
            return
        if len(self._endings) < MAX_CANDIDATES and folded.endswith(self._word):
            self._endings.setdefault(folded, name)
        shorter, longer = sorted((len(folded), len(self._word)))
        if folded in self._written or 2 * shorter < _LIKENESS * (shorter + longer):
            return
        self._added += 1
        ranked = (_common_ends_of(folded, self._word), -self._added, folded)
        if len(self._ranked) < _MAX_COMPARED:
            heapq.heappush(self._ranked, ranked)
        elif ranked > self._ranked[0]:
            del self._written[heapq.heapreplace(self._ranked, ranked)[2]]
        else:
            return
        self._written[folded] = name

    @property
    def closest(self) -> list[str]:
        """Those that end with the word, as the principal name of a deleted user does, then similar ones."""
        similar = difflib.get_close_matches(self._word, self._written, n=MAX_CANDIDATES, cutoff=_LIKENESS)
        names = self._endings | {one: self._written[one] for one in similar}
        return list(names.values())[:MAX_CANDIDATES]


def _common_ends_of(name: str, word: str) -> int:
    """Characters in which two words are the same, from the beginning and from the end: all but one around a slip."""
    least = min(len(name), len(word))
    start = next((place for place in range(least) if name[place] != word[place]), least)
    rest = least - start
    return start + next((place for place in range(rest) if name[-1 - place] != word[-1 - place]), rest)
