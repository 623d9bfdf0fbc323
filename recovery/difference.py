"""The difference of two proved snapshots: by object, attribute and link, with the action that would put it back.

A deleted object that lies in the recycle bin is one entry (removed, action restore), not one that is gone and
one that is new. What a gap hides is unknown: it is listed, and never counted as removed or unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from recovery.attribute import AttributeChange, Value, attribute_changes_of, value_of
from recovery.kind_of_object import BINS, RECYCLE_BINS, SHOWN_WHOLE
from recovery.naming import Names, mentioned_ids_of, name_in
from recovery.row_difference import RowChange, row_changes_of
from verify.key import OBJECT, RELATION, KeyFields, fields_of
from verify.snapshot import VerifiedSnapshot

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
UPDATE, RESTORE, RECREATE, SOFT_DELETE, DELETE = "update", "restore", "recreate", "soft-delete", "delete"


class ObjectId(NamedTuple):
    """Which object: collection, id, and the parents that contain it."""

    collection: str
    id: str
    parent: tuple[str, ...]


class LinkChange(NamedTuple):
    """One target of a relation that was added or removed. `name` is None where nobody knows it."""

    relation: str
    id: str
    name: str | None
    change: str


@dataclass
class ObjectChange:
    """What differs about one object. `value` is the object after, or before if it is gone."""

    object: ObjectId
    change: str = CHANGED
    action: str = UPDATE
    name: str | None = None
    value: Value = None
    attributes: list[AttributeChange] = field(default_factory=list)
    links: list[LinkChange] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The entry of `diff --json`. Nobody is named as actor: this version archives no audit log."""
        return {
            "collection": self.object.collection,
            "id": self.object.id,
            "parent": list(self.object.parent),
            "name": self.name,
            "change": self.change,
            "action": self.action,
            "attributes": [change._asdict() for change in self.attributes],
            "links": [link._asdict() for link in self.links],
            "actor": None,
        }


@dataclass(frozen=True)
class Difference:
    """All that differs, and what is unknown because a snapshot has a gap there."""

    before: VerifiedSnapshot
    after: VerifiedSnapshot
    objects: Sequence[ObjectChange]
    unknown: Sequence[Mapping[str, object]]

    def document(self) -> dict[str, Any]:
        """The document of `diff --json`."""
        return {
            "before": _described(self.before),
            "after": _described(self.after),
            "simulated": self.after.manifest.simulated,
            "summary": self.summary(),
            "unknown": list(self.unknown),
            "objects": [change.document() for change in self.objects],
        }

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
    changes = [
        (fields, change)
        for change in row_changes_of(before, after)
        if _is_wanted(fields := fields_of(change.key), collections, ids)
    ]
    old = _values_of(before, [change.key for _, change in changes if change.before])
    new = _values_of(after, [change.key for _, change in changes if change.after])
    unknown = _Unknown(before, after)
    objects: dict[ObjectId, ObjectChange] = {}
    targets: dict[ObjectId, list[tuple[str, Mapping[str, Value], Mapping[str, Value]]]] = {}
    for fields, change in changes:
        id_ = ObjectId(fields.collection, fields.id, fields.parent)
        if unknown.hides(fields, change):
            continue
        entry = objects.setdefault(id_, ObjectChange(id_))
        if fields.kind == OBJECT:
            _note_object(entry, old.get(change.key), new.get(change.key))
        elif fields.kind == RELATION:
            targets.setdefault(id_, []).append(
                (fields.name, _targets_in(old.get(change.key)), _targets_in(new.get(change.key)))
            )
        else:
            entry.attributes.append(AttributeChange(f"/{fields.name}", _digest(change.before), _digest(change.after)))
    for id_, parts in targets.items():
        objects[id_].links = _links_of(parts)
    _fold_recycle_bin(objects)
    _put_names(objects, before, after)
    ordered = sorted(objects.values(), key=lambda one: one.object)
    return Difference(before, after, [one for one in ordered if _differs(one)], unknown.listed())


def _described(snapshot: VerifiedSnapshot) -> dict[str, object]:
    manifest = snapshot.manifest
    return {
        "sequence": manifest.sequence,
        "taken_at": manifest.taken_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "state_root": manifest.state_root.hex(),
        "manifest_sha256": manifest.sha256,
    }


def _is_wanted(fields: KeyFields, collections: Collection[str], ids: Collection[str]) -> bool:
    if collections and fields.collection not in collections:
        return BINS.get(fields.collection) in collections
    return not ids or fields.id in ids or "/".join((*fields.parent[1::2], fields.id)) in ids


