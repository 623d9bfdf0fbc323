"""The tables of a bundle as values: page, block row, block table, footer (FORMAT.md section 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import zstandard

OBJECT_TABLE, BLOCK_TABLE, TOMBSTONES, FOOTER = 0x184D2A50, 0x184D2A51, 0x184D2A52, 0x184D2A53
FULL, DELTA, EVENTS = 1, 2, 3


@dataclass(frozen=True)
class Page:
    """One page of the object table: what stands in it, before it is written."""

    keys: tuple[bytes, ...]
    hashes: tuple[bytes, ...]

    def pack(self) -> bytes:
        """The page's bytes."""
        text = b"\n".join(self.keys)
        packed = zstd_frame_of(text)
        return struct.pack("<III", len(self.keys), len(text), len(packed)) + packed + b"".join(self.hashes)


@dataclass(frozen=True)
class BlockRow:
    """One row of the block table; offsets count from the start of the plaintext."""

    offset: int
    length: int
    content_length: int
    rows: int
    page_length: int
    page_offset: int

    def pack(self) -> bytes:
        """32 bytes."""
        return struct.pack(
            "<QIIIIQ",
            self.offset,
            self.length,
            self.content_length,
            self.rows,
            self.page_length,
            self.page_offset,
        )


@dataclass(frozen=True)
class BlockTable:
    """The block table: the number it states, its rows and the first key of each block."""

    blocks: int
    rows: tuple[BlockRow, ...]
    first_keys: tuple[bytes, ...]

    def pack(self) -> bytes:
        """The content, before compression."""
        head = struct.pack("<I", self.blocks) + b"".join(row.pack() for row in self.rows)
        return head + b"\n".join(self.first_keys)


@dataclass(frozen=True)
class Footer:
    """The footer's fields in their order."""

    label: bytes
    kind: int
    reserved_9: bytes
    archive_id: bytes
    epoch: int
    sequence: int
    rows: int
    tombstones: int
    object_table_at: int
    block_table_at: int
    tombstones_at: int
    footer_at: int
    blocks: int
    reserved_100: bytes
    secret: bytes
    block_table_sha256: bytes
    tombstones_sha256: bytes

    def pack(self) -> bytes:
        """200 bytes."""
        numbers = (self.epoch, self.sequence, self.rows, self.tombstones)
        offsets = (self.object_table_at, self.block_table_at, self.tombstones_at, self.footer_at)
        return b"".join(
            (
                self.label,
                bytes([self.kind]),
                self.reserved_9,
                self.archive_id,
                struct.pack("<8Q", *numbers, *offsets),
                struct.pack("<I", self.blocks),
                self.reserved_100,
                self.secret,
                self.block_table_sha256,
                self.tombstones_sha256,
            )
        )


def zstd_frame_of(content: bytes, *, content_size: bool = True) -> bytes:
    """One zstd frame, without checksum and dictionary."""
    return zstandard.ZstdCompressor(level=3, write_content_size=content_size).compress(content)


def skippable_frame_of(magic: int, payload: bytes) -> bytes:
    """One skippable frame of RFC 8878 section 3.1.2."""
    return struct.pack("<II", magic, len(payload)) + payload
