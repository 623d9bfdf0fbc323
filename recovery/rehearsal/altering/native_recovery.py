"""Entra's own backup at work: objects go back to an earlier state, and change tracking never hears of it.

Sources: Graph's entraRecoveryServices pages. A recovery puts properties back, soft-deletes what came since, restores
what was soft-deleted since, and neither makes an object anew nor deletes one for good.
"""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.altering.actor import RECOVERY_SERVICE, administrator_of
from recovery.rehearsal.altering.attack import Attack
from recovery.rehearsal.altering.change import Change, net_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.activity import Deed
from recovery.rehearsal.population.clock import SECONDS_A_DAY
from recovery.rehearsal.population.entropy import guid_of, instant_of
from recovery.rehearsal.population.journal import CAME, LINKED, SET, UNLINKED, WENT, Note
from recovery.rehearsal.population.population import RECYCLE_BINS

Value = dict[str, Any]

RESOURCE_TYPES = {
    "users": "user",
    "groups": "group",
    "applications": "application",
    "servicePrincipals": "servicePrincipal",
    "conditionalAccessPolicies": "conditionalAccessPolicy",
    "namedLocations": "namedLocationPolicy",
    "authenticationMethodsPolicy": "authenticationMethodPolicy",
    "authenticationStrengthPolicies": "authenticationStrengthPolicy",
    "authorizationPolicy": "authorizationPolicy",
    "oauth2PermissionGrants": "oAuth2PermissionGrant",
    "organization": "organization",
}
"""Collections that a recovery knows, by the names of `resourceTypeName`."""

CATEGORY = "Backup and Recovery"
"""Category of a recovery's audits (Entra Backup and Recovery's page on logs)."""

_NAMESPACE = "#microsoft.graph.entraRecoveryServices"


class NativeRecovery:
    """Undoes what the last attack did to objects that can be named."""

    def __init__(self, tenant: SimulatedTenant, workforce: Workforce, attack: Attack) -> None:
        self._tenant, self._workforce, self._attack = tenant, workforce, attack
        self._jobs = 0

    def run(self, ids: list[str] | None) -> tuple[list[Change], Value]:
        """Takes the objects back to before the last attack, all that it touched without `ids`.

        Returns the net changes and the job. Raises: ScriptError when nothing of that can be recovered.
        """
        notes = [
            note
            for note in self._attack.notes
            if note.entry.collection in RESOURCE_TYPES and (ids is None or note.entry.id in ids)
        ]
        if not notes:
            raise ScriptError("the last attack did nothing to these objects that a recovery could undo")
        changes: list[Change] = []
        door = self._tenant.alteration.door
        with door.acting(RECOVERY_SERVICE), door.unheard():
            for note in reversed(notes):
                changes += self._undone(note)
            job = self._job_of(net_of(changes), notes)
            changes += self._tenant.alteration.add("recoveryJobs", job)
        self._tell(job)
        return net_of(changes), job

    def _undone(self, note: Note) -> list[Change]:
        """What takes one alteration back, as far as a recovery does that: nothing for what is gone for good."""
        alteration, entry = self._tenant.alteration, note.entry
        collection, id = entry.collection, entry.id
        held = self._tenant.population.collections
        present = id in held[collection]
        bin = RECYCLE_BINS.get(collection)
        if entry.change == WENT and bin is not None and id in held[bin]:
            return alteration.restore(collection, id)
        if entry.change == CAME and present and bin is not None:
            return alteration.soft_delete(collection, [id], self._workforce.now())
        if entry.change == SET and present:
            return alteration.change(collection, id, str(entry.name), note.old)
        if entry.name == "members" and present and self._tenant.population.kind_of(str(entry.target)):
            if entry.change == LINKED:
                return alteration.unlink(collection, id, "members", str(entry.target))
            if entry.change == UNLINKED:
                return alteration.link(collection, id, "members", str(entry.target))
        return []

    def _job_of(self, changes: list[Change], notes: list[Note]) -> Value:
        self._jobs += 1
        touched: dict[str, dict[str, None]] = {}
        for note in notes:
            touched.setdefault(RESOURCE_TYPES[note.entry.collection], {})[note.entry.id] = None
        links = sum(change.relation is not None for change in changes)
        objects = len({(change.collection, change.id) for change in changes if change.relation is None})
        now = self._tenant.population.clock.seconds
        return {
            "@odata.type": f"{_NAMESPACE}.recoveryJob",
            "id": guid_of(self._tenant.population.plan.seed, "recovery job", self._jobs),
            "filteringCriteria": {
                "@odata.type": f"{_NAMESPACE}.recoveryJobEntityNameAndIdsFilter",
                "filterValues": [{"entityType": kind, "entityIds": list(ids)} for kind, ids in touched.items()],
            },
            "jobStartDateTime": instant_of(now),
            "jobCompletionDateTime": instant_of(now),
            "status": "successful",
            "targetStateDateTime": instant_of(now - SECONDS_A_DAY),
            "totalChangedLinksCalculated": links,
            "totalChangedObjectsCalculated": objects,
            "totalFailedChanges": 0,
            "totalLinksModified": links,
            "totalObjectsModified": objects,
        }

    def _tell(self, job: Value) -> None:
        population = self._tenant.population
        administrator = administrator_of(population)
        target = {
            "id": job["id"],
            "displayName": None,
            "type": "Other",
            "userPrincipalName": None,
            "groupType": None,
            "modifiedProperties": [],
        }
        service = str(RECOVERY_SERVICE.as_json()["app"]["displayName"])
        population.activities.add(
            Deed("Recovery job completed", CATEGORY, service, "Update", administrator.as_json(), [target])
        )