def _values_of(snapshot: VerifiedSnapshot, keys: Sequence[bytes]) -> dict[bytes, Value]:
    values: dict[bytes, Value] = {}
    for record in snapshot.lines(keys):
        line = value_of(record.line)
        values[record.key] = line.get("value") if isinstance(line, dict) else None
    return values


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
    if collection in SHOWN_WHOLE and (before is None or after is None):
        changes = attribute_changes_of(before or {}, after or {})
        entry.attributes += [one for one in changes if one.before is not None or one.after is not None]


def _targets_in(value: Value) -> dict[str, Value]:
    """Targets of one part of a relation, by id."""
    if not isinstance(value, list):
        return {}
    return {str(target["id"]): target for target in value if isinstance(target, Mapping) and "id" in target}


def _links_of(
    parts: Iterable[tuple[str, Mapping[str, Value], Mapping[str, Value]]],
) -> list[LinkChange]:
    """Links added and removed over all parts that differ; a target that only moved between parts is neither."""
    before: dict[tuple[str, str], Value] = {}
    after: dict[tuple[str, str], Value] = {}
    for relation, old, new in parts:
        before |= {(relation, id_): target for id_, target in old.items()}
        after |= {(relation, id_): target for id_, target in new.items()}
    gone = [LinkChange(*link, name_in(before[link]), REMOVED) for link in before.keys() - after.keys()]
    come = [LinkChange(*link, name_in(after[link]), ADDED) for link in after.keys() - before.keys()]
    return sorted([*gone, *come])


def _differs(entry: ObjectChange) -> bool:
    return entry.change != CHANGED or bool(entry.attributes or entry.links)


def _digest(record_hash: bytes | None) -> str | None:
    return None if record_hash is None else f"sha256:{record_hash.hex()}"


def _fold_recycle_bin(objects: dict[ObjectId, ObjectChange]) -> None:
    """Makes one entry of an object that moved to the recycle bin or came back from it."""
    for bin_id in [id_ for id_ in objects if id_.collection in BINS]:
        id_ = ObjectId(BINS[bin_id.collection], bin_id.id, bin_id.parent)
        entry, binned = objects.get(id_), objects[bin_id]
        if entry is None:
            continue
        if (entry.change, binned.change) == (REMOVED, ADDED):
            entry.action = RESTORE
            del objects[bin_id]
        elif (entry.change, binned.change) == (ADDED, REMOVED):
            del objects[bin_id]


def _put_names(objects: Mapping[ObjectId, ObjectChange], before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
    """Puts names beside ids that the changes themselves do not name."""
    ids = [link.id for entry in objects.values() for link in entry.links if link.name is None]
    nameless = [entry for entry in objects.values() if entry.name is None]
    ids += [id_ for entry in nameless for id_ in mentioned_ids_of(entry.value)]
    own = [(entry.object.collection, entry.object.id, entry.object.parent) for entry in nameless]
    names = Names(ids, own, [after, before])
    for entry in objects.values():
        entry.links = [link._replace(name=names.of_id(link.id)) if link.name is None else link for link in entry.links]
    for entry in nameless:
        mentioned = [name for id_ in mentioned_ids_of(entry.value) if (name := names.of_id(id_))]
        entry.name = names.of_object(*entry.object) or " → ".join(mentioned) or None


class _Unknown:
    """What gaps hide: a removal where the later snapshot could not look, an addition where the earlier could not."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        self._gaps = {"before": before.manifest.gaps, "after": after.manifest.gaps}
        self._places = {
            side: {(gap.collection, gap.relation, gap.id) for gap in gaps} for side, gaps in self._gaps.items()
        }

    def hides(self, fields: KeyFields, change: RowChange) -> bool:
        """Whether the absence of this record may be the gap's, and not the tenant's."""
        relation = fields.name if fields.kind == RELATION else None
        for side, absent in (("before", change.before is None), ("after", change.after is None)):
            places = self._places[side]
            if relation is not None and {
                (fields.collection, relation, fields.id), (fields.collection, relation, None)
            } & places:  # fmt: skip
                return True
            if absent and {(fields.collection, None, None), (fields.collection, None, fields.id)} & places:
                return True
        return False

    def listed(self) -> list[dict[str, object]]:
        """Every gap of either snapshot, with the side that has it."""
        return [{**gap._asdict(), "in": side} for side, gaps in self._gaps.items() for gap in gaps]
