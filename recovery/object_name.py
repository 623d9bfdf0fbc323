"""Objects by what people call them, where nobody has their id at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from archiver.graph.guid import GUID
from recovery.kind_of_object import NAMES
from recovery.near_names import NearNames
from recovery.object_scan import located_objects_in
from verify.key import KeyFields
from verify.snapshot import VerifiedSnapshot

MAX_LISTED: Final = 20
"""Objects of one name that are kept, and that an error lists."""

UNIQUE: Final = ("userPrincipalName", "appId")
"""Members that only one object of a tenant has. Any other name is anybody's to choose, also that of somebody else.

The principal name of a deleted user begins with his id.
Source: https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""
_MEMBERS: Final = (*UNIQUE, *(name for name in NAMES if name not in UNIQUE))
_OF_USERS: Final = frozenset({"users", "usersOnBeta", "deletedUsers"})
_WITH_APP_ID: Final = frozenset(
    {
        "agentIdentities",
        "agentIdentityBlueprintPrincipals",
        "agentIdentityBlueprints",
        "applications",
        "applicationsOnBeta",
        "deletedApplications",
        "deletedServicePrincipals",
        "riskyServicePrincipals",
        "servicePrincipals",
        "servicePrincipalsOnBeta",
    }
)

_GUID = re.compile(GUID, re.IGNORECASE)
"""RFC 9562, section 4: read in either case. Graph writes small letters, other programs of Microsoft's capitals."""


@dataclass
class Bearers:
    """The objects whose `member` is the name: where the first MAX_LISTED are, and the number of all."""

    member: str
    places: list[KeyFields] = field(default_factory=list)
    total: int = 0

    def add(self, place: KeyFields) -> None:
        """Counts one, and keeps its place while there are few."""
        self.total += 1
        if len(self.places) < MAX_LISTED:
            self.places.append(place)


class NameSearch:
    """One reading of a collection for a name, in memory that does not grow with it. Case does not count."""

    def __init__(self, snapshot: VerifiedSnapshot, collection: str, word: str) -> None:
        """Reads the whole collection, unless no member of its objects can be such a word.

        Raises StrongroomError: what is read is not what was signed.
        """
        self._word = word.casefold()
        self._bearers = {member: Bearers(member) for member in _members_for(collection, word)}
        self._near = NearNames(word)
        self.deleted = Bearers("userPrincipalName")
        """Deleted users who had this principal name."""
        if not self._bearers:
            return
        mention = self._word.encode() if is_id(word) else b""
        for place, value in located_objects_in(snapshot, collection, mention):
            for member in self._bearers:
                if isinstance(name := value.get(member), str) and name:
                    self._add(member, name, place)

    def _add(self, member: str, name: str, place: KeyFields) -> None:
        folded = name.casefold()
        if folded == self._word:
            self._bearers[member].add(place)
            return
        if member == self.deleted.member and folded == place.id.replace("-", "").casefold() + self._word:
            self.deleted.add(place)
        self._near.add(name)

    @property
    def bearers(self) -> Bearers | None:
        """The objects of this name, by the first member that has it; None if nothing is called that."""
        return next((found for found in self._bearers.values() if found.total), None)

    @property
    def near(self) -> list[str]:
        """Names that may be meant."""
        return self._near.closest


def is_id(word: str) -> bool:
    """Whether a word is a GUID, or those of parents and child: whoever bears such a name bears it to be mistaken."""
    return all(_GUID.fullmatch(part) for part in word.split("/"))


def _members_for(collection: str, word: str) -> tuple[str, ...]:
    """The members by which a word may name an object: never one that a stranger chose to look like an id."""
    if is_id(word):
        return ("appId",) if collection in _WITH_APP_ID else ()
    return ("userPrincipalName",) if "@" in word and collection in _OF_USERS else _MEMBERS
