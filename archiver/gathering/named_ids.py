"""What a worker notes besides keeping records: the objects that there are, and the ids by which records name others.

A tenant of a million users has some ten million links, so that an id is 16 bytes here, in buckets by its first
digit, and of all records that name an object in one place the first is enough.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from archiver.gathering.sink import RecordWriter
from archiver.graph.guid import GUID, GUID_BYTES
from archiver.graph.reference import Reference, ids_at, load_references
from verify.key import OBJECT_ENDING, RELATION, Record

T = TypeVar("T")

BUCKETS = 16
"""One for each digit that an id may begin with: ids are compared a bucket at a time."""
_PAIR_BYTES = 2 * GUID_BYTES
_ROOM = 8 * 1024
"""Names in a bucket before those are dropped that came twice, or lead to what this worker has met."""
_DIGEST_BYTES = 8
"""Of the digest of a namer that is no GUID: with the place of its text behind it, a namer has its 16 bytes."""
_GROWTH = 1.5
"""By how much a bucket may grow after that, before it is done again."""

_GUID = re.compile(GUID.encode())
_TARGET = re.compile(rb'\{(?:"@odata\.type":"[^"]*",)?"id":"(' + _GUID.pattern + rb')"')
"""The beginning of a target in a canonical line: members stand sorted."""
_VALUE = msgspec.json.Decoder(dict[str, object])


class Part(NamedTuple):
    """One bucket. `met`: ids of 16 bytes side by side, by collection. `named`: an id and its namer, by place, without
    those that lead to what the same worker has met.

    `texts`: the namers in it whose id is no GUID, by the 16 bytes that stand for them.
    """

    met: dict[str, bytes]
    named: dict[str, bytes]
    texts: dict[bytes, str]


class NamedIds:
    """What one worker has noted."""

    def __init__(self) -> None:
        self._met: dict[str, list[bytearray]] = {}
        self._named: dict[str, _Place] = {}
        self._texts = bytearray()

    def meet(self, key: bytes) -> None:
        """Notes an object by its key, if its id is a GUID."""
        collection, id_, _ = key.split(b"\x00", 2)
        if _GUID.fullmatch(id_):
            buckets = self._met.setdefault(collection.decode(), [])
            if not buckets:
                buckets += [bytearray() for _ in range(BUCKETS)]
            buckets[int(id_[:1], 16)] += packed_id(id_)

    def name(self, reference: Reference, namer: bytes, ids: Iterable[bytes]) -> None:
        """Notes the ids that the object `namer` names in a place, GUIDs in lower case."""
        place = self._named.get(reference.place)
        if place is None:
            place = self._named[reference.place] = _Place(reference)
        by = self._namer(namer)
        for id_ in ids:
            number = int(id_[:1], 16)
            place.pairs[number] += packed_id(id_) + by
            if len(place.pairs[number]) > place.rooms[number]:
                place.keep(number, self._left(place, number))

    def _left(self, place: _Place, number: int) -> bytes:
        """The names in a bucket, each id once, without those that lead to what was met here."""
        left = pairs_in(place.pairs[number])
        for home in place.homes:
            if home in self._met:
                take_away(left, self._met[home][number])
        return b"".join(id_ + by for id_, by in left.items())

    def part(self, number: int) -> Part:
        """Gives one bucket of everything."""
        texts: dict[bytes, str] = {}
        return Part(
            {collection: bytes(buckets[number]) for collection, buckets in self._met.items()},
            {name: self._spelt(self._left(place, number), texts) for name, place in self._named.items()},
            texts,
        )

    def _spelt(self, pairs: bytes, texts: dict[bytes, str]) -> bytes:
        """Puts digests in the place of namers whose text only this worker knows, and the texts into `texts`."""
        spelt = bytearray(pairs)
        for at in range(GUID_BYTES, len(pairs), _PAIR_BYTES):
            text = self._text_at(pairs[at : at + GUID_BYTES])
            if text is not None:
                stand_in = stand_in_of(text)
                spelt[at : at + GUID_BYTES] = stand_in
                texts[stand_in] = text.decode()
        return bytes(spelt)

    def _namer(self, id_: bytes) -> bytes:
        """The 16 bytes that stand for a namer here: its GUID, or a digest and the place of its text, which has no LF.

        The byte between the two is 0, and no GUID has that there (RFC 9562 section 4.1, variant).
        """
        if _GUID.fullmatch(id_):
            return packed_id(id_)
        place = len(self._texts)
        self._texts += id_ + b"\n"
        return stand_in_of(id_)[:_DIGEST_BYTES] + place.to_bytes(GUID_BYTES - _DIGEST_BYTES)

    def _text_at(self, namer: bytes) -> bytes | None:
        place = int.from_bytes(namer[_DIGEST_BYTES:])
        if namer[_DIGEST_BYTES] or place >= len(self._texts):
            return None
        return bytes(self._texts[place : self._texts.index(b"\n", place)])


class _Place:
    """What is named in one place: pairs of an id and its namer, in buckets, and the room that each of them has."""

    def __init__(self, reference: Reference) -> None:
        self.homes = reference.homes
        self.pairs = [bytearray() for _ in range(BUCKETS)]
        self.rooms = [_ROOM * _PAIR_BYTES] * BUCKETS

    def keep(self, number: int, pairs: bytes) -> None:
        """Puts pairs in the place of a bucket's."""
        self.pairs[number] = bytearray(pairs)
        self.rooms[number] = max(_ROOM * _PAIR_BYTES, int(_GROWTH * len(pairs)))


