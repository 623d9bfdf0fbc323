"""Referential closure: whatever a record names is in the snapshot, in the recycle bin, or listed as unresolved.

Lists are read beside each other while the tenant lives, so that a group may name a user who came after the users
were listed. Such newcomers are read by themselves, as long as there is a tenant to read; what nobody finds is a record
of its own, in the collection `unresolvedReferences`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from archiver.gathering.collection_reading import Children, read_newcomers
from archiver.gathering.gathered import Closure, Unresolved
from archiver.gathering.id_list import IdList
from archiver.gathering.named_ids import (
    BUCKETS,
    Part,
    bucket_of,
    is_guid,
    noted_part,
    packed_id,
    pairs_in,
    stand_in_of,
    take_away,
    text_of_id,
)
from archiver.gathering.page_work import keep_objects
from archiver.gathering.reading import Reading
from archiver.gathering.since import Dangling
from archiver.graph.record import RecordShape
from archiver.graph.reference import UNRESOLVED, Reference, load_references
from archiver.graph.row import Row
from verify.gap import Gap
from verify.key import RELATION

MAX_ASKED = 2000
"""Ids that are asked for one by one; more than that is no race of a reading with its tenant."""
MAX_LISTED = 10_000
"""Unresolved ids that become records; where there are more, a gap says so."""
MAX_KNOWN = 50_000
"""Unresolved ids that a reading by changes is told of, so that it counts as a reading of everything does; they take
10 MB of the file that tells it. Of more, these and the number."""
_CUT = "interrupted"
"""The reason of the gap: the list ends before its end."""
_ROUNDS = 3
"""A newcomer may name another one; whom those of the last round name is listed without having been asked for."""
_SHAPE = RecordShape(UNRESOLVED, "id", frozenset())


async def close_references(
    reading: Reading, rows: Sequence[Row], children: Children, dangling: Sequence[Dangling] = (), untold: int = 0
) -> Closure:
    """Reads newcomers until every id leads somewhere or nowhere, and keeps a record of each that leads nowhere.

    `dangling` are those of the epoch's full, for a reading by changes: who named them and was not read again still
    does. Nobody asks for them again. `untold` is how many there were besides.
    """
    judged, unjudged = _judged(reading, rows)
    by_collection = {row.collection: row for row in rows}
    still = _still_named(reading, judged, dangling)
    asked = {text_of_id(id_) for pairs in still.values() for id_ in pairs}
    for _ in range(_ROUNDS):
        unresolved, total = await _unresolved(reading, judged, still)
        wanted = {one.id: one.reference for one in unresolved if one.id not in asked}
        if not wanted or len(wanted) > MAX_ASKED:
            break
        asked |= wanted.keys()
        if not await _newcomers(reading, wanted, by_collection, children):
            break
    else:
        unresolved, total = await _unresolved(reading, judged, still)
    await _keep(reading, unresolved[:MAX_LISTED])
    total += untold if still else 0
    if total > MAX_LISTED:
        detail = f"{total} ids lead nowhere, of which the first {MAX_LISTED} are listed"
        reading.gaps.append(Gap(UNRESOLVED, None, None, _CUT, detail))
    return Closure(unresolved, total, unjudged, _lost(unresolved, judged, still, dangling, reading))


def _judged(reading: Reading, rows: Sequence[Row]) -> tuple[list[Reference], dict[str, str]]:
    """The places that are read and lead to collections that were read, and why others can't be judged."""
    relations = {row.collection: {relation.name for relation in row.relations} for row in rows}
    broken = {gap.collection for gap in reading.gaps if gap.relation is None and gap.id is None}
    judged, unjudged = list[Reference](), dict[str, str]()
    for reference in load_references():
        read = relations.get(reference.of)
        if read is None or (reference.relation is not None and reference.relation not in read):
            continue
        if left_out := [name for name in reference.to if name not in relations]:
            unjudged[reference.place] = f"{', '.join(left_out)}: not read"
        elif partly := [name for name in reference.to if name in broken]:
            unjudged[reference.place] = f"{', '.join(partly)}: not wholly read"
        else:
            judged.append(reference)
    return judged, unjudged


def _still_named(
    reading: Reading, judged: Sequence[Reference], dangling: Iterable[Dangling]
) -> dict[str, dict[bytes, str]]:
    """By place, ids that led nowhere in the epoch's full, with who names them in a record that was not read again."""
    references = {reference.place: reference for reference in judged}
    still: dict[str, dict[bytes, str]] = {}
    for one in dangling:
        reference = references.get(one.place)
        ids = None if reference is None else _read_again(reading, reference)
        if ids is not None and one.by.encode() not in ids:
            still.setdefault(one.place, {})[packed_id(one.id.encode())] = one.by
    return still


