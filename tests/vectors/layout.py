"""F-BUN-1 and F-BUN-2: the frames of a plaintext, their order, their borders and what they inflate to."""

from __future__ import annotations

import zstandard

from tests.vectors.vector import VectorFile
from tests.verify.kit.bundle import Block
from tests.verify.kit.crew import user
from tests.verify.kit.edit import Edit, always, fields
from tests.verify.kit.record import ForgedRecord, object_of, stream_of
from tests.verify.kit.story import Story
from tests.verify.kit.tables import BlockTable, skippable_frame_of, zstd_frame_of

VECTORS = VectorFile()
MIB = 1024 * 1024
EMPTY_SKIPPABLE = skippable_frame_of(0x184D2A5F, b"")


def first_row(**changes: int) -> Edit[BlockTable]:
    """Edits the first row of a block table."""
    return lambda table: fields(rows=(fields(**changes)(table.rows[0]), *table.rows[1:]))(table)


def _first(edit: Edit[bytes]) -> Edit[list[bytes]]:
    return lambda parts: [edit(parts[0]), *parts[1:]]


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_before_the_data(story: Story) -> None:
    """A skippable frame stands before the first data frame; all offsets count it in."""
    story.snapshots[0].bundle.filler["data"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_before_the_object_table(story: Story) -> None:
    """A skippable frame stands between data and object table; all offsets count it in."""
    story.snapshots[0].bundle.filler["object table"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def data_frame_that_no_table_names(story: Story) -> None:
    """A data frame stands behind the last one of the table: a stock tool prints a line that nobody signed."""
    story.snapshots[0].bundle.filler["object table"] = zstd_frame_of(user(9).line + b"\n")


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_before_the_block_table(story: Story) -> None:
    """A skippable frame stands between the tables; all offsets count it in."""
    story.snapshots[0].bundle.filler["block table"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_before_the_tombstones(story: Story) -> None:
    """A skippable frame stands before the tombstones; all offsets count it in."""
    story.snapshots[0].bundle.filler["tombstones"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_before_the_footer(story: Story) -> None:
    """A skippable frame stands before the footer; all offsets count it in."""
    story.snapshots[0].bundle.filler["footer"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def frame_after_the_footer(story: Story) -> None:
    """A skippable frame stands behind the footer."""
    story.snapshots[0].bundle.filler["end"] = EMPTY_SKIPPABLE


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def byte_after_the_footer(story: Story) -> None:
    """A zero byte stands behind the footer."""
    story.snapshots[0].bundle.filler["end"] = b"\x00"


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def a_million_skippable_frames(story: Story) -> None:
    """A million empty skippable frames stand between data and object table."""
    story.snapshots[0].bundle.filler["object table"] = EMPTY_SKIPPABLE * 1_000_000


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def plaintext_without_a_footer(story: Story) -> None:
    """The last 208 bytes are missing."""
    story.snapshots[0].bundle.plaintext = lambda text: text[:-208]


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def plaintext_shorter_than_a_footer(story: Story) -> None:
    """The plaintext is 100 bytes long."""
    story.snapshots[0].bundle.plaintext = lambda text: text[-100:]


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def plaintext_that_is_empty(story: Story) -> None:
    """The plaintext has no bytes."""
    story.snapshots[0].bundle.plaintext = always(b"")


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def byte_after_the_empty_tombstones(story: Story) -> None:
    """A full's tombstones are an empty frame, and a byte stands behind it in the same skippable frame."""
    story.snapshots[0].bundle.tombstones_payload = lambda frame: frame + b"\x00"


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def empty_tombstones_cut_short(story: Story) -> None:
    """A full's tombstones are an empty frame that lacks its last byte."""
    story.snapshots[0].bundle.tombstones_payload = lambda frame: frame[:-1]


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def object_table_under_another_magic(story: Story) -> None:
    """The object table's frame bears the magic of the footer."""
    story.snapshots[0].bundle.plaintext = lambda text: text.replace(b"\x50\x2a\x4d\x18", b"\x53\x2a\x4d\x18", 1)


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def tombstones_under_an_unknown_magic(story: Story) -> None:
    """The tombstones' frame bears a magic that the format does not know."""
    story.snapshots[0].bundle.plaintext = lambda text: text.replace(b"\x52\x2a\x4d\x18", b"\x5e\x2a\x4d\x18", 1)


@VECTORS.fails("F-BUN-1", "C22", "MalformedError")
def object_table_longer_than_its_pages(story: Story) -> None:
    """The object table holds a byte behind its last page."""
    story.snapshots[0].bundle.object_table = lambda payload: payload + b"\x00"


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def content_size_of_the_table_too_small(story: Story) -> None:
    """The block table gives a block one byte less than its frame."""
    story.snapshots[0].bundle.block_table = lambda table: first_row(content_length=table.rows[0].content_length - 1)(
        table
    )


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def content_size_of_the_table_too_large(story: Story) -> None:
    """The block table gives a block one byte more than its frame."""
    story.snapshots[0].bundle.block_table = lambda table: first_row(content_length=table.rows[0].content_length + 1)(
        table
    )


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_without_a_content_size(story: Story) -> None:
    """A data frame's header gives no content size."""
    story.snapshots[0].bundle.frames = _first(lambda frame: zstd_frame_of(_inflated(frame), content_size=False))


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_that_holds_more_than_it_declares(story: Story) -> None:
    """A data frame declares the table's size and inflates to more: its content size is rewritten."""

    def shrunk(frame: bytes) -> bytes:
        honest = zstd_frame_of(_inflated(frame) + _inflated(frame))
        return _with_content_size(honest, len(_inflated(frame)))

    story.snapshots[0].bundle.frames = _first(shrunk)


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_that_holds_less_than_it_declares(story: Story) -> None:
    """A data frame declares the table's size and inflates to less."""

    def swollen(frame: bytes) -> bytes:
        content = _inflated(frame)
        return _with_content_size(zstd_frame_of(content[:-40]), len(content))

    story.snapshots[0].bundle.frames = _first(swollen)


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_that_is_two_frames(story: Story) -> None:
    """The extent of one block holds two zstd frames."""

    def split(frame: bytes) -> bytes:
        lines = _inflated(frame).splitlines(keepends=True)
        return zstd_frame_of(lines[0]) + zstd_frame_of(b"".join(lines[1:]))

    story.snapshots[0].bundle.frames = _first(split)


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_followed_by_a_skippable_one(story: Story) -> None:
    """The extent of one block holds a data frame and a skippable frame."""
    story.snapshots[0].bundle.frames = _first(lambda frame: frame + EMPTY_SKIPPABLE)


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_with_a_dictionary(story: Story) -> None:
    """A data frame's header names a dictionary."""
    story.snapshots[0].bundle.frames = _first(_with_a_dictionary)


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def frame_that_does_not_inflate(story: Story) -> None:
    """A data frame is damaged behind its header."""
    story.snapshots[0].bundle.frames = _first(lambda frame: frame[:12] + bytes(len(frame) - 12))


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def block_without_a_last_lf(story: Story) -> None:
    """The last line of a block has no LF."""
    story.snapshots[0].bundle.texts = _first(lambda text: text[:-1])


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def block_with_an_empty_line(story: Story) -> None:
    """A block holds an empty line that no row of the table stands for."""
    story.snapshots[0].bundle.texts = _first(lambda text: text + b"\n")


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def block_with_a_line_less(story: Story) -> None:
    """A block holds one line less than its rows."""
    story.snapshots[0].bundle.texts = _first(lambda text: b"".join(text.splitlines(keepends=True)[:-1]))


@VECTORS.fails("F-BUN-2", "C22", "MalformedError")
def block_of_two_lines_over_1_mib(story: Story) -> None:
    """A block of two lines holds more than 1 MiB of text."""
    story.snapshots[0].live = _two_large_records()


@VECTORS.passes("F-BUN-2")
def block_of_one_line_over_1_mib(story: Story) -> None:
    """A single line of more than 1 MiB is a block of its own."""
    story.snapshots[0].live = _two_large_records()
    story.snapshots[0].bundle.blocks = _one_each


@VECTORS.passes("F-BUN-2")
def empty_snapshot(story: Story) -> None:
    """A tenant without records makes a bundle without blocks, and the root of no leaves."""
    story.snapshots[0].live = []
    story.snapshots[0].read_but_empty = ("users",)


def _two_large_records() -> list[ForgedRecord]:
    return [
        object_of("groups", "a", {"description": "x" * 600_000}),
        stream_of("users", "b", "photo", "image/png", bytes(900_000)),
    ]


def _one_each(blocks: list[Block]) -> list[Block]:
    return [[record] for block in blocks for record in block]


def _inflated(frame: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(frame)


def _with_content_size(frame: bytes, size: int) -> bytes:
    """Rewrites the content size of a small frame: one segment, a 2-byte field (RFC 8878, 3.1.1)."""
    content = _inflated(frame)
    assert frame[4] & 0xE0 == 0x60 and len(content) >= 256 and size >= 256
    return frame[:5] + (size - 256).to_bytes(2, "little") + frame[7:]


def _with_a_dictionary(frame: bytes) -> bytes:
    """Sets the dictionary id flag to one byte, and the id to 7."""
    assert frame[4] & 0xE3 == 0x60
    return frame[:4] + bytes([frame[4] | 1, 7]) + frame[5:]
