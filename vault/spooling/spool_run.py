"""One sorted, encrypted file of the spool, and how workers write and read it.

A run is a row of blocks. Each block is two encrypted parts: its rows (keys, record hashes, orders) and its text.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import SpoolError
from vault.spooling.aside import Aside
from vault.spooling.freed_memory import give_memory_back
from vault.spooling.nonce import nonce_of, number_of
from verify.constants import HASH_BYTES
from verify.key import Record

RUN_BYTES = 24 * 1024 * 1024
"""Text that a worker gathers before it sorts and writes a run, in bytes; bounds its memory."""
SPOOL_BLOCK_BYTES = 128 * 1024
"""Text of one block of a run, in bytes: the unit that a merge inflates, so that a delta touches little."""
_LEVEL = -1  # zstd: over 1.5 GB/s on a core; the spool lives for minutes
_ROWS_HEADER = "<II"


ROW_BYTES = 320
"""What a record takes in memory besides its text: key, tuple and the heads of three objects. Of a link to one target
that is more than the text itself.
"""


class SpoolBlock(NamedTuple):
    """Where one block of a run lies and which keys it spans."""

    first_key: bytes
    last_key: bytes
    offset: int
    rows_bytes: int
    text_bytes: int
    plain_bytes: int
    rows: int


class Run(NamedTuple):
    """One sorted file of records."""

    path: str
    number: int
    blocks: tuple[SpoolBlock, ...]


class Piece(NamedTuple):
    """One block of one run, with all that a worker needs to read it."""

    path: str
    number: int
    place: int
    block: SpoolBlock


class SpoolRows(NamedTuple):
    """The index part of a block: keys, record hashes and orders, row by row."""

    keys: list[bytes]
    hashes: list[bytes]
    orders: tuple[int, ...]


class SpoolWriter:
    """Gathers records in one worker process and writes them as sorted, encrypted runs."""

    def __init__(self, folder: Path, key: bytes, worker: int) -> None:
        self._folder = folder
        self._cipher = AESGCM(key)
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._worker = worker
        self._rows: list[tuple[bytes, int, bytes]] = []
        self._gathered_bytes = 0
        self._runs: list[Run] = []
        self._aside = Aside(folder / f"aside-{worker:02x}", self._cipher, worker)

    def add(self, records: Iterable[Record], order: int) -> None:
        """Takes records; of two with one key, and of two readings of one relation, the higher `order` wins."""
        rows = [(key, order, line) for key, line in records]
        self._rows += rows
        self._gathered_bytes += sum([len(line) for _, _, line in rows]) + ROW_BYTES * len(rows)
        if self._gathered_bytes >= RUN_BYTES:
            self._write_run()

    def set_aside(self, content: bytes) -> int:
        """Keeps bytes on disk, encrypted, for this process alone; gives their number.

        Raises:
            SpoolError: they can't be written.
        """
        return self._aside.put(content)

    def aside(self, number: int) -> bytes:
        """Gives what was set aside. Raises SpoolError: it can't be read."""
        return self._aside.content_of(number)

    def finish(self) -> tuple[Run, ...]:
        """Writes what is left and returns all runs of this worker."""
        if self._rows:
            self._write_run()
        return tuple(self._runs)

    def _write_run(self) -> None:
        rows = self._rows
        rows.sort()
        number = number_of(self._worker, len(self._runs))
        path = self._folder / f"run-{number:08x}"
        blocks: list[SpoolBlock] = []
        try:
            with path.open("xb") as target:
                start, size = 0, 0
                for at, row in enumerate(rows):
                    if size and size + len(row[2]) > SPOOL_BLOCK_BYTES:
                        blocks.append(self._write_block(target, rows[start:at], number, len(blocks)))
                        start, size = at, 0
                    size += len(row[2]) + 1
                blocks.append(self._write_block(target, rows[start:], number, len(blocks)))
        except OSError as error:
            raise SpoolError(f"the spool at {self._folder} can't be written: {error.strerror}") from error
        self._runs.append(Run(str(path), number, tuple(blocks)))
        del rows
        self._rows = []
        self._gathered_bytes = 0
        give_memory_back()

    def _write_block(
        self, target: BinaryIO, rows: list[tuple[bytes, int, bytes]], number: int, index: int
    ) -> SpoolBlock:
        keys = b"\n".join([row[0] for row in rows])
        sha256 = hashlib.sha256
        hashes = b"".join([sha256(row[2]).digest() for row in rows])
        orders = struct.pack(f"<{len(rows)}Q", *[row[1] for row in rows])
        packed = struct.pack(_ROWS_HEADER, len(rows), len(keys)) + keys + hashes + orders
        text = b"\n".join([row[2] for row in rows])
        sealed_rows = self._sealed(packed, number, 2 * index)
        sealed_text = self._sealed(text, number, 2 * index + 1)
        offset = target.tell()
        target.write(sealed_rows)
        target.write(sealed_text)
        return SpoolBlock(rows[0][0], rows[-1][0], offset, len(sealed_rows), len(sealed_text), len(text), len(rows))

    def _sealed(self, plain: bytes, number: int, index: int) -> bytes:
        return self._cipher.encrypt(nonce_of(number, index), self._compressor.compress(plain), None)


class SpoolReader:
    """Reads blocks of runs in any process that holds the spool's key; a context manager that closes its files."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._inflate = zstandard.ZstdDecompressor()
        self._files: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def rows_of(self, piece: Piece) -> SpoolRows:
        """Returns the index part of a block."""
        plain = self._opened(piece, 2 * piece.place, piece.block.offset, piece.block.rows_bytes)
        count, keys_bytes = struct.unpack_from(_ROWS_HEADER, plain)
        at = struct.calcsize(_ROWS_HEADER)
        keys = plain[at : at + keys_bytes].split(b"\n")
        at += keys_bytes
        end = at + count * HASH_BYTES
        hashes = [plain[here : here + HASH_BYTES] for here in range(at, end, HASH_BYTES)]
        return SpoolRows(keys, hashes, struct.unpack_from(f"<{count}Q", plain, end))

    def lines_of(self, piece: Piece) -> list[bytes]:
        """Returns the lines of a block, without their LF, in the order of its rows."""
        block = piece.block
        at = block.offset + block.rows_bytes
        return self._opened(piece, 2 * piece.place + 1, at, block.text_bytes).split(b"\n")

    def _opened(self, piece: Piece, index: int, offset: int, length: int) -> bytes:
        if piece.path not in self._files:
            self._files[piece.path] = os.open(piece.path, os.O_RDONLY)
        sealed = os.pread(self._files[piece.path], length, offset)
        return self._inflate.decompress(self._cipher.decrypt(nonce_of(piece.number, index), sealed, None))
