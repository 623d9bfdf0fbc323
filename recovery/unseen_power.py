"""What nobody could see of who holds power: the places that would say it, where a snapshot has a gap or was not asked.

A change that is not known to be privileged is then not known to be harmless either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from recovery.attribute import Value
from recovery.blind_spots import not_asked_gap
from recovery.credential import HOLDERS
from recovery.enterprise_application import GRAPH_APP_ID, EnterpriseApplications
from recovery.power import HOLDING, POWER_SOURCES, ROLE_SOURCES, principal_of
from verify.gap import Gap
from verify.manifest import Manifest
from verify.snapshot import VerifiedSnapshot

_LICENCE_MISSING = "licence-missing"
"""Hides no power: where the licence ends, what is eligible is taken away.

Source: https://learn.microsoft.com/entra/id-governance/licensing-fundamentals
"""


class UnseenSource(NamedTuple):
    """A gap where it would be said who holds power, and which of the two snapshots has it."""

    gap: Gap
    side: str

    def document(self) -> dict[str, Any]:
        """As an entry of `unknown` in `diff --json`."""
        return {**self.gap._asdict(), "in": self.side}


class UnseenPower:
    """The sources of power of which either snapshot lacks a part."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot, applications: EnterpriseApplications) -> None:
        self._applications = applications
        sides = (("before", before.manifest), ("after", after.manifest))
        self._unseen = [UnseenSource(gap, side) for side, manifest in sides for gap in _gaps_in(manifest)]
        self._of_roles = [one for one in self._unseen if one.gap.collection in ROLE_SOURCES]

    def of_object(self, collection: str) -> Sequence[UnseenSource]:
        """What would say whether an object of this collection holds a directory role."""
        return self._of_roles if collection in HOLDING else []

    def of_application(self, collection: str, id_: str, value: Value) -> list[UnseenSource]:
        """What would say with what an application or a service principal can act. `value` is the object itself.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        if collection not in HOLDERS or not self._unseen:
            return []
        graph = self._applications.of_app(GRAPH_APP_ID)
        found = list(self._of_roles)
        for one in self._unseen:
            if one.gap.collection == "appRoleAssignments":
                # The gap of an assignment names the resource, and only those of Microsoft Graph are looked at.
                is_open = graph is None or one.gap.id in (None, graph.id)
            else:
                is_open = one.gap.collection == "servicePrincipals" and (
                    graph is None or principal_of(self._applications, collection, id_, value) is None
                )
            found += [one] if is_open else []
        return found


def _gaps_in(manifest: Manifest) -> Iterator[Gap]:
    for collection in POWER_SOURCES:
        if not manifest.asked_for(collection):
            yield not_asked_gap(collection)
    for gap in manifest.gaps:
        if gap.collection in POWER_SOURCES and gap.relation is None and gap.reason != _LICENCE_MISSING:
            yield gap
