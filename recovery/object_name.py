"""Objects by what people call them, where nobody has their id at hand."""

from __future__ import annotations

import difflib
from typing import Final

from recovery.kind_of_object import NAMES
from recovery.object_scan import located_objects_in
from verify.snapshot import VerifiedSnapshot

MAX_CANDIDATES: Final = 5

_MEMBERS: Final = (
    "userPrincipalName",
    "appId",
    *(name for name in NAMES if name not in ("userPrincipalName", "appId")),
)
"""Members that name an object. Those that only one object has come first: a name for display is anybody's to choose.

The principal name of a deleted user begins with his id.
Source: https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""


class ObjectNames:
    """The names in one collection of a snapshot, each with the objects that bear it. Case does not count."""

    def __init__(self, snapshot: VerifiedSnapshot, collection: str) -> None:
        """Reads the whole collection. Raises StrongroomError: what is read is not what was signed."""
        self._ids: dict[str, dict[str, list[str]]] = {member: {} for member in _MEMBERS}
        self._written: dict[str, str] = {}
        for fields, value in located_objects_in(snapshot, collection):
            id_ = "/".join((*fields.parent[1::2], fields.id))
            for member in _MEMBERS:
                if isinstance(name := value.get(member), str) and name:
                    self._ids[member].setdefault(name.casefold(), []).append(id_)
                    self._written.setdefault(name.casefold(), name)

    def ids_of(self, name: str) -> list[str]:
        """The objects of this name, by the first member that has it: ids, or PARENT_ID/ID of what is contained.

        In the order of their keys; empty if nothing is called that.
        """
        word = name.casefold()
        return next((ids[word] for ids in self._ids.values() if word in ids), [])

    def close_to(self, name: str) -> list[str]:
        """Names that may be meant: those that end with it, as that of a deleted user does, then similar ones."""
        word = name.casefold()
        ending = [one for one in self._written if word and one.endswith(word)]
        similar = difflib.get_close_matches(word, self._written, n=MAX_CANDIDATES, cutoff=0.8)
        return [self._written[one] for one in dict.fromkeys([*ending, *similar])][:MAX_CANDIDATES]
