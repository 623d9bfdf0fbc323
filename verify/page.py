"""Pages of the object table: the keys and record hashes of one block (FORMAT.md section 6.2)."""

from __future__ import annotations

import operator
import struct
from bisect import bisect_left
from itertools import islice, repeat
from typing import NamedTuple

from verify.block_table import Block
from verify.constants import HASH_BYTES, PAGE_HEADER
from verify.errors import MalformedError
from verify.frame import Inflater
from verify.key import MAX_KEY_BYTES

_HEADER_BYTES = struct.calcsize(PAGE_HEADER)
_SEPARATORS_PER_KEY = 4
_ALLOWED = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\x00\x01\n")
"""What a page's key text may hold: 00 and 01 within keys, LF between them, nothing else below 20."""


class Page(NamedTuple):
    """The rows of one block, in order of keys. `hashes` are the record hashes, 32 bytes each, side by side."""

    keys: list[bytes]
    hashes: bytes
    key_text: bytes

    def hash_at(self, row: int) -> bytes:
        """Returns the record hash of a row."""
        return self.hashes[row * HASH_BYTES : (row + 1) * HASH_BYTES]

    def row_hashes(self) -> list[bytes]:
        """Returns the record hashes one by one."""
        return [self.hashes[at : at + HASH_BYTES] for at in range(0, len(self.hashes), HASH_BYTES)]

    def row_of(self, key: bytes) -> int | None:
        """Returns the row of a key, None if it is not here."""
        row = bisect_left(self.keys, key)
        return row if row < len(self.keys) and self.keys[row] == key else None


def page_of(unverified: bytes, block: Block, inflater: Inflater, what: str) -> Page:
    """Reads the page of one block.

    Raises:
        MalformedError: lengths or rows are not those of the block table, or the keys are not keys in strictly
            increasing order (F-BUN-3, F-STATE-2, F-KEY-1).
    """
    if len(unverified) < _HEADER_BYTES:
        raise MalformedError(f"{what}: the page is cut off")
    rows, text_bytes, frame_bytes = struct.unpack_from(PAGE_HEADER, unverified)
    hashes_at = _HEADER_BYTES + frame_bytes
    if rows != block.rows or len(unverified) != hashes_at + rows * HASH_BYTES:
        raise MalformedError(f"{what}: the page does not have the {block.rows} rows of the block table (F-BUN-3)")
    if text_bytes > block.content_bytes:
        raise MalformedError(f"{what}: the page states more key text than its block has text (F-LIM-1)")
    text = inflater.inflated(unverified[_HEADER_BYTES:hashes_at], text_bytes, what)
    keys = keys_of(text, what)
    if len(keys) != rows:
        raise MalformedError(f"{what}: the page has {len(keys)} keys for {rows} rows (F-BUN-3)")
    return Page(keys, unverified[hashes_at:], text)


def keys_of(text: bytes, what: str) -> list[bytes]:
    """Splits key text into keys.

    Raises:
        MalformedError: they are not strictly increasing, or one of them can't be a key (F-KEY-1).
    """
    if not text:
        return []
    keys = text.split(b"\n")
    if not all(map(operator.lt, keys, islice(keys, 1, None))):
        raise MalformedError(f"{what}: keys are not strictly increasing (F-BUN-3)")
    if (
        text.translate(None, _ALLOWED)
        or set(map(bytes.count, keys, repeat(b"\x00"))) != {_SEPARATORS_PER_KEY}
        or max(map(len, keys)) > MAX_KEY_BYTES
    ):
        raise MalformedError(f"{what}: what stands for a key is none (F-KEY-1)")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what}: a key is not UTF-8 (F-KEY-1)") from error
    return keys
