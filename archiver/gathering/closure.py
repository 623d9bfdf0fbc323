"""Referential closure: whatever a record names is in the snapshot, in the recycle bin, or listed as unresolved.

Lists are read beside each other while the tenant lives, so that a group may name a user who came after the users
were listed. Such newcomers are read by themselves, as long as there is a tenant to read; what nobody finds is a record
of its own, in the collection `unresolvedReferences`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from archiver.gathering.collection_reading import Children, read_newcomers
from archiver.gathering.gathered import Closure, Unresolved
from archiver.gathering.id_list import IdList
from archiver.gathering.named_ids import (
    BUCKETS,
    Part,
    is_guid,
    noted_part,
    packed_id,
    pairs_in,
    take_away,
    text_of_id,
)
from archiver.gathering.page_work import keep_objects
from archiver.gathering.reading import Reading
from archiver.graph.record import RecordShape
from archiver.graph.reference import Reference, load_references
from archiver.graph.row import Row

UNRESOLVED = "unresolvedReferences"
"""The collection of ids that lead nowhere."""
MAX_ASKED = 2000
"""Ids that are asked for one by one; more than that is no race of a reading with its tenant."""
MAX_LISTED = 10_000
"""Unresolved ids that become records; of more, these and the number."""
_ROUNDS = 3
"""A newcomer may name another one; whom those of the last round name is listed without having been asked for."""
_SHAPE = RecordShape(UNRESOLVED, "id", frozenset())


async def close_references(reading: Reading, rows: Sequence[Row], children: Children) -> Closure:
    """Reads newcomers until every id leads somewhere or nowhere, and keeps a record of each that leads nowhere."""
    judged, unjudged = _judged(reading, rows)
    by_collection = {row.collection: row for row in rows}
    asked: set[str] = set()
    for _ in range(_ROUNDS):
        unresolved, total = await _unresolved(reading, judged)
        wanted = {one.id: one.reference for one in unresolved if one.id not in asked}
        if not wanted or len(asked) + len(wanted) > MAX_ASKED:
            break
        asked |= wanted.keys()
        if not await _newcomers(reading, wanted, by_collection, children):
            break
    else:
        unresolved, total = await _unresolved(reading, judged)
    await _keep(reading, unresolved)
    return Closure(unresolved, total, unjudged)


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


async def _unresolved(reading: Reading, judged: Sequence[Reference]) -> tuple[list[Unresolved], int]:
    """The ids that lead nowhere, once for each place that names them, up to MAX_LISTED; and how many there are."""
    found: list[Unresolved] = []
    total = 0
    stood = {name: _in_buckets(ids) for name, ids in reading.changes.stood.items()}
    for number in range(BUCKETS):
        parts = await reading.from_each_worker(noted_part, number)
        texts = {stand_in: text for part in parts for stand_in, text in part.texts.items()}
        for reference in judged:
            missing = _named_in(parts, reference.place)
            for collection in reference.homes:
                for part in parts:
                    take_away(missing, part.met.get(collection, b""))
                if collection in stood:
                    take_away(missing, stood[collection][number])
            total += len(missing)
            for id_, by in sorted(missing.items())[: MAX_LISTED - len(found)]:
                found.append(Unresolved(text_of_id(id_), reference, texts.get(by) or text_of_id(by)))
    return found, total


def _named_in(parts: Sequence[Part], place: str) -> dict[bytes, bytes]:
    named: dict[bytes, bytes] = {}
    for part in parts:
        named |= pairs_in(part.named.get(place, b""))
    return named


def _in_buckets(ids: IdList) -> list[bytearray]:
    """Ids that stand in the epoch's full and were not read again, as workers note those that are."""
    buckets = [bytearray() for _ in range(BUCKETS)]
    for id_ in ids:
        if is_guid(id_):
            buckets[int(id_[0], 16)] += packed_id(id_.encode())
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
