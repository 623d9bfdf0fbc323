"""The difference of two proved snapshots: by object, attribute and link, with the action that would put it back.

A deleted object that lies in the recycle bin is one entry (removed, action restore), not one that is gone and
one that is new. What a gap hides, or what one snapshot was not asked for, is unknown: it is listed, and never counted
as removed or unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from archiver.graph.reference import UNRESOLVED
from recovery.attribute import AttributeChange, Value, attribute_changes_of
from recovery.blind_spots import BlindSpots
from recovery.consequence import Cause, causes_of_links, causes_of_object
from recovery.credential import HOLDERS, OWNERS, has_new_credential
from recovery.enterprise_application import EnterpriseApplications
from recovery.kind_of_object import ABOUT_OTHERS, JUDGED_BY_VALUE, RECYCLE_BINS, SHOWN_WHOLE
from recovery.link_change import link_changes_of
from recovery.naming import Names, key_of_target, mentioned_ids_of, name_in
from recovery.object_change import (
    ADDED,
    CHANGED,
    DELETE,
    NONE,
    RECREATE,
    REMOVED,
    RESTORE,
    SOFT_DELETE,
    ObjectChange,
    ObjectId,
)
from recovery.occurrence import is_among
from recovery.policy_reference import BY_APP_ID, POLICIES, PolicyReference, policy_references_of
from recovery.power import Power
from recovery.recycle_bin import fold_recycle_bins, note_unread_bins
from recovery.reports.privilege import NEW_CREDENTIAL, NEW_OWNER
from recovery.row_difference import changed_keys_of
from recovery.side import Side, lines_side_by_side, value_in
from recovery.trait import traits_of
from recovery.unresolved_reference import leads_elsewhere
from recovery.unseen_power import UnseenPower, UnseenSource
from recovery.way_back import ON_PREMISES, is_synchronised, why_nobody_writes, why_none_of
from verify.key import OBJECT, RELATION, KeyFields, fields_of, key_of
from verify.snapshot import VerifiedSnapshot
from verify.strict_json import text_of_time


@dataclass(frozen=True)
class Difference:
    """All that differs, and what is unknown because a snapshot has a gap there, or was not asked for it."""

    before: VerifiedSnapshot
    after: VerifiedSnapshot
    objects: Sequence[ObjectChange]
    unknown: Sequence[Mapping[str, object]]

    def document(self, made_at: datetime) -> dict[str, Any]:
        """The document of `diff --json`; `made_at` is when the comparison was made."""
        manifest = self.after.manifest
        return {
            "tenant": manifest.tenant,
            "archive_id": manifest.archive_id,
            "made_at": text_of_time(made_at),
            "before": _described(self.before),
            "after": _described(self.after),
            "simulated": manifest.simulated,
            "summary": self.summary(),
            "unknown": list(self.unknown),
            "privilege_unknown": [source.document() for source in self.unseen_power()],
            "objects": [change.document() for change in self.objects],
        }

    def unseen_power(self) -> list[UnseenSource]:
        """The gaps because of which nobody can say of some of the changes whether they are privileged."""
        found = {source for change in self.objects for source in change.unseen_power}
        return sorted(found, key=lambda one: (one.gap.collection, one.side, one.gap.id or "", one.gap.reason))

    def summary(self) -> dict[str, dict[str, int]]:
        """Objects added, removed and changed, per collection in which anything differs."""
        summary: dict[str, dict[str, int]] = {}
        for change in self.objects:
            counts = summary.setdefault(change.object.collection, {ADDED: 0, REMOVED: 0, CHANGED: 0})
            counts[change.change] += 1
        return dict(sorted(summary.items()))


def compare(
    before: VerifiedSnapshot,
    after: VerifiedSnapshot,
    *,
    collections: Collection[str] = (),
    ids: Collection[str] = (),
) -> Difference:
    """Compares two snapshots; `collections` and `ids` narrow it down (empty: everything).

    Raises:
        StrongroomError: what is read of either snapshot is not what was signed.
    """
    keys = {
        key: fields for key in changed_keys_of(before, after) if _is_wanted(fields := fields_of(key), collections, ids)
    }
    comparison = _Comparison(before, after)
    comparison.note_relations({key: fields for key, fields in keys.items() if fields.kind == RELATION})
    comparison.note_objects({key: fields for key, fields in keys.items() if fields.kind != RELATION})
    objects = comparison.objects
    fold_recycle_bins(objects)
    for bin_ in note_unread_bins(objects, after, comparison.blind_spots):
        comparison.blind_spots.add_not_asked("after", bin_)
    comparison.put_names()
    comparison.judge()
    ordered = sorted(objects.values(), key=lambda one: one.object)
    return Difference(before, after, [one for one in ordered if _differs(one)], comparison.blind_spots.listed())


class _Comparison:
    """Entries as they grow. Relations come first: they say which names the one pass over objects has to bring."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        self._snapshots = (before, after)
        self._sides = (Side(before), Side(after))
        self._applications = EnterpriseApplications(before, after)
        self._power = Power(before, after, self._applications)
        self._unseen_power = UnseenPower(before, after, self._applications)
        self.blind_spots = BlindSpots(before, after)
        self.objects: dict[ObjectId, ObjectChange] = {}

    def note_relations(self, keys: Mapping[bytes, KeyFields]) -> None:
        """Takes in the parts of relations that may differ, object by object: a group's members are long."""
        read = lines_side_by_side(*self._snapshots, sorted(keys))
        for id_, lines in groupby(read, key=lambda one: _id_of(keys[one[0]])):
            parts = (
                (keys[key].name, value_in(before), value_in(after))
                for key, before, after in lines
                if before != after and not self._is_hidden(keys[key], before, after)
            )
            if links := link_changes_of(parts):
                self._entry(id_).links = links

    def note_objects(self, keys: Mapping[bytes, KeyFields]) -> None:
        """Takes in objects and streams that may differ, and in the same pass the names of links' targets."""
        before, after = self._sides
        targets = [link.target for entry in self.objects.values() for link in entry.links if link.name is None]
        owners = [key_of(KeyFields(*id_)) for id_ in self.objects]
        before.read([*keys, *owners, *(key for target in targets if (key := key_of_target(target)))])
        after.read(keys)
        for key, fields in keys.items():
            if before.line(key) == after.line(key) or self._is_hidden(fields, before.line(key), after.line(key)):
                continue
            entry = self._entry(_id_of(fields))
            if fields.kind == OBJECT:
                _note_object(entry, before.value(key), after.value(key))
                entry.attributes = [
                    one for one in entry.attributes if not self.blind_spots.hides_property(fields, one.path)
                ]
            else:
                entry.attributes.append(AttributeChange(f"/{fields.name}", before.digest(key), after.digest(key)))

    def put_names(self) -> None:
        """Puts names beside ids that the changes themselves do not name."""
        names = Names(self._sides)
        names.read_parents(id_.parent for id_ in self.objects)
        names.read_resources(entry.value for entry in self.objects.values() if _is_app_role(entry))
        references = {id_: _references_in(entry) for id_, entry in self.objects.items() if id_.collection in POLICIES}
        names.read_objects(one for found in references.values() for one in found if one.collection != BY_APP_ID)
        for entry in self.objects.values():
            entry.links = [link._replace(name=link.name or names.of_target(link.target)) for link in entry.links]
            entry.parent_name = names.of_parent(entry.object.parent)
            if _is_app_role(entry):
                entry.names |= names.app_role_in(entry.value)
            entry.names |= self._names_in_policy(names, references.get(entry.object, ()))
            if entry.name is None:
                named = {id_: name for id_ in mentioned_ids_of(entry.value) if (name := names.of_id(id_))}
                entry.names |= named
                entry.name = names.of_object(*entry.object) or " → ".join(named.values()) or None

    def _names_in_policy(self, names: Names, references: Iterable[PolicyReference]) -> dict[str, str]:
        """What the ids in a policy's lists stand for."""
        found: dict[str, str] = {}
        for collection, id_ in references:
            if collection == BY_APP_ID:
                principal = self._applications.of_app(id_)
                name = principal.name if principal else None
            else:
                name = names.of_live_or_deleted(collection, id_)
            found |= {id_: name} if name else {}
        return found

    def judge(self) -> None:
        """Says of each entry whether it is privileged, what it follows from, and whether anything is to be put back."""
        gone = [entry for entry in self.objects.values() if entry.change == REMOVED]
        removed = {
            entry.object.id: Cause(entry.object.collection, entry.object.id, entry.name)
            for entry in gone
            if entry.object.collection not in ABOUT_OTHERS
        }
        for entry in self.objects.values():
            value = entry.value if entry.value is not None else self._value_before(entry.object)
            entry.privileged = self._power.of_object(entry.object.collection, entry.object.id, value)
            if not entry.privileged:
                entry.unseen_power = self._unseen_power.of_object(entry.object.collection)
            self._judge_application(entry, value)
            entry.synchronised = is_synchronised(value)
            if entry.change == REMOVED:
                about = [entry.object.id] if ABOUT_OTHERS.get(entry.object.collection) else []
                entry.follows_from = causes_of_object(removed, entry.object.parent, entry.value, about)
            if entry.change == CHANGED:
                _judge_changed(entry, value, removed)
            elif reason := why_nobody_writes(entry.object.collection):
                entry.why_none = reason
            elif entry.synchronised and entry.action != RESTORE:
                entry.why_none = ON_PREMISES
            if entry.why_none is not None:
                entry.action = NONE

    def _judge_application(self, entry: ObjectChange, value: Value) -> None:
        """A new secret, certificate or owner counts as what the application gives to whoever has or adds one."""
        collection, id_, _ = entry.object
        if collection not in HOLDERS or entry.change == REMOVED:
            return
        credential = has_new_credential(entry.value, entry.attributes, is_new=entry.change == ADDED)
        if credential or any((link.relation, link.change) == (OWNERS, ADDED) for link in entry.links):
            entry.powers = self._power.of_application(collection, id_, value)
            if entry.powers:
                entry.privileged, entry.unseen_power = NEW_CREDENTIAL if credential else NEW_OWNER, ()
            elif not entry.privileged:
                entry.unseen_power = self._unseen_power.of_application(collection, id_, value)

    def _value_before(self, id_: ObjectId) -> Value:
        """The object itself where only its relations differ: it is the same on both sides, and was read before."""
        return self._sides[0].value(key_of(KeyFields(*id_))) if id_.collection in JUDGED_BY_VALUE else None

    def _entry(self, id_: ObjectId) -> ObjectChange:
        return self.objects.setdefault(id_, ObjectChange(id_))

    def _is_hidden(self, fields: KeyFields, before: bytes | None, after: bytes | None) -> bool:
        """Whether the difference of these two lines (None: there is none) may be a gap's."""
        if self.blind_spots.hides(fields, was_absent=before is None, is_absent=after is None):
            return True
        if fields.collection != UNRESOLVED:
            return False
        return not leads_elsewhere(fields, value_in(before), value_in(after), self.blind_spots)


