"""What a worker notes besides keeping records: the objects that there are, and the ids by which records name others.

A tenant of a million users has some ten million links, so that an id is 16 bytes here, in buckets by its first
digits; names are set aside on disk, and of all records that name an object in one place the least is enough.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from archiver.gathering.sink import AsideWriter, RecordWriter
from archiver.graph.guid import GUID, GUID_BYTES
from archiver.graph.reference import Reference, ids_at, load_references
from verify.key import OBJECT_ENDING, RELATION, Record

T = TypeVar("T")

BUCKETS = 256
"""One for each pair of digits that an id may begin with: ids are compared a bucket at a time."""
_PAIR_BYTES = 2 * GUID_BYTES
_HELD_BYTES = 4 * 1024 * 1024
"""Names that a worker holds in memory before it sets them aside, as bytes of pairs and texts."""

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
    """What one worker has noted. Objects stay in memory, 16 bytes each; names are set aside."""

    def __init__(self) -> None:
        self._met: dict[str, list[bytearray]] = {}
        self._homes: dict[str, tuple[str, ...]] = {}
        self._buckets = [_Bucket() for _ in range(BUCKETS)]
        self._held = 0

    def meet(self, key: bytes) -> None:
        """Notes an object by its key, if its id is a GUID."""
        collection, id_, _ = key.split(b"\x00", 2)
        if _GUID.fullmatch(id_):
            buckets = self._met.setdefault(collection.decode(), [])
            if not buckets:
                buckets += [bytearray() for _ in range(BUCKETS)]
            buckets[bucket_of(id_)] += packed_id(id_)

    def name(self, reference: Reference, namer: bytes, ids: Iterable[bytes]) -> None:
        """Notes the ids that the object `namer` names in a place, GUIDs in lower case."""
        place = reference.place
        self._homes[place] = reference.homes
        text = b"" if _GUID.fullmatch(namer) else namer + b"\n"
        by = stand_in_of(namer) if text else packed_id(namer)
        for id_ in ids:
            self._buckets[bucket_of(id_)].add(place, packed_id(id_) + by, text)
            self._held += _PAIR_BYTES + len(text)

    def make_room(self, writer: AsideWriter) -> None:
        """Sets the names aside where they are too many to be held. Raises SpoolError."""
        if self._held > _HELD_BYTES:
            for bucket in self._buckets:
                bucket.set_aside(writer)
            self._held = 0

    def part(self, number: int, writer: AsideWriter) -> Part:
        """Gives one bucket of everything. Raises SpoolError: what was set aside can't be read."""
        bucket = self._buckets[number]
        named, texts = bucket.content(writer)
        left = {place: self._left(place, number, pairs) for place, pairs in named.items()}
        namers = {by for pairs in left.values() for by in pairs.values()}
        used = {stand_in: text for stand_in, text in texts.items() if stand_in in namers}
        packed = {place: _packed(pairs) for place, pairs in left.items()}
        bucket.put(writer, packed, used)
        met = {collection: bytes(buckets[number]) for collection, buckets in self._met.items()}
        return Part(met, packed, {stand_in: text.decode() for stand_in, text in used.items()})

    def _left(self, place: str, number: int, pairs: bytes) -> dict[bytes, bytes]:
        """The names in a bucket, each id once, without those that lead to what was met here."""
        left = pairs_in(pairs)
        for home in self._homes[place]:
            if home in self._met:
                take_away(left, self._met[home][number])
        return left


class _Bucket:
    """Names that begin alike: pairs of an id and its namer by place, and the texts of namers that are no GUID.

    Of each pair whose namer has 16 bytes that only stand for it, the text lies in the same bucket.
    """

    __slots__ = ("_aside", "_pairs", "_texts")

    def __init__(self) -> None:
        self._pairs: dict[str, bytearray] = {}
        self._texts = bytearray()
        self._aside: list[int] = []

    def add(self, place: str, pair: bytes, text: bytes) -> None:
        """Takes a pair, and the text of its namer with an LF behind it, which no id holds; empty for a GUID."""
        pairs = self._pairs.get(place)
        if pairs is None:
            pairs = self._pairs[place] = bytearray()
        pairs += pair
        self._texts += text

    def set_aside(self, writer: AsideWriter) -> None:
        """Puts what is held out of memory. Raises SpoolError."""
        if self._pairs:
            held = _Aside(bytes(self._texts), {place: bytes(pairs) for place, pairs in self._pairs.items()})
            self._aside.append(writer.set_aside(_ENCODER.encode(held)))
            self._pairs, self._texts = {}, bytearray()

    def content(self, writer: AsideWriter) -> tuple[dict[str, bytes], dict[bytes, bytes]]:
        """Gives all pairs by place, and texts by what stands for them. Raises SpoolError."""
        blocks = [_DECODER.decode(writer.aside(number)) for number in self._aside]
        blocks.append(_Aside(bytes(self._texts), {place: bytes(pairs) for place, pairs in self._pairs.items()}))
        places = dict.fromkeys(place for block in blocks for place in block.pairs)
        pairs = {place: b"".join([block.pairs.get(place, b"") for block in blocks]) for place in places}
        texts = {text for block in blocks for text in block.texts.split(b"\n")[:-1]}
        return pairs, {stand_in_of(text): text for text in texts}

    def put(self, writer: AsideWriter, pairs: Mapping[str, bytes], texts: Mapping[bytes, bytes]) -> None:
        """Takes these in the place of all that is there. Raises SpoolError."""
        was_aside, self._aside = bool(self._aside), []
        self._pairs = {place: bytearray(content) for place, content in pairs.items()}
        self._texts = bytearray(b"".join([text + b"\n" for text in texts.values()]))
        if was_aside:
            self.set_aside(writer)


class _Aside(msgspec.Struct, array_like=True):
    """What a bucket sets aside."""

    texts: bytes
    pairs: dict[str, bytes]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Aside)


def bucket_of(id_: bytes | str) -> int:
    """Gives the bucket of a GUID in lower case."""
    return int(id_[:2], 16)


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


def _packed(pairs: Mapping[bytes, bytes]) -> bytes:
    return b"".join([id_ + by for id_, by in pairs.items()])


def take_away(pairs: dict[bytes, bytes], ids: bytes | bytearray) -> None:
    """Takes away the pairs of ids that stand side by side in `ids`."""
    content = bytes(ids)
    for at in range(0, len(content) if pairs else 0, GUID_BYTES):
        pairs.pop(content[at : at + GUID_BYTES], None)


class _NotingWriter:
    """A writer that notes ids on the way. Of what is read twice, both readings count: one of them was true."""

    def __init__(self, writer: AsideWriter, noted: NamedIds) -> None:
        self._writer = writer
        self._noted = noted

    def add(self, records: Iterable[Record], order: int) -> None:
        kept = list(records)
        self._writer.add(kept, order)
        for record in kept:
            _note(self._noted, record)
        self._noted.make_room(self._writer)


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


_noted: WeakKeyDictionary[AsideWriter, NamedIds] = WeakKeyDictionary()
"""What each writer of this process has noted: in a worker there is one."""


def work_and_note(writer: AsideWriter, work: Callable[..., T], *args: object) -> T:
    """Does work in a worker, and notes the ids in what it keeps."""
    noting: RecordWriter = _NotingWriter(writer, _noted.setdefault(writer, NamedIds()))
    return work(noting, *args)


def noted_part(writer: AsideWriter, number: int) -> Part:
    """Gives a bucket of what this worker has noted."""
    return _noted.setdefault(writer, NamedIds()).part(number, writer)
