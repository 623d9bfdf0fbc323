"""What the audit log says of alterations: activities by the names that Entra gives them, with their targets."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from recovery.rehearsal.altering.actor import Actor
from recovery.rehearsal.population.activity import Deed
from recovery.rehearsal.population.journal import CAME, LINKED, SET, UNLINKED, WENT, Entry, Note
from recovery.rehearsal.population.population import DIRECTORY_TYPES, RECYCLE_BINS, Population

Value = dict[str, Any]

CORE = "Core Directory"


class Kind(NamedTuple):
    """How the log calls a collection's objects: in activities, by category, service and target type."""

    noun: str
    category: str
    service: str = CORE
    type: str = "Other"


KINDS = {
    "users": Kind("user", "UserManagement", type="User"),
    "groups": Kind("group", "GroupManagement", type="Group"),
    "applications": Kind("application", "ApplicationManagement", type="Application"),
    "servicePrincipals": Kind("service principal", "ApplicationManagement", type="ServicePrincipal"),
    "devices": Kind("device", "Device", type="Device"),
    "administrativeUnits": Kind("administrative unit", "AdministrativeUnit", type="AdministrativeUnit"),
    "directoryRoles": Kind("role", "RoleManagement", type="Role"),
    "roleDefinitions": Kind("role definition", "RoleManagement", type="Role"),
    "roleAssignments": Kind("member to role", "RoleManagement", type="Role"),
    "oauth2PermissionGrants": Kind("delegated permission grant", "ApplicationManagement", type="ServicePrincipal"),
    "appRoleAssignments": Kind(
        "app role assignment to service principal", "ApplicationManagement", type="ServicePrincipal"
    ),
    "conditionalAccessPolicies": Kind("conditional access policy", "Policy", "Conditional Access", "Policy"),
    "namedLocations": Kind("named location", "Policy", "Conditional Access", "Policy"),
    "organization": Kind("company information", "DirectoryManagement", type="Directory"),
}
"""Collections whose activities are documented; the others are called by their Graph type."""

_LINKS = {
    "members": "member",
    "owners": "owner",
    "registeredOwners": "registered owner",
    "registeredUsers": "registered user",
    "sponsors": "sponsor",
    "manager": "manager",
}
"""Relations whose links are activities of their own."""

PARTS = {"federatedIdentityCredentials", "scopedRoleMembers"}
"""Relations, and the collections of their targets, that the log tells of as updates of the object they are part of."""

_BIN_OF = {bin: collection for collection, bin in RECYCLE_BINS.items()}
_TYPES = {entity: KINDS[collection].type for collection, entity in DIRECTORY_TYPES.items()}
_OPERATIONS = {"Add": "Add", "Update": "Update", "Delete": "Delete", "Hard Delete": "Delete", "Restore": "Add"}


def deeds_of(notes: list[Note], population: Population, actor: Actor) -> list[Deed]:
    """One deed for each object that came, went or was changed, and for each link."""
    trace = _Trace(notes, population, actor)
    return [*trace.of_objects(), *trace.of_properties(), *trace.of_links()]


