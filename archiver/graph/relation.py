"""The targets of one relation of one object, as the parts that COMMANDS.md section 3 fixes.

A relation has the smallest power of two of parts that keeps their mean size at or under `MAX_MEAN_TARGETS`;
the leading bits of SHA-256 of a target's id say which part it is in. So the same members always give the
same parts, and one joiner rewrites one part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

import msgspec

from archiver.graph.canonical import canonical_value_of
from archiver.graph.errors import MalformedPageError, UnreadableTargetError
from archiver.graph.exact import string_of, text_of
from archiver.graph.page import values_of
from archiver.graph.plain import plain_targets_of
from archiver.graph.record import object_key
from verify.key import RELATION, KeyFields, Record

MAX_MEAN_TARGETS = 256
"""Targets in a part, on average, before the number of parts doubles (COMMANDS.md section 3)."""
_PLAIN_MEMBERS = frozenset({"@odata.type", "id"})
_HASH_BITS = 32
"""Leading bits of the digest that are looked at: enough for 2^32 parts."""
_CONTROL = re.compile("[\x00-\x1f]")
"""What no id of Graph's holds, and what entries are told apart by."""


class RelationShape(NamedTuple):
    """What a catalogue row says about one of its relations; a target keeps what `carries` names."""

    collection: str
    relation: str
    carries: frozenset[str]


def relation_records_of(shape: RelationShape, id_: str, pages: Iterable[bytes]) -> Iterator[Record]:
    """Gives the parts of one top-level object's relation from its pages, JSON arrays of targets as they came.

    A target that comes twice counts once; without targets there is no record.

    Raises:
        MalformedPageError, UnreadableTargetError: as `targets_of`.
    """
    entries = sorted_once([entry for page in pages for entry in targets_of(shape, page)])
    return part_records_of(shape, id_, entries, part_count_of(len(entries)))


def plain_relation_record_of(shape: RelationShape, id_: str, entries: list[bytes]) -> Record:
    """Gives the one part of a top-level object's relation from plain entries (`plain`), 1 to MAX_MEAN_TARGETS of them.

    Plain ids need no escaping and no checking; the record is the one that `relation_records_of` gives.
    """
    head, middle = _plain_frame(shape)
    name = id_.encode("ascii")
    targets = b",".join([entry[entry.index(0) + 1 :] for entry in sorted_once(entries)])
    return Record(
        b"%b\x00%b\x00\x00r%b\x0000000000" % (shape.collection.encode(), name, shape.relation.encode()),
        b"%b%b%b%b]}" % (head, name, middle, targets),
    )


@cache
def _plain_frame(shape: RelationShape) -> tuple[bytes, bytes]:
    """What stands before the id of a line with one part, and between the id and the targets."""
    head = f'{{"collection":{string_of(shape.collection)},"id":"'
    middle = f'","part":0,"parts":1,"relation":{string_of(shape.relation)},"value":['
    return head.encode("utf-8"), middle.encode("utf-8")


def targets_of(shape: RelationShape, page: bytes) -> list[bytes]:
    """Gives the targets in a page as entries `id 00 target`: 00 sorts before every byte of an id, so order is by id.

    Raises:
        MalformedPageError: a target is not canonicalisable, or has no usable id.
        UnreadableTargetError: null stands for a target, or for what is kept of it.
    """
    plain = plain_targets_of(page)
    return plain if plain is not None else [_entry_of(shape, one) for one in values_of(page)]


def sorted_once(entries: list[bytes]) -> list[bytes]:
    """Sorts entries by id and drops what came twice."""
    entries.sort()
    unique: list[bytes] = []
    last = b""
    for entry in entries:
        id_ = entry[: entry.index(0)]
        if id_ != last:
            unique.append(entry)
            last = id_
    return unique


def part_count_of(targets: int) -> int:
    """Gives the number of parts of a relation with so many targets."""
    count = 1
    while targets > MAX_MEAN_TARGETS * count:
        count *= 2
    return count


def part_records_of(shape: RelationShape, id_: str, entries: list[bytes], parts: int) -> Iterator[Record]:
    """Gives those of a relation's parts that these entries, sorted and each once, are in; all of each part."""
    for number, part in sorted(_divided(entries, parts).items()):
        fields = KeyFields(shape.collection, id_, (), RELATION, shape.relation, number)
        yield _part_record(shape, fields, parts, part)


def _divided(entries: list[bytes], parts: int) -> dict[int, list[bytes]]:
    if parts == 1:
        return {0: entries} if entries else {}
    divided: dict[int, list[bytes]] = {}
    bits = parts.bit_length() - 1
    for entry in entries:
        divided.setdefault(leading_bits_of(entry, bits), []).append(entry)
    return divided


def leading_bits_of(entry: bytes, bits: int) -> int:
    """Gives so many leading bits, 1 to 32, of the SHA-256 of the id in an entry."""
    return int.from_bytes(hashlib.sha256(entry[: entry.index(0)]).digest()[:4], "big") >> (_HASH_BITS - bits)


def _entry_of(shape: RelationShape, unverified: msgspec.Raw) -> bytes:
    value, text = canonical_value_of(unverified)
    kept = _PLAIN_MEMBERS | shape.carries
    if value is None or (isinstance(value, dict) and any(value.get(name, "") is None for name in kept)):
        raise UnreadableTargetError(
            f"Graph sends null in the place of a target of {shape.relation} of {shape.collection}: "
            "the app may not read what the relation leads to"
        )
    if not isinstance(value, dict):
        raise MalformedPageError(f"{shape.relation} of {shape.collection} holds something that is no object")
    id_ = value.get("id")
    if type(id_) is not str or not id_ or _CONTROL.search(id_):
        raise MalformedPageError(f"{shape.relation} of {shape.collection} holds a target without a usable id")
    if not value.keys() <= kept:
        text = text_of({name: member for name, member in value.items() if name in kept}).encode("utf-8")
    try:
        return id_.encode("utf-8") + b"\x00" + text
    except UnicodeEncodeError as error:
        raise MalformedPageError(f"a target of {shape.collection} has a lone surrogate in its id") from error


def _part_record(shape: RelationShape, fields: KeyFields, count: int, part: list[bytes]) -> Record:
    head = (
        f'{{"collection":{string_of(fields.collection)},"id":{string_of(fields.id)}'
        f',"part":{fields.part},"parts":{count},"relation":{string_of(shape.relation)},"value":['
    )
    targets = b",".join([entry[entry.index(0) + 1 :] for entry in part])
    return Record(object_key(fields), head.encode("utf-8") + targets + b"]}")
