"""Attributes that are a set written as one string: words with spaces between, in whatever order."""

from __future__ import annotations

from typing import Final, NamedTuple

WORD_SETS: Final = frozenset({("oauth2PermissionGrants", "/scope")})
"""Collection and attribute. Source: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant"""


class WordChanges(NamedTuple):
    """Words that came and words that went, each in the order of its string; both empty if only the order differs."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with their signs on one line."""
        signed = [*(f"+{word}" for word in self.added), *(f"−{word}" for word in self.removed)]
        return " ".join(signed) or "the same words in another order"


def word_changes_of(collection: str, path: str, before: object, after: object) -> WordChanges | None:
    """What differs between two sets of words; None if the attribute is none, or is not there on both sides."""
    if (collection, path) not in WORD_SETS or not isinstance(before, str) or not isinstance(after, str):
        return None
    old, new = dict.fromkeys(before.split()), dict.fromkeys(after.split())
    return WordChanges(tuple(word for word in new if word not in old), tuple(word for word in old if word not in new))
