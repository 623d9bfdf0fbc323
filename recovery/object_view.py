"""One object of a proved snapshot with its relations, joined from their parts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archiver.graph.guid import id_as_graph_writes
from archiver.graph.suggestion import suggestion_for
from recovery.attribute import Value, value_of
from recovery.errors import AmbiguousIdError, UnknownObjectError
from recovery.kind_of_object import RECYCLE_BINS
from recovery.naming import Names, Target, key_of_target, name_in
from recovery.near_names import MAX_CANDIDATES
from recovery.object_name import MAX_LISTED, UNIQUE, NameSearch, is_id
from recovery.occurrence import gap_over, has_object, records_at
from recovery.side import Side
from verify.gap import Gap
from verify.key import OBJECT, RELATION, KeyFields, Record, fields_of
from verify.snapshot import VerifiedSnapshot

MAX_SHOWN = 200
"""Characters of a word from the command line that a message repeats."""
MAX_NAMED = 1_000
"""Targets of one relation that are looked up for their names: a group may have all of a tenant as members."""


@dataclass
class ObjectView:
    """An object: its record's value, its relations by name, and the media types of its streams by name.

    `record` is None where only relations of the object are archived; `has_record` tells that from a value of null.
    `found_by` is the member that holds the word by which it was asked for.
    """

    collection: str
    id: str
    parent: tuple[str, ...]
    record: Value = None
    has_record: bool = False
    relations: dict[str, list[Value]] = field(default_factory=dict)
    streams: dict[str, str] = field(default_factory=dict)
    found_by: str = "id"


def object_view_of(snapshot: VerifiedSnapshot, collection: str, word: str) -> ObjectView:
    """Returns the object that `word` names: an id, PARENT_ID/ID for a contained one, or what people call it.

    Raises:
        UnknownObjectError: the snapshot has no such object.
        AmbiguousIdError: several objects have that id, under different parents, or that name.
        StrongroomError: what is read is not what was signed.
    """
    for spelling in dict.fromkeys((word, _as_graph_writes(word))):
        views = _views_of(records_at(snapshot, collection, spelling))
        if len(views) > 1:
            what = f"several objects in {collection} have the id {word[:MAX_SHOWN]}"
            raise _ambiguous(what, [KeyFields(collection, view.id, view.parent) for view in views], len(views))
        if views:
            return views[0]
    search = NameSearch(snapshot, collection, word) if collection in snapshot.manifest.counts else None
    bearers = search.bearers if search else None
    if bearers is None or (bearers.member not in UNIQUE and _is_in_bin(snapshot, collection, word)):
        raise _unknown(snapshot, collection, word, search)
    if bearers.total > 1:
        what = f"several objects in {collection} are called {word[:MAX_SHOWN]!r}"
        raise _ambiguous(what, bearers.places, bearers.total)
    (place,) = bearers.places
    all_of_id = ((fields_of(record.key), record) for record in snapshot.records_of(collection, place.id))
    (view,) = _views_of(found for found in all_of_id if found[0].parent == place.parent)
    view.found_by = bearers.member
    return view


def _as_graph_writes(word: str) -> str:
    return "/".join(map(id_as_graph_writes, word.split("/")))


def _ambiguous(what: str, places: Sequence[KeyFields], total: int) -> AmbiguousIdError:
    listed = ", ".join(_word_for(place) for place in places[:MAX_LISTED])
    more = f" and {total - MAX_LISTED} more" if total > MAX_LISTED else ""
    return AmbiguousIdError(what, next_step=f"Name one of: {listed}{more}.")


def _word_for(place: KeyFields) -> str:
    """The word that names an object by its key: ID, or PARENT_ID/ID."""
    return "/".join((*place.parent[1::2], place.id))


def _is_in_bin(snapshot: VerifiedSnapshot, collection: str, word: str) -> bool:
    recycle_bin = RECYCLE_BINS.get(collection)
    return recycle_bin in snapshot.manifest.counts and has_object(snapshot, str(recycle_bin), _as_graph_writes(word))


def _unknown(snapshot: VerifiedSnapshot, collection: str, word: str, search: NameSearch | None) -> UnknownObjectError:
    """The error for what a snapshot does not have; `search` looked for its name, None where no such collection is."""
    manifest = snapshot.manifest
    number = manifest.sequence
    own = (gap for gap in manifest.gaps if gap.relation is None and gap.collection == collection)
    by_name = None if is_id(word) else next(own, None)
    if gap := gap_over([snapshot], _as_graph_writes(word), [collection]) or by_name:
        return UnknownObjectError(
            f"snapshot {number} may lack {word[:MAX_SHOWN]!r}: {gap.collection} could not be read whole ({gap.reason})",
            next_step="Look into another snapshot; `strongroom snapshots` lists them, with the number of their gaps.",
        )
    if search is None:
        return UnknownObjectError(
            f"snapshot {number} has nothing in a collection {collection[:MAX_SHOWN]!r}",
            next_step=suggestion_for(collection[:MAX_SHOWN], manifest.counts),
        )
    older = f"--snapshot {number - 1}" if number > 1 else ""
    what = f"snapshot {number} has no object {word[:MAX_SHOWN]!r} in {collection}"
    recycle_bin = RECYCLE_BINS.get(collection)
    near = [(collection, name) for name in search.near]
    if recycle_bin is not None and recycle_bin in manifest.counts:
        in_bin = NameSearch(snapshot, recycle_bin, word)
        asked = _words_in_bin(snapshot, recycle_bin, word, in_bin)
        if asked:
            return UnknownObjectError(
                f"{what}: it was deleted, and is in {recycle_bin}",
                next_step=f"Ask for it in {asked}{f', or as it was in an older snapshot: {older}' if older else ''}.",
            )
        near += [(recycle_bin, name) for name in in_bin.near]
    listed = ", ".join(shlex.join([place, name[:MAX_SHOWN]]) for place, name in near[:MAX_CANDIDATES])
    steps = [f"Did you mean {listed}?"] if listed else []
    if older:
        steps.append(f"An object that was deleted is in older snapshots: {older}; `strongroom snapshots` lists them.")
    return UnknownObjectError(what, next_step=" ".join(steps) or None)


def _words_in_bin(snapshot: VerifiedSnapshot, recycle_bin: str, word: str, search: NameSearch) -> str | None:
    """Where a deleted object is asked for: the bin, and its id where it is known by another word; None if not there."""
    if has_object(snapshot, recycle_bin, _as_graph_writes(word)):
        return recycle_bin
    found = search.bearers if search.bearers and search.bearers.member in UNIQUE else search.deleted
    return " or ".join(shlex.join([recycle_bin, _word_for(place)]) for place in found.places) or None


def _views_of(found: Iterable[tuple[KeyFields, Record]]) -> list[ObjectView]:
    views: dict[tuple[str, tuple[str, ...]], ObjectView] = {}
    for fields, record in found:
        view = views.setdefault((fields.id, fields.parent), ObjectView(fields.collection, fields.id, fields.parent))
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
