"""What worker processes do with a page: canonicalise it, keep the records, and say which ids it held.

Ids come back joined by LF, which no id holds, so that a page's answer is one small object.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from archiver.gathering.sink import RecordWriter
from archiver.graph.canonical import canonical_value_of
from archiver.graph.errors import MalformedPageError, ReadError, UnreadableTargetError
from archiver.graph.large_relation import large_relation_records_of
from archiver.graph.page import members_of, values_of
from archiver.graph.plain import PlainExpansion, plain_expansions_of
from archiver.graph.record import RecordShape, id_in, records_of
from archiver.graph.relation import RelationShape, plain_relation_record_of, relation_records_of
from archiver.graph.repetition import Repetition
from archiver.graph.row import EXPAND_LIMIT
from archiver.graph.stream import stream_record_of
from verify.key import Record


class Expansion(NamedTuple):
    """What one page of an expanding pass says: objects whose relation is read, and those to read one by one.

    `contained` counts, for each of `done`, the objects in it that were kept; relations leave it empty.
    """

    done: bytes
    again: bytes
    contained: tuple[int, ...]


class KeptPages(NamedTuple):
    """What became of the pages of one object's relation: why they can't be kept, or whether some hide others."""

    error: ReadError | None
    hides_some: bool


class Unkept(NamedTuple):
    """An object whose relation could not be made into records, and why."""

    id: str
    error: ReadError


def keep_objects(writer: RecordWriter, shape: RecordShape, values: bytes, parent: tuple[str, ...], order: int) -> bytes:
    """Keeps the objects of a page and gives their ids.

    Raises:
        MalformedPageError: an object is not what COMMANDS.md section 3 allows; nothing of the page is kept.
    """
    records = records_of(shape, values, parent)
    writer.add(records, order)
    return b"\n".join([record.key.split(b"\x00", 2)[1] for record in records])


def keep_valued(writer: RecordWriter, shape: RecordShape, values: bytes, parent: tuple[str, ...], order: int) -> bytes:
    """Like `keep_objects`, without the objects that have nothing but their key: of no property asked for a value.

    Graph leaves out a directory extension that has none; null counts as none too.
    """
    kept = [value for value in values_of(values) if _has_value(value, shape.key)]
    return keep_objects(writer, shape, b"[" + b",".join(map(bytes, kept)) + b"]", parent, order)


def _has_value(unverified: msgspec.Raw, key: str) -> bool:
    members = members_of(bytes(unverified))
    return any(name != key and "@" not in name and value != b"null" for name, value in members.items())


def keep_single(writer: RecordWriter, shape: RecordShape, body: bytes, order: int) -> bytes:
    """Keeps an answer that is one object and gives its id.

    Raises:
        MalformedPageError: it is not what COMMANDS.md section 3 allows.
    """
    return keep_objects(writer, shape, b"[" + body + b"]", (), order)


def keep_expanded_relations(
    writer: RecordWriter, shape: RelationShape, key: str, reference: bool, values: bytes, order: int
) -> Expansion:
    """Keeps the relations that a page of objects brings along, where they are whole and can be read.

    Raises:
        MalformedPageError: the page is not what COMMANDS.md section 3 allows; nothing of it is kept.
    """
    plain = plain_expansions_of(values, key, shape.relation, reference)
    if plain is not None:
        return _keep_plain(writer, shape, plain, order)
    done, again, records = list[str](), list[str](), list[Record]()
    for id_, targets in _expanded_in(values, key, shape.relation, reference):
        try:
            if targets is not None:
                records += relation_records_of(shape, id_, [targets])
        except UnreadableTargetError:
            targets = None
        (again if targets is None else done).append(id_)
    writer.add(records, order)
    return Expansion("\n".join(done).encode(), "\n".join(again).encode(), ())


def _keep_plain(writer: RecordWriter, shape: RelationShape, plain: list[PlainExpansion], order: int) -> Expansion:
    done = [id_ for id_, entries in plain if len(entries) < EXPAND_LIMIT]
    again = [id_ for id_, entries in plain if len(entries) >= EXPAND_LIMIT]
    writer.add(
        [plain_relation_record_of(shape, id_, entries) for id_, entries in plain if 0 < len(entries) < EXPAND_LIMIT],
        order,
    )
    return Expansion("\n".join(done).encode(), "\n".join(again).encode(), ())


def keep_expanded_objects(
    writer: RecordWriter, shape: RecordShape, parent: str, key: str, expand: str, values: bytes, order: int
) -> Expansion:
    """Keeps the contained objects that a page of their parents brings along, where they are whole.

    Raises:
        MalformedPageError: the page is not what COMMANDS.md section 3 allows; nothing of it is kept.
    """
    done, again, contained, records = [], [], list[int](), list[Record]()
    for id_, objects in _expanded_in(values, key, expand, reference=False):
        if objects is None:
            again.append(id_)
        else:
            of_parent = records_of(shape, objects, (parent, id_))
            records += of_parent
            contained.append(len(of_parent))
            done.append(id_)
    writer.add(records, order)
    return Expansion("\n".join(done).encode(), "\n".join(again).encode(), tuple(contained))


def keep_relations(
    writer: RecordWriter, shape: RelationShape, read: list[tuple[str, bytes]], order: int
) -> list[Unkept]:
    """Keeps the relations of some objects, each from its only page; gives those that can't be kept."""
    unkept = []
    for id_, page in read:
        try:
            writer.add(relation_records_of(shape, id_, [page]), order)
        except (MalformedPageError, UnreadableTargetError) as error:
            unkept.append(Unkept(id_, error))
    return unkept


