"""The text of one block: its lines, and their hashes where all are asked for, found without a copy of any line."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from verify.constants import HASH_BYTES
from verify.errors import MalformedError


class BlockLines(NamedTuple):
    """Whole lines. `starts` holds where each line begins and, last, the length of the text."""

    text: bytes
    starts: list[int]

    def line(self, row: int) -> bytes:
        """Returns one line without its LF."""
        return self.text[self.starts[row] : self.starts[row + 1] - 1]


class BlockText(NamedTuple):
    """Whole lines. `starts` holds where each line begins and, last, the length of the text; `hashes` are the
    SHA-256 of the lines without their LF, 32 bytes each, side by side.
    """

    text: bytes
    starts: list[int]
    hashes: bytes

    def hash_at(self, row: int) -> bytes:
        """Returns the hash of one line."""
        return self.hashes[row * HASH_BYTES : (row + 1) * HASH_BYTES]

    def line(self, row: int) -> bytes:
        """Returns one line without its LF."""
        return self.text[self.starts[row] : self.starts[row + 1] - 1]

    def lines(self) -> list[bytes]:
        """Returns all lines without their LF."""
        return self.text.split(b"\n")[:-1]


def block_lines_of(text: bytes, rows: int, what: str) -> BlockLines:
    """Finds the lines of a block.

    Raises:
        MalformedError: not `rows` lines, each ended by LF (F-BUN-2).
    """
    find, starts = text.find, [0]
    while end := find(b"\n", starts[-1]) + 1:
        starts.append(end)
    _require_lines(text, len(starts) - 1, starts[-1], rows, what)
    return BlockLines(text, starts)


def block_text_of(text: bytes, rows: int, what: str) -> BlockText:
    """Finds and hashes the lines of a block.

    Raises:
        MalformedError: not `rows` lines, each ended by LF (F-BUN-2).
    """
    sha256, find, view = hashlib.sha256, text.find, memoryview(text)
    starts, hashes = [0], []
    start, end = 0, find(b"\n")
    while end >= 0:
        hashes.append(sha256(view[start:end], usedforsecurity=False).digest())
        start = end + 1
        starts.append(start)
        end = find(b"\n", start)
    _require_lines(text, len(hashes), start, rows, what)
    return BlockText(text, starts, b"".join(hashes))


def _require_lines(text: bytes, found: int, end: int, rows: int, what: str) -> None:
    if end != len(text) or found != rows:
        raise MalformedError(f"{what}: not {rows} lines, each ended by LF (F-BUN-2)")