def _lost(
    unresolved: Sequence[Unresolved],
    judged: Sequence[Reference],
    still: Mapping[str, Mapping[bytes, str]],
    dangling: Sequence[Dangling],
    reading: Reading,
) -> list[str]:
    """The dangling ids whose namer was read again and does not name them any more, or not as the least one."""
    told = {reference.place for reference in judged if _read_again(reading, reference) is not None}
    found = {(one.id, one.reference.place, one.namer) for one in unresolved}
    return [
        one.id
        for one in dangling
        if one.place in told
        and packed_id(one.id.encode()) not in still.get(one.place, {})
        and (one.id, one.place, one.by) not in found
    ]


def _read_again(reading: Reading, reference: Reference) -> frozenset[bytes] | None:
    """The objects whose records that name in a place were read again; None where all of them were met."""
    again = reading.changes.again.get(reference.of)
    if again is None or reference.relation is None:
        return again.objects if again is not None else None
    return again.parts.get((RELATION + reference.relation).encode())


async def _unresolved(
    reading: Reading, judged: Sequence[Reference], still: Mapping[str, Mapping[bytes, str]]
) -> tuple[list[Unresolved], int]:
    """The ids that lead nowhere, once for each place that names them, up to MAX_KNOWN; and how many there are."""
    found: list[Unresolved] = []
    total = 0
    stood = {name: _in_buckets(ids) for name, ids in reading.changes.stood.items()}
    for number in range(BUCKETS):
        parts = await reading.from_each_worker(noted_part, number)
        texts = {stand_in: text for part in parts for stand_in, text in part.texts.items()}
        for reference in judged:
            missing = _named_in(parts, reference.place)
            _add_still_named(missing, texts, number, still.get(reference.place, {}))
            for collection in reference.homes:
                for part in parts:
                    take_away(missing, part.met.get(collection, b""))
                if collection in stood:
                    take_away(missing, stood[collection][number])
            total += len(missing)
            for id_, by in sorted(missing.items())[: MAX_KNOWN - len(found)]:
                found.append(Unresolved(text_of_id(id_), reference, texts.get(by) or text_of_id(by)))
    return found, total


def _named_in(parts: Sequence[Part], place: str) -> dict[bytes, bytes]:
    named: dict[bytes, bytes] = {}
    for part in parts:
        for id_, by in pairs_in(part.named.get(place, b"")).items():
            named[id_] = min(by, named.get(id_, by))
    return named


def _add_still_named(
    missing: dict[bytes, bytes], texts: dict[bytes, str], number: int, still: Mapping[bytes, str]
) -> None:
    """Adds the ids of a bucket that lead nowhere by records of the epoch's full."""
    for id_, by in still.items():
        if id_[0] == number:
            namer = packed_id(by.encode()) if is_guid(by) else stand_in_of(by.encode())
            texts |= {} if is_guid(by) else {namer: by}
            missing[id_] = min(namer, missing.get(id_, namer))


def _in_buckets(ids: IdList) -> list[bytearray]:
    """Ids that stand in the epoch's full and were not read again, as workers note those that are."""
    buckets = [bytearray() for _ in range(BUCKETS)]
    for id_ in ids:
        if is_guid(id_):
            buckets[bucket_of(id_)] += packed_id(id_.encode())
    return buckets


async def _newcomers(
    reading: Reading, wanted: Mapping[str, Reference], rows: Mapping[str, Row], children: Children
) -> bool:
    """Asks for ids where they may be at home, one collection after the other; whether any was found."""
    left = dict(wanted)
    for collection in dict.fromkeys(name for reference in wanted.values() for name in reference.to):
        row = rows[collection]
        ids = [id_ for id_, reference in left.items() if collection in reference.to]
        if row.kind != "list" or not ids:
            continue
        for id_ in await read_newcomers(reading, row, ids, children):
            del left[id_]
    return len(left) < len(wanted)


async def _keep(reading: Reading, unresolved: Sequence[Unresolved]) -> None:
    """Keeps a record of each id, with the places that name it and one namer in each."""
    namers: dict[str, list[dict[str, str]]] = {}
    for one in unresolved:
        namers.setdefault(one.id, []).append({"place": one.reference.place, "id": one.namer})
    values = [{"id": id_, "namedBy": by} for id_, by in namers.items()]
    if values:
        await (await reading.start_work(keep_objects, _SHAPE, msgspec.json.encode(values), (), reading.next_order()))
