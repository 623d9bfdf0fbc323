"""Blocks: what is in them, and how thoroughly they are compressed."""

from __future__ import annotations

import hashlib
import random

import zstandard

from vault.sealing.block import Block, BlockWriter
from verify.constants import BLOCK_BYTES, MAX_BLOCK_ROWS


def blocks_of(collection: str, lines: list[bytes]) -> list[Block]:
    """The blocks of a collection's lines."""
    keys = [b"%b\x00%08d\x00\x00o\x00" % (collection.encode(), number) for number in range(len(lines))]
    hashes = [hashlib.sha256(line).digest() for line in lines]
    return list(BlockWriter().blocks_of(keys, hashes, lines))


def text_in(blocks: list[Block]) -> bytes:
    """What the frames hold."""
    return b"".join([zstandard.ZstdDecompressor().decompress(block.frame) for block in blocks])


def test_blocks_hold_every_line_once_and_end_in_time() -> None:
    """Whole frames of a megabyte are what `zstd -dc` prints and one object costs to read."""
    random.seed(1)
    lines = [random.randbytes(random.randrange(1, 3000)).hex().encode() for _ in range(1500)]
    lines[700] = b"x" * (2 * BLOCK_BYTES)
    blocks = blocks_of("users", lines)
    assert text_in(blocks) == b"".join([line + b"\n" for line in lines])
    assert sum(block.rows for block in blocks) == len(lines)
    assert all(block.plain_bytes <= BLOCK_BYTES or block.rows == 1 for block in blocks)
    assert max(block.rows for block in blocks_of("users", [b"{}"] * (MAX_BLOCK_ROWS + 1))) == MAX_BLOCK_ROWS


def test_a_collection_is_compressed_thoroughly_where_that_pays() -> None:
    """Objects repeat each other; members are random ids, in which a long search finds nothing."""
    random.seed(2)
    words = [random.randbytes(random.randrange(3, 8)).hex() for _ in range(4000)]
    phrases = [" ".join(random.choices(words, k=6)) for _ in range(2000)]
    objects = [",".join(random.choices(phrases, k=40)).encode() for _ in range(2000)]
    members = [random.randbytes(1500).hex().encode() for _ in range(1500)]
    for lines, is_thorough in ((objects, True), (members, False)):
        blocks = blocks_of("users", lines)
        assert len(blocks) > 3
        quick = [_quick(text) for text in (text_in([block]) for block in blocks)]
        same = [block.frame == frame for block, frame in zip(blocks[1:], quick[1:], strict=True)]
        assert same == [not is_thorough] * len(same)
        assert all(len(block.frame) <= len(frame) for block, frame in zip(blocks, quick, strict=True))


def _quick(text: bytes) -> bytes:
    return BlockWriter()._quick.compress(text)


def test_the_same_rows_give_the_same_blocks() -> None:
    """A bundle of the same tenant can be compared, and its size foretold."""
    lines = [b'{"id":"%06d","plans":["a","b"]}' % number for number in range(40000)]
    assert blocks_of("users", lines) == blocks_of("users", lines)
