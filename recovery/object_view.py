"""One object of a proved snapshot with its relations, joined from their parts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.graph.guid import GUID
from archiver.graph.suggestion import suggestion_for
from recovery.attribute import Value, value_of
from recovery.errors import AmbiguousIdError, UnknownObjectError
from recovery.kind_of_object import RECYCLE_BINS
from recovery.naming import Names, Target, key_of_target, name_in
from recovery.object_name import MAX_CANDIDATES, ObjectNames
from recovery.occurrence import gap_over, has_object
from recovery.side import Side
from verify.errors import MalformedError
from verify.gap import Gap
from verify.key import OBJECT, RELATION, fields_of
from verify.snapshot import VerifiedSnapshot

_GUID = re.compile(GUID, re.IGNORECASE)
"""RFC 9562, section 4: read in either case. Graph writes small letters, other programs of Microsoft's capitals."""
MAX_SHOWN = 200
"""Characters of a word from the command line that a message repeats."""

MAX_LISTED = 20
"""Ids that an error lists."""
MAX_NAMED = 1_000
"""Targets of one relation that are looked up for their names: a group may have all of a tenant as members."""


@dataclass
class ObjectView:
    """An object: its record's value, its relations by name, and the media types of its streams by name.

    `record` is None where only relations of the object are archived; `has_record` tells that from a value of null.
    """

    collection: str
    id: str
    parent: tuple[str, ...]
    record: Value = None
    has_record: bool = False
    relations: dict[str, list[Value]] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)


def object_view_of(snapshot: VerifiedSnapshot, collection: str, word: str) -> ObjectView:
    """Returns the object that `word` names: an id, PARENT_ID/ID for a contained one, or what people call it.

    Raises:
        UnknownObjectError: the snapshot has no such object.
        AmbiguousIdError: several objects have that id, under different parents, or that name.
        StrongroomError: what is read is not what was signed.
    """
    views = _views_by_id(snapshot, collection, word)
    if not views and word != word.lower() and _GUID.fullmatch(word):
        views = _views_by_id(snapshot, collection, word.lower())
    if not views and collection in snapshot.manifest.counts:
        names = ObjectNames(snapshot, collection)
        ids = names.ids_of(word)
        if len(ids) > 1:
            raise _ambiguous(f"several objects in {collection} are called {word[:MAX_SHOWN]!r}", ids)
        if not ids:
            raise _unknown(snapshot, collection, word, names)
        views = _views_by_id(snapshot, collection, ids[0])
    if not views:
        raise _unknown(snapshot, collection, word, None)
    if len(views) > 1:
        ids = ["/".join((*view.parent[1::2], view.id)) for view in views]
        raise _ambiguous(f"several objects in {collection} have the id {word}", ids)
    return views[0]


def _views_by_id(snapshot: VerifiedSnapshot, collection: str, word: str) -> list[ObjectView]:
    """The objects with an id, or the one at PARENT_ID/ID."""
    views = _views_of(snapshot, collection, word, None)
    if not views and "/" in word:
        *parents, id_ = word.split("/")
        views = _views_of(snapshot, collection, id_, tuple(parents))
    return views


def _ambiguous(what: str, ids: Sequence[str]) -> AmbiguousIdError:
    more = f" and {len(ids) - MAX_LISTED} more" if len(ids) > MAX_LISTED else ""
    return AmbiguousIdError(what, next_step=f"Name one of: {', '.join(ids[:MAX_LISTED])}{more}.")


