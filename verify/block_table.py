"""The block table: where each data frame and each page lies, and which key it begins with (section 6.3)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from itertools import pairwise
from typing import NamedTuple

from verify.constants import (
    BLOCK_BYTES,
    BLOCK_ROW,
    MAX_BLOCK_ROWS,
    MAX_RECORD_BYTES,
    SKIPPABLE_HEADER_BYTES,
)
from verify.errors import MalformedError
from verify.footer import Footer

BLOCK_TABLE_COUNT_BYTES = 4
BLOCK_ROW_BYTES = struct.calcsize(BLOCK_ROW)
_FRAME_OVERHEAD_BYTES = 1024
"""zstd adds at most 1/256 and some bytes to what it can't compress (ZSTD_COMPRESSBOUND); more is no frame of it."""


class Block(NamedTuple):
    """One row of the table. Offsets are in the plaintext; `content_bytes` is the length of the inflated text."""

    offset: int
    frame_bytes: int
    content_bytes: int
    rows: int
    page_bytes: int
    page_offset: int


class BlockTable:
    """All blocks of a bundle with the first key of each; `row_offsets[b]` is the number of rows before block b."""

    def __init__(self, blocks: list[Block], first_keys: list[bytes]) -> None:
        self.blocks = blocks
        self.first_keys = first_keys
        self.row_offsets = [0]
        for block in blocks:
            self.row_offsets.append(self.row_offsets[-1] + block.rows)

    def __len__(self) -> int:
        return len(self.blocks)

    def place_of(self, key: bytes) -> int:
        """Returns the block that holds `key` if any does; -1 if the key is before all."""
        return bisect_right(self.first_keys, key) - 1


def block_table_of(content: bytes, footer: Footer, what: str) -> BlockTable:
    """Reads the table and proves that it covers the plaintext without space (F-BUN-1, F-BUN-4).

    Raises:
        MalformedError: it does not, or exceeds a limit.
    """
    rows_end = BLOCK_TABLE_COUNT_BYTES + footer.blocks * BLOCK_ROW_BYTES
    if len(content) < rows_end or struct.unpack_from("<I", content)[0] != footer.blocks:
        raise MalformedError(f"{what}: the block table does not have the {footer.blocks} rows of the footer")
    blocks = [Block(*row) for row in struct.iter_unpack(BLOCK_ROW, content[BLOCK_TABLE_COUNT_BYTES:rows_end])]
    first_keys = content[rows_end:].split(b"\n") if len(content) > rows_end else []
    if len(first_keys) != len(blocks):
        raise MalformedError(f"{what}: the block table has {len(first_keys)} first keys for {len(blocks)} blocks")
    if any(before >= after for before, after in pairwise(first_keys)):
        raise MalformedError(f"{what}: the first keys of the blocks are not strictly increasing (F-BUN-4)")
    frame_at, page_at = 0, footer.object_table_at + SKIPPABLE_HEADER_BYTES
    for number, block in enumerate(blocks):
        if block.offset != frame_at or block.page_offset != page_at:
            raise MalformedError(f"{what}: block {number} does not begin where the one before it ends (F-BUN-4)")
        _check_limits(block, number, what)
        frame_at += block.frame_bytes
        page_at += block.page_bytes
    if frame_at != footer.object_table_at or page_at != footer.block_table_at:
        raise MalformedError(f"{what}: the blocks or their pages do not fill the place before the tables (F-BUN-1)")
    if sum(block.rows for block in blocks) != footer.rows:
        raise MalformedError(f"{what}: the blocks do not have the {footer.rows} rows of the footer")
    return BlockTable(blocks, first_keys)


def _check_limits(block: Block, number: int, what: str) -> None:
    most = BLOCK_BYTES if block.rows > 1 else MAX_RECORD_BYTES + 1
    if not 0 < block.rows <= MAX_BLOCK_ROWS or not block.rows <= block.content_bytes <= most:
        raise MalformedError(
            f"{what}: block {number} states {block.rows} rows in {block.content_bytes} bytes (F-BUN-2, F-LIM-1)"
        )
    for length in (block.frame_bytes, block.page_bytes):
        if length > block.content_bytes + block.content_bytes // 2 + _FRAME_OVERHEAD_BYTES + block.rows * 32:
            raise MalformedError(f"{what}: block {number} is longer than what it holds (F-LIM-1)")