def is_guid(id_: str) -> bool:
    """Whether an id is a GUID in lower case: nothing else is noted."""
    return _GUID.fullmatch(id_.encode()) is not None


def packed_id(guid: bytes) -> bytes:
    """Gives the 16 bytes of a GUID in lower case."""
    return bytes.fromhex(guid.replace(b"-", b"").decode())


def stand_in_of(text: bytes) -> bytes:
    """Gives the 16 bytes that stand for an id that is no GUID."""
    return hashlib.sha256(text).digest()[:GUID_BYTES]


def text_of_id(packed: bytes) -> str:
    """Gives the GUID of 16 bytes."""
    text = packed.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def pairs_in(pairs: bytes | bytearray) -> dict[bytes, bytes]:
    """Gives the ids in `Part.named`, each with its least namer: of two readings of one tenant, both give the same."""
    content = bytes(pairs)
    ids = [content[at : at + GUID_BYTES] for at in range(0, len(content), _PAIR_BYTES)]
    namers = [content[at : at + GUID_BYTES] for at in range(GUID_BYTES, len(content), _PAIR_BYTES)]
    return dict(sorted(zip(ids, namers, strict=True), reverse=True))


def take_away(pairs: dict[bytes, bytes], ids: bytes | bytearray) -> None:
    """Takes away the pairs of ids that stand side by side in `ids`."""
    content = bytes(ids)
    for at in range(0, len(content) if pairs else 0, GUID_BYTES):
        pairs.pop(content[at : at + GUID_BYTES], None)


class _NotingWriter:
    """A writer that notes ids on the way. Of what is read twice, both readings count: one of them was true."""

    def __init__(self, writer: RecordWriter, noted: NamedIds) -> None:
        self._writer = writer
        self._noted = noted

    def add(self, records: Iterable[Record], order: int) -> None:
        kept = list(records)
        self._writer.add(kept, order)
        for record in kept:
            _note(self._noted, record)


def _note(noted: NamedIds, record: Record) -> None:
    collection, id_, _, kind_name, _ = record.key.split(b"\x00")
    if record.key.endswith(OBJECT_ENDING):
        noted.meet(record.key)
    elif not kind_name.startswith(RELATION.encode()):
        return
    for reference in _references().get((collection, kind_name[1:]), ()):
        noted.name(reference, id_, _ids_in(record.line, reference))


def _ids_in(line: bytes, reference: Reference) -> list[bytes]:
    if reference.path is None:
        return _TARGET.findall(line)
    value = _VALUE.decode(line)["value"]
    values = value if reference.relation is not None and isinstance(value, list) else [value]
    return [id_.encode() for one in values for id_ in ids_at(one, reference.path)]


@cache
def _references() -> Mapping[tuple[bytes, bytes], tuple[Reference, ...]]:
    """References by collection and relation; objects have an empty relation."""
    found: dict[tuple[bytes, bytes], tuple[Reference, ...]] = {}
    for reference in load_references():
        place = reference.of.encode(), (reference.relation or "").encode()
        found[place] = (*found.get(place, ()), reference)
    return found


_noted: WeakKeyDictionary[RecordWriter, NamedIds] = WeakKeyDictionary()
"""What each writer of this process has noted: in a worker there is one."""


def work_and_note(writer: RecordWriter, work: Callable[..., T], *args: object) -> T:
    """Does work in a worker, and notes the ids in what it keeps."""
    noting: RecordWriter = _NotingWriter(writer, _noted.setdefault(writer, NamedIds()))
    return work(noting, *args)


def noted_part(writer: RecordWriter, number: int) -> Part:
    """Gives a bucket of what this worker has noted."""
    return _noted.setdefault(writer, NamedIds()).part(number)
