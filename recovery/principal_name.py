"""Users by the name with which they sign in, where nobody has their id at hand."""

from __future__ import annotations

import difflib
from typing import Final

from recovery.object_scan import objects_in
from verify.snapshot import VerifiedSnapshot

NAMED_BY_PRINCIPAL: Final = frozenset({"users", "deletedUsers"})
"""Collections whose objects have a `userPrincipalName`. That of a deleted user begins with his id.

Source: https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""
MAX_CANDIDATES: Final = 5


class PrincipalNames:
    """The principal names of one collection of a snapshot, each with the ids that bear it. Case does not count."""

    def __init__(self, snapshot: VerifiedSnapshot, collection: str) -> None:
        """Reads the whole collection. Raises StrongroomError: what is read is not what was signed."""
        self._ids: dict[str, list[str]] = {}
        self._written: dict[str, str] = {}
        for value in objects_in(snapshot, collection):
            if isinstance(name := value.get("userPrincipalName"), str):
                self._ids.setdefault(name.casefold(), []).append(str(value.get("id")))
                self._written.setdefault(name.casefold(), name)

    def ids_of(self, name: str) -> list[str]:
        """The ids of the users who bear this name, in order; empty if nobody does."""
        return self._ids.get(name.casefold(), [])

    def close_to(self, name: str) -> list[str]:
        """Names that may be meant: those that end with it, as that of a deleted user does, then similar ones."""
        word = name.casefold()
        ending = [one for one in self._ids if word and one.endswith(word)]
        similar = difflib.get_close_matches(word, self._ids, n=MAX_CANDIDATES, cutoff=0.8)
        return [self._written[one] for one in dict.fromkeys([*ending, *similar])][:MAX_CANDIDATES]