class _Trace:
    def __init__(self, notes: list[Note], population: Population, actor: Actor) -> None:
        self._notes, self._population, self._actor = notes, population, actor
        self._whole = {note.entry.id for note in notes if note.entry.change in (CAME, WENT)}

    def of_objects(self) -> list[Deed]:
        """Objects that came or went; one that goes to the recycle bin or comes out of it does both."""
        moves = {(note.entry.change, note.entry.collection, note.entry.id) for note in self._notes}
        deeds = []
        for note in self._notes:
            change, collection, id = note.entry.change, note.entry.collection, note.entry.id
            if collection in PARTS:
                continue
            bin = RECYCLE_BINS.get(collection)
            if change == CAME and collection not in _BIN_OF:
                verb = "Restore" if (WENT, bin, id) in moves else "Add"
            elif change == WENT and collection not in _BIN_OF:
                verb = "Delete" if (CAME, bin, id) in moves or bin is None else "Hard Delete"
            elif change == WENT and (CAME, _BIN_OF[collection], id) not in moves:
                verb, collection = "Hard Delete", _BIN_OF[collection]
            else:
                continue
            deeds.append(self._deed(verb, collection, self._object(note, collection)))
        return deeds

    def _object(self, note: Note, collection: str) -> list[Value]:
        """The targets of an object's own activity."""
        value = note.new if note.new is not None else note.old
        properties = [_modified(name, None, value[name]) for name in ("displayName",) if value.get(name)]
        if collection == "roleAssignments":
            return [self._named(value["principalId"]), _target(value["roleDefinitionId"], "Role", None, [])]
        if collection in ("oauth2PermissionGrants", "appRoleAssignments"):
            changed = [_modified(name, None, value[name]) for name in ("scope", "appRoleId") if value.get(name)]
            return [self._named(value["resourceId"], changed), self._named(value.get("clientId", value["principalId"]))]
        return [_target(note.entry.id, self._kind(collection).type, value, properties)]

    def of_properties(self) -> list[Deed]:
        """Objects whose properties were changed, each with all of them."""
        changed: dict[tuple[str, str], list[Value]] = {}
        for note in self._notes:
            if note.entry.change == SET:
                words = _modified(str(note.entry.name), note.old, note.new)
                changed.setdefault((note.entry.collection, note.entry.id), []).append(words)
        deeds = []
        for (collection, id), properties in changed.items():
            names = ", ".join(words["displayName"] for words in properties)
            included = {"displayName": "Included Updated Properties", "oldValue": None, "newValue": json.dumps(names)}
            held = self._population.collections.get(collection)
            value = held.value(id) if held is not None and id in held else None
            target = _target(id, self._kind(collection).type, value, [*properties, included])
            deeds.append(self._deed("Update", collection, [target]))
        return deeds

    def of_links(self) -> list[Deed]:
        """Links that were made or ended, but for those of objects that came or went themselves."""
        deeds = []
        for entry in (note.entry for note in self._notes):
            told = entry.change in (LINKED, UNLINKED) and entry.id not in self._whole
            if told and entry.name in PARTS:
                deeds.append(self._of_part(entry))
            elif told and entry.name in _LINKS:
                deeds.append(self._of_link(entry))
        return deeds

    def _of_part(self, entry: Entry) -> Deed:
        """A part that an object was given or that was taken from it: the object was updated."""
        part = _modified(str(entry.name), None, entry.target)
        if entry.change == UNLINKED:
            part = _turned(part)
        value = self._value(entry.collection, entry.id)
        target = _target(entry.id, self._kind(entry.collection).type, value, [part])
        return self._deed("Update", entry.collection, [target])

    def _of_link(self, entry: Entry) -> Deed:
        link, kind = _LINKS[str(entry.name)], self._kind(entry.collection)
        value = self._value(entry.collection, entry.id)
        change = [_modified(f"{kind.type}.ObjectID", None, entry.id)]
        change.append(_modified(f"{kind.type}.DisplayName", None, value.get("displayName")))
        activity, operation = f"Add {link} to {kind.noun}", "Assign"
        if entry.change == UNLINKED:
            activity, operation = f"Remove {link} from {kind.noun}", "Unassign"
            change = [_turned(words) for words in change]
        target = _target(str(entry.target), _TYPES.get(str(entry.kind), "Other"), self._found(entry.target), change)
        source = _target(entry.id, kind.type, value, [])
        return Deed(activity, kind.category, kind.service, operation, self._actor.as_json(), [target, source])

    def _deed(self, verb: str, collection: str, targets: list[Value]) -> Deed:
        kind = self._kind(collection)
        activity = f"{verb} {kind.noun}"
        if collection == "roleAssignments" and verb == "Delete":
            activity = "Remove member from role"
        return Deed(activity, kind.category, kind.service, _OPERATIONS[verb], self._actor.as_json(), targets)

    def _kind(self, collection: str) -> Kind:
        kind = KINDS.get(collection)
        if kind is not None:
            return kind
        held = self._population.collections.get(collection)
        entity = self._population.contents[collection].entity if held is None else held.entity
        noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", entity.rpartition(".")[2]).lower()
        return Kind(noun, "Policy" if "policy" in noun else "DirectoryManagement")

    def _value(self, collection: str, id: str) -> Value:
        held = self._population.collections[collection]
        return held.value(id) if id in held else {}

    def _found(self, id: str | None) -> Value:
        collection = self._population.kind_of(str(id))
        return {} if collection is None else self._population.collections[collection].value(str(id))

    def _named(self, id: str, properties: list[Value] | None = None) -> Value:
        collection = self._population.kind_of(id)
        type = "Other" if collection is None else KINDS[collection].type
        return _target(id, type, self._found(id), properties or [])


def _target(id: str, type: str, value: Value | None, properties: list[Value]) -> Value:
    value = value or {}
    group = ("unifiedGroups" if "Unified" in value.get("groupTypes", ()) else "azureAD") if type == "Group" else None
    return {
        "id": id,
        "displayName": value.get("displayName"),
        "type": type,
        "userPrincipalName": value.get("userPrincipalName") if type == "User" else None,
        "groupType": group,
        "modifiedProperties": properties,
    }


def _modified(name: str, old: Any, new: Any) -> Value:
    """A property as the log shows it: its name with a capital, its values as JSON text, a list of one each."""
    return {"displayName": name[:1].upper() + name[1:], "oldValue": _text_of(old), "newValue": _text_of(new)}


def _turned(modified: Value) -> Value:
    return {**modified, "oldValue": modified["newValue"], "newValue": None}


def _text_of(value: Any) -> str | None:
    return None if value is None else json.dumps(value if isinstance(value, list) else [value], ensure_ascii=False)