def keep_large_relation(
    writer: RecordWriter, shape: RelationShape, id_: str, pages: list[bytes], order: int
) -> KeptPages:
    """Keeps one object's relation from its pages, which were packed (`page.packed`)."""
    told: list[Repetition] = []
    try:
        for records in large_relation_records_of(shape, id_, pages, told.append):
            writer.add(records, order)
    except (MalformedPageError, UnreadableTargetError) as error:
        return KeptPages(error, hides_some=False)
    return KeptPages(None, told[0].hides_some)


def keep_stream(
    writer: RecordWriter, place: tuple[str, str, tuple[str, ...], str], type_: str, body: bytes, order: int
) -> None:
    """Keeps a stream; `place` is its collection, id, parent and name.

    Raises:
        MalformedPageError: no key can hold the id.
    """
    collection, id_, parent, name = place
    writer.add([stream_record_of(collection, id_, parent, name, type_, body)], order)


def ids_of_page(writer: RecordWriter, shape: RecordShape, values: bytes) -> bytes:
    """Gives the ids of a page whose objects are read by themselves; keeps nothing.

    Raises:
        MalformedPageError: an object has no usable id.
    """
    del writer
    return b"\n".join([id_in(canonical_value_of(value).value, shape).encode() for value in values_of(values)])


def expanded_reference(members: dict[str, bytes], relation: str) -> bytes:
    """Gives the target in an object's members, read with a reference expanded, as an array of none or one."""
    target = members.get(relation, b"null")
    return b"[]" if target == b"null" else b"[" + target + b"]"


def _expanded_in(values: bytes, key: str, relation: str, reference: bool) -> list[tuple[str, bytes | None]]:
    """Gives each object's id and its targets as an array, None where these may not be all.

    `$expand` gives at most `EXPAND_LIMIT` and no next link, so as many as that may be more; an absent
    collection was not expanded, and an absent reference has no target.
    """
    shape = RecordShape(relation, key, frozenset())
    expanded: list[tuple[str, bytes | None]] = []
    for unverified in values_of(values):
        members = members_of(bytes(unverified))
        id_ = id_in({key: canonical_value_of(members.get(key, b"null")).value}, shape)
        targets = members.get(relation)
        if reference:
            expanded.append((id_, b"[]" if targets in (None, b"null") else b"[" + (targets or b"") + b"]"))
        elif (
            targets is None
            or targets == b"null"
            or f"{relation}@odata.nextLink" in members
            or len(values_of(targets)) >= EXPAND_LIMIT
        ):
            expanded.append((id_, None))
        else:
            expanded.append((id_, targets))
    return expanded