def _judge_changed(entry: ObjectChange, value: Value, removed: Mapping[str, Cause]) -> None:
    if not entry.attributes and all(link.change == REMOVED for link in entry.links):
        entry.follows_from = causes_of_links(removed, [link.id for link in entry.links])
    relations = [link.relation for link in entry.links]
    entry.why_none = why_none_of(entry.object.collection, value, entry.attributes, relations)


def _references_in(entry: ObjectChange) -> list[PolicyReference]:
    sides = ((change.path, side) for change in entry.attributes for side in (change.before, change.after))
    return [reference for path, side in sides for reference in policy_references_of(path, side)]


def _is_app_role(entry: ObjectChange) -> bool:
    return entry.object.collection == "appRoleAssignments"


def _id_of(fields: KeyFields) -> ObjectId:
    return ObjectId(fields.collection, fields.id, fields.parent)


def _described(snapshot: VerifiedSnapshot) -> dict[str, object]:
    manifest = snapshot.manifest
    return {
        "sequence": manifest.sequence,
        "taken_at": text_of_time(manifest.taken_at),
        "state_root": manifest.state_root.hex(),
        "manifest_sha256": manifest.sha256,
    }


def _is_wanted(fields: KeyFields, collections: Collection[str], ids: Collection[str]) -> bool:
    if not is_among(fields.collection, collections):
        return False
    return not ids or fields.id in ids or "/".join((*fields.parent[1::2], fields.id)) in ids


def _note_object(entry: ObjectChange, before: Value, after: Value) -> None:
    collection = entry.object.collection
    if before is None:
        entry.change = ADDED
        entry.action = SOFT_DELETE if collection in RECYCLE_BINS else DELETE
    elif after is None:
        entry.change, entry.action = REMOVED, RECREATE
    else:
        entry.attributes += attribute_changes_of(before, after)
    entry.value = before if after is None else after
    entry.name = name_in(entry.value) or name_in(before)
    if before is not None and after is not None:
        return
    if collection not in SHOWN_WHOLE:
        entry.traits = traits_of(collection, entry.value)
    else:
        changes = attribute_changes_of(before or {}, after or {})
        entry.attributes += [one for one in changes if one.before is not None or one.after is not None]


def _differs(entry: ObjectChange) -> bool:
    return entry.change != CHANGED or bool(entry.attributes or entry.links)
