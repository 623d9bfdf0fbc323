"""Blocks: sorted records as zstd frames, each with the page of the object table that indexes it."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import zstandard

from verify.constants import (
    BLOCK_BYTES,
    BLOCK_ROW,
    MAX_BLOCK_ROWS,
    PAGE_HEADER,
    SKIPPABLE_HEADER_BYTES,
)
from verify.key import OBJECT_ENDING

_WINDOW_LOG = 20  # a block is 1 MiB
_MIN_MATCH = 6  # random hex digits offer short matches that cost more than they save
_QUICK = zstandard.ZstdCompressionParameters(
    window_log=_WINDOW_LOG,
    strategy=zstandard.STRATEGY_FAST,
    hash_log=15,
    min_match=_MIN_MATCH + 1,
    write_content_size=1,
)
THOROUGH = zstandard.ZstdCompressionParameters(
    window_log=_WINDOW_LOG,
    strategy=zstandard.STRATEGY_LAZY,
    hash_log=18,
    chain_log=18,
    search_log=5,
    min_match=_MIN_MATCH,
    write_content_size=1,
)
"""How text is compressed. No level does as well on ids in hex: see DECISIONS.md, "Compression"."""
_WORTH_WHILE = 0.98
"""Thoroughness takes four times as long, and is chosen where it saves this much: an eighth of users, no member."""
TABLE_LEVEL = 1
"""zstd level of key text: hex digits gain from the entropy stage only, and higher levels lose to short matches."""


class Block(NamedTuple):
    """One data frame with its page, and what the tables need to know of it."""

    frame: bytes
    page: bytes
    plain_bytes: int
    rows: int
    first_key: bytes


class BlockWriter:
    """Turns sorted rows into blocks. How thoroughly a collection is compressed, its first block decides."""

    def __init__(self) -> None:
        self._quick = zstandard.ZstdCompressor(compression_params=_QUICK)
        self._thorough = zstandard.ZstdCompressor(compression_params=THOROUGH)
        self._chosen: dict[bytes, zstandard.ZstdCompressor] = {}
        self._table = zstandard.ZstdCompressor(level=TABLE_LEVEL)

    def blocks_of(self, keys: Sequence[bytes], hashes: Sequence[bytes], lines: Sequence[bytes]) -> Iterator[Block]:
        """Yields blocks of at most BLOCK_BYTES of text, or of one longer line."""
        start = size = 0
        for at, line in enumerate(lines):
            if at > start and (size + len(line) >= BLOCK_BYTES or at - start == MAX_BLOCK_ROWS):
                yield self._block(keys[start:at], hashes[start:at], lines[start:at])
                start, size = at, 0
            size += len(line) + 1
        if start < len(lines):
            yield self._block(keys[start:], hashes[start:], lines[start:])

    def _block(self, keys: Sequence[bytes], hashes: Sequence[bytes], lines: Sequence[bytes]) -> Block:
        text = b"\n".join(lines) + b"\n"
        frame = bytes(memoryview(self._frame_of(keys[0], text)))  # zstandard's result keeps the room of its worst case
        return Block(frame, self.page_of(keys, hashes), len(text), len(keys), keys[0])

    def _frame_of(self, first_key: bytes, text: bytes) -> bytes:
        collection = first_key[: first_key.index(0)]
        chosen = self._chosen.get(collection)
        if chosen is not None:
            return chosen.compress(text)
        quick, thorough = self._quick.compress(text), self._thorough.compress(text)
        is_worth_it = len(thorough) < _WORTH_WHILE * len(quick)
        self._chosen[collection] = self._thorough if is_worth_it else self._quick
        return min(quick, thorough, key=len)

    def page_of(self, keys: Sequence[bytes], hashes: Sequence[bytes]) -> bytes:
        """Returns a page of the object table (FORMAT.md section 6.2)."""
        text = b"\n".join(keys)
        packed = self._table.compress(text)
        return struct.pack(PAGE_HEADER, len(keys), len(text), len(packed)) + packed + b"".join(hashes)


class BlockRow(NamedTuple):
    """A row of the block table before the pages' place is known."""

    offset: int
    frame_bytes: int
    plain_bytes: int
    rows: int
    page_bytes: int
    first_key: bytes


def block_table_of(rows: Sequence[BlockRow], first_page_at: int) -> bytes:
    """Returns the block table's payload (section 6.3); pages lie side by side from `first_page_at`."""
    packed = [struct.pack("<I", len(rows))]
    page_at = first_page_at
    for row in rows:
        packed.append(
            struct.pack(BLOCK_ROW, row.offset, row.frame_bytes, row.plain_bytes, row.rows, row.page_bytes, page_at)
        )
        page_at += row.page_bytes
    packed.append(b"\n".join([row.first_key for row in rows]))
    return zstandard.ZstdCompressor(level=TABLE_LEVEL).compress(b"".join(packed))


def skippable_header_of(magic: int, payload_bytes: int) -> bytes:
    """Returns the 8 bytes before a skippable frame's payload (RFC 8878 section 3.1.2)."""
    header = struct.pack("<II", magic, payload_bytes)
    assert len(header) == SKIPPABLE_HEADER_BYTES
    return header


def counts_of(keys: Sequence[bytes]) -> tuple[Counter[str], Counter[str]]:
    """Returns objects and records per collection, of keys in any order."""
    records = Counter([key[: key.index(0)] for key in keys])
    objects = Counter([key[: key.index(0)] for key in keys if key.endswith(OBJECT_ENDING)])
    return (
        Counter({name.decode(): count for name, count in objects.items()}),
        Counter({name.decode(): count for name, count in records.items()}),
    )
