"""Which objects hold power over the directory by themselves, whatever collection they lie in.

Decided from the objects that differ and from the collections of role assignments, which are small: a difference of
a large tenant stays as quick as what changed in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from recovery.attribute import Value, value_of
from recovery.reports.privilege import is_privileged
from verify.key import OBJECT_ENDING
from verify.snapshot import VerifiedSnapshot

BY_COLLECTION: Final = "collection"
"""Every object of the collection counts: it grants power, or decides who gets in."""
ASSIGNABLE_GROUP: Final = "role-assignable group"
"""Directory roles can be assigned to the group: whoever joins it, or owns it, has what it has.

Source: https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
"""
ROLE_HOLDER: Final = "holds a directory role"
"""A role is assigned to the object, or it may activate one, in either snapshot."""

_GROUPS = ("groups", "deletedGroups")
_ASSIGNING = ("roleAssignments", "roleEligibilitySchedules")
_HOLDING = frozenset(
    {"users", "groups", "servicePrincipals", "deletedUsers", "deletedGroups", "deletedServicePrincipals"}
)


class Power:
    """Who holds a directory role before or after. The assignments are read when they are first asked for."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        self._snapshots = (before, after)
        self._holders: frozenset[str] | None = None

    def of_object(self, collection: str, id_: str, value: Value) -> str | None:
        """Why a change of this object counts as privileged, or None. `value` is the object itself.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        if is_privileged(collection):
            return BY_COLLECTION
        if collection in _GROUPS and isinstance(value, Mapping) and value.get("isAssignableToRole") is True:
            return ASSIGNABLE_GROUP
        return ROLE_HOLDER if collection in _HOLDING and id_ in self._role_holders() else None

    def _role_holders(self) -> frozenset[str]:
        if self._holders is None:
            self._holders = frozenset(id_ for one in self._snapshots for id_ in _principals_of(one))
        return self._holders


def _principals_of(snapshot: VerifiedSnapshot) -> Iterator[str]:
    for collection in _ASSIGNING:
        for record in snapshot.records(collection.encode() + b"\x00"):
            if not record.key.endswith(OBJECT_ENDING):
                continue
            line = value_of(record.line)
            value = line.get("value") if isinstance(line, dict) else None
            if isinstance(value, dict) and isinstance(id_ := value.get("principalId"), str):
                yield id_
