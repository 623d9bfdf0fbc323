"""The ids of a collection in the order of its pages: 16 bytes each where they are GUIDs, and no object.

A collection is gone through once for itself and once for each relation, and the pages of these passes are usually
the same. What is the same in several lists is kept once, so that a million users take 16 MB, however many the passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from weakref import WeakValueDictionary

from archiver.graph.guid import GUID, GUID_BYTES
from archiver.graph.repetition import MAX_REPEATED_OBJECTS, Repetition

_IS_GUID = re.compile(GUID)
_ARE_GUIDS = re.compile(f"{GUID}(?:\n{GUID})*".encode())
_IDS_AT_ONCE = 1 << 16
"""Ids that are compared at once: a set of them takes about 10 MB while it grows, at the end of a list of any length."""

_Key = bytes | str
"""What an id is compared by: a GUID's 16 bytes, or the text of any other id."""


class IdList:
    """Blocks of ids, each the ids of one page."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._count = 0
        self._repetition: Repetition | None = None

    def add(self, block: bytes) -> None:
        """Takes the ids of a page, joined by LF, which no id holds."""
        if block:
            self._blocks.append(_block_of(block))
            self._count += block.count(b"\n") + 1
            self._repetition = None

    def add_ids(self, ids: Iterable[str]) -> None:
        """Takes ids that come from no page, as one block."""
        self.add("\n".join(ids).encode())

    def extend(self, other: IdList) -> None:
        """Takes the blocks of another list."""
        if other._blocks:
            self._blocks += other._blocks
            self._count += other._count
            self._repetition = None

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(block.ids() for block in self._blocks)

    def __len__(self) -> int:
        """The number of distinct ids."""
        return self.repetition().distinct

    def repetition(self) -> Repetition:
        """Gives what came on several pages."""
        if self._repetition is None:
            self._repetition = _repetition_of(self._blocks, _parts_of(self._count))
        return self._repetition

    def without(self, other: IdList) -> list[str]:
        """Gives the distinct ids that `other` has not, in order. Two passes usually have the same blocks."""
        common = set(other._blocks)
        own = [block for block in self._blocks if block not in common]
        if not own:
            return []
        missing: set[_Key] = set()
        parts = _parts_of(max(self._count, other._count))
        for part in range(parts):
            known = set(_in_part(other._blocks, part, parts))
            missing.update(key for key in _in_part(own, part, parts) if key not in known)
        left = (id_ for block in own for id_, key in zip(block.ids(), block.keys(), strict=True) if key in missing)
        return list(dict.fromkeys(left))


class _Block:
    """The ids of one page: GUIDs side by side, or text if it holds anything else. One object for equal blocks."""

    __slots__ = ("__weakref__", "_are_guids", "_content")

    def __init__(self, content: bytes, are_guids: bool) -> None:
        self._content = content
        self._are_guids = are_guids

    def ids(self) -> Iterable[str]:
        """Gives the ids as text."""
        if not self._are_guids:
            return self._content.decode("utf-8").split("\n")
        text = self._content.hex()
        return [
            f"{text[at : at + 8]}-{text[at + 8 : at + 12]}-{text[at + 12 : at + 16]}-{text[at + 16 : at + 20]}"
            f"-{text[at + 20 : at + 32]}"
            for at in range(0, len(text), 2 * GUID_BYTES)
        ]

    def keys(self) -> Iterable[_Key]:
        """Gives what the ids are compared by, in the same order."""
        if self._are_guids:
            content = self._content
            return [content[at : at + GUID_BYTES] for at in range(0, len(content), GUID_BYTES)]
        return [_bytes_of(id_) if _IS_GUID.fullmatch(id_) else id_ for id_ in self.ids()]


_known: WeakValueDictionary[tuple[bytes, bool], _Block] = WeakValueDictionary()
"""Every block that some list holds."""


def _block_of(block: bytes) -> _Block:
    are_guids = _ARE_GUIDS.fullmatch(block) is not None
    content = _bytes_of(block.decode("ascii")) if are_guids else block
    return _known.setdefault((content, are_guids), _Block(content, are_guids))


def _bytes_of(guids: str) -> bytes:
    return bytes.fromhex(guids.replace("-", "").replace("\n", ""))


def _parts_of(ids: int) -> int:
    return -(-ids // _IDS_AT_ONCE) or 1


def _repetition_of(blocks: list[_Block], parts: int) -> Repetition:
    came = distinct = 0
    new, sizes = [0] * len(blocks), [0] * len(blocks)
    for part in range(parts):
        known: set[_Key] = set()
        for number, block in enumerate(blocks):
            keys = set(_in_part((block,), part, parts))
            before = len(known)
            known |= keys
            new[number] += len(known) - before
            sizes[number] += len(keys)
            came += len(keys)
        distinct += len(known)
    barren = any(not brought and size > MAX_REPEATED_OBJECTS for brought, size in zip(new, sizes, strict=True))
    return Repetition(came, distinct, barren)


def _in_part(blocks: Iterable[_Block], part: int, parts: int) -> Iterator[_Key]:
    """The keys of one part of all ids, so that a set of them stays small."""
    keys = chain.from_iterable(block.keys() for block in blocks)
    return keys if parts == 1 else (key for key in keys if hash(key) % parts == part)