def _unknown(snapshot: VerifiedSnapshot, collection: str, word: str, names: ObjectNames | None) -> UnknownObjectError:
    """The error for what a snapshot does not have; `names` are those in the collection, None where there is none."""
    manifest = snapshot.manifest
    number = manifest.sequence
    own = (gap for gap in manifest.gaps if gap.relation is None and gap.collection == collection)
    by_name = None if _GUID.fullmatch(word) else next(own, None)
    if gap := gap_over([snapshot], word, [collection]) or by_name:
        return UnknownObjectError(
            f"snapshot {number} may lack {word[:MAX_SHOWN]!r}: {gap.collection} could not be read whole ({gap.reason})",
            next_step="Look into another snapshot; `strongroom snapshots` lists them, with the number of their gaps.",
        )
    if names is None:
        return UnknownObjectError(
            f"snapshot {number} has nothing in a collection {collection[:MAX_SHOWN]!r}",
            next_step=suggestion_for(collection[:MAX_SHOWN], manifest.counts),
        )
    older = f"--snapshot {number - 1}" if number > 1 else ""
    what = f"snapshot {number} has no object {word[:MAX_SHOWN]!r} in {collection}"
    recycle_bin = RECYCLE_BINS.get(collection)
    if recycle_bin is not None and recycle_bin in manifest.counts and has_object(snapshot, recycle_bin, word):
        return UnknownObjectError(
            f"{what}: it was deleted, and is in {recycle_bin}",
            next_step=f"Ask for it in {recycle_bin}{f', or as it was in an older snapshot: {older}' if older else ''}.",
        )
    listed = ", ".join(_candidates(snapshot, collection, word, names))
    steps = [f"Did you mean {listed}?"] if listed else []
    if older:
        steps.append(f"An object that was deleted is in older snapshots: {older}; `strongroom snapshots` lists them.")
    return UnknownObjectError(what, next_step=" ".join(steps) or None)


def _candidates(snapshot: VerifiedSnapshot, collection: str, word: str, names: ObjectNames) -> list[str]:
    """Words to paste: collections and names that may be meant, the recycle bin's after those of the collection."""
    found = [(collection, close) for close in names.close_to(word)]
    recycle_bin = RECYCLE_BINS.get(collection)
    if recycle_bin is not None and recycle_bin in snapshot.manifest.counts:
        found += [(recycle_bin, close) for close in ObjectNames(snapshot, recycle_bin).close_to(word)]
    return [shlex.join([place, close[:MAX_SHOWN]]) for place, close in found[:MAX_CANDIDATES]]


def _views_of(
    snapshot: VerifiedSnapshot, collection: str, id_: str, parents: tuple[str, ...] | None
) -> list[ObjectView]:
    views: dict[tuple[str, ...], ObjectView] = {}
    try:
        records = snapshot.records_of(collection, id_)
    except MalformedError:  # no key can hold these words, so that no object has them
        return []
    for record in records:
        fields = fields_of(record.key)
        if parents is not None and fields.parent[1::2] != parents:
            continue
        view = views.setdefault(fields.parent, ObjectView(collection, id_, fields.parent))
        line = value_of(record.line)
        if not isinstance(line, dict):
            continue
        if fields.kind == OBJECT:
            view.record, view.has_record = line["value"], True
        elif fields.kind == RELATION:
            targets = line["value"]
            view.relations.setdefault(fields.name, []).extend(targets if isinstance(targets, list) else [])
        else:
            view.streams[fields.name] = str(line["type"])
    for view in views.values():
        for targets in view.relations.values():
            targets.sort(key=target_id_of)
    return list(views.values())


def gaps_of(snapshot: VerifiedSnapshot, view: ObjectView) -> list[Gap]:
    """The gaps that hide a part of the object: its own record where that is not there, and relations."""
    ids = (None, view.id, "/".join((*view.parent[1::2], view.id)))
    gaps = [gap for gap in snapshot.manifest.gaps if gap.collection == view.collection and gap.id in ids]
    return [gap for gap in gaps if not _is_filled(gap, view)]


def _is_filled(gap: Gap, view: ObjectView) -> bool:
    """Whether what a gap is about was read of this object after all: the gap is about others, or other parts."""
    if gap.relation is None:
        return view.has_record
    return gap.id is None and (gap.relation in view.relations or gap.relation in view.streams)


def link_names_of(snapshot: VerifiedSnapshot, view: ObjectView) -> dict[str, str]:
    """The names of what the object's relations lead to, by id; of each relation those of the first MAX_NAMED targets.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    side = Side(snapshot)
    links = [one for targets in view.relations.values() for one in targets[:MAX_NAMED] if isinstance(one, dict)]
    targets = [Target(str(one.get("@odata.type")), target_id_of(one)) for one in links]
    side.read(key for target in targets if (key := key_of_target(target)))
    names = Names([side])
    found = {target.id: names.of_target(target) or name_in(one) for target, one in zip(targets, links, strict=True)}
    return {id_: name for id_, name in found.items() if name}


def target_id_of(target: Value) -> str:
    """The id of a relation's target, by which targets are sorted."""
    return str(target.get("id")) if isinstance(target, dict) else ""
