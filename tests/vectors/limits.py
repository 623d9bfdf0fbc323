"""F-LIM-1: what exceeds a limit is refused before memory is allocated for it."""

from __future__ import annotations

import struct

import zstandard

from tests.vectors.files import large_story
from tests.vectors.vector import VectorFile
from tests.verify.kit.age_file import Stanza
from tests.verify.kit.crew import CLASSIC, short_story, sound_story, tenant_records
from tests.verify.kit.edit import Edit, Json, always, fields
from tests.verify.kit.keys import base64_of, identity
from tests.verify.kit.record import ForgedRecord, object_of
from tests.verify.kit.story import CanaryOpened, Story
from tests.verify.kit.tables import BlockTable

VECTORS = VectorFile()
MIB = 1024 * 1024


@VECTORS.fails("F-LIM-1", "C03", "MalformedError", level=0)
def entry_over_16_mib(story: Story) -> None:
    """A log entry is one byte larger than 16 MiB, of spaces."""
    story.snapshots[0].statement.file = lambda text: text + b" " * (16 * MIB + 1 - len(text))


@VECTORS.fails("F-LIM-1", "C01", "MalformedError", start=sound_story, level=0)
def root_over_16_mib(story: Story) -> None:
    """A trust root is one byte larger than 16 MiB, of spaces."""
    story.roots[1].statement.file = lambda text: text + b" " * (16 * MIB + 1 - len(text))


@VECTORS.fails("F-LIM-1", "C12", "MalformedError", level=0)
def carried_roots_over_16_mib(story: Story) -> None:
    """The copy of the roots is one byte larger than 16 MiB, of spaces."""
    story.snapshots[0].carried_file = lambda text: text + b" " * (16 * MIB + 1 - len(text))


@VECTORS.fails("F-LIM-1", "C02", "MalformedError", level=0)
def checkpoint_over_64_kib(story: Story) -> None:
    """A checkpoint has so many unknown signature lines that it exceeds 64 KiB."""
    unknown = f"\u2014 example.com/witness {base64_of(bytes(2432))}"
    story.checkpoint(2).lines = lambda lines: [*lines, *[unknown] * 20]


@VECTORS.fails("F-LIM-1", "C02", "MalformedError", level=0)
def log_of_too_many_entries(story: Story) -> None:
    """The newest checkpoint speaks of 16,777,217 entries."""
    story.checkpoint(2).head = fields(size=16_777_217)
    story.files = lambda files: _renamed(files, "log/checkpoints/00000002", "log/checkpoints/16777217")


@VECTORS.fails("F-LIM-1", "C05", "MalformedError", level=0)
def seventeen_signatures(story: Story) -> None:
    """A statement carries 17 signatures, the unknown ones counted."""
    story.snapshots[0].statement.signatures = _with_unknown(15)


@VECTORS.passes("F-LIM-1", level=0)
def sixteen_signatures(story: Story) -> None:
    """A statement carries 16 signatures, 14 of them by unknown keys."""
    story.snapshots[0].statement.signatures = _with_unknown(14)


@VECTORS.fails("F-LIM-1", "C21", "MalformedError")
def header_over_64_kib(story: Story) -> None:
    """A stanza's body is 64 KiB long, which no recipient type has."""
    story.snapshots[0].age.stanzas = lambda stanzas: [
        Stanza(stanzas[0].arguments, bytes(64 * 1024)),
        *stanzas[1:],
    ]


def _crowd(number: int) -> Story:
    story = short_story()
    crowd = [CLASSIC, *(identity(f"crowd {place}") for place in range(1, number))]
    story.roots[0].recipients = crowd
    story.snapshots[0].recipients = crowd
    story.events[:0] = [CanaryOpened(one, day=1) for one in crowd[1:]]
    return story


@VECTORS.fails("F-LIM-1", "C21", "MalformedError", start=lambda: _crowd(21))
def twenty_one_stanzas(story: Story) -> None:
    """A bundle is sealed to 21 recipients, all of them named and proved."""


@VECTORS.passes("F-LIM-1", start=lambda: _crowd(20))
def twenty_stanzas(story: Story) -> None:
    """A bundle is sealed to 20 recipients, all of them named and proved."""


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def key_over_4096_bytes(story: Story) -> None:
    """A record's key has 4,097 bytes."""
    story.snapshots[0].live = _with_key_of(4097)


@VECTORS.passes("F-LIM-1")
def key_of_4096_bytes(story: Story) -> None:
    """A record's key has 4,096 bytes."""
    story.snapshots[0].live = _with_key_of(4096)


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def line_of_256_mib_declared(story: Story) -> None:
    """A data frame of a few bytes and its row in the block table declare 256 MiB and two bytes of content."""
    length = 256 * MIB + 2

    def declared(frames: list[bytes]) -> list[bytes]:
        return [*frames[:-1], _frame_declaring(length)]

    story.snapshots[0].bundle.frames = declared
    story.snapshots[0].bundle.block_table = _last_row(content_length=length)


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def block_of_65537_rows(story: Story) -> None:
    """The block table gives a block 65,537 rows."""
    story.snapshots[0].bundle.block_table = _last_row(rows=65_537)


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def table_of_too_many_blocks(story: Story) -> None:
    """Block table and footer speak of 4,194,305 blocks."""
    story.snapshots[0].bundle.block_table = fields(blocks=4_194_305)
    story.snapshots[0].bundle.footer = fields(blocks=4_194_305)


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def block_table_that_declares_a_tebibyte(story: Story) -> None:
    """The block table's frame declares a content of 1 TiB."""
    story.snapshots[0].bundle.block_table_payload = always(_frame_declaring(1 << 40))


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def block_table_that_swells(story: Story) -> None:
    """The block table's frame is a real bomb: 600 MiB of zeros in some ten kilobytes."""
    story.snapshots[0].bundle.block_table_payload = always(_bomb_of(600 * MIB))


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def rows_that_the_plaintext_has_no_room_for(story: Story) -> None:
    """The footer states 2^40 rows, of which the record hashes alone would have 32 TiB."""
    story.snapshots[0].bundle.footer = fields(rows=1 << 40)


@VECTORS.fails("F-LIM-1", "C22", "MalformedError", start=sound_story)
def tombstones_beyond_the_rows_of_the_full(story: Story) -> None:
    """A delta's footer states 2^40 tombstones, and the frame that holds them swells to 600 MiB of zeros."""
    story.snapshots[1].bundle.tombstones_payload = always(_bomb_of(600 * MIB, content_size=True))
    story.snapshots[1].bundle.footer = fields(tombstones=1 << 40)


@VECTORS.fails("F-LIM-1", "C05", "MalformedError", level=0)
def bundle_over_256_gib(story: Story) -> None:
    """A manifest gives its bundle 2^53 bytes, of which the segment list would have 4 TiB."""
    bundle = {"bytes": 1 << 53, "leaves": 1 << 37}
    story.snapshots[0].manifest = lambda payload, past: {
        **payload, "bundles": [{**payload["bundles"][0], **bundle}]}  # fmt: skip


@VECTORS.fails("F-LIM-1", "C05", "MalformedError", level=0)
def payload_of_two_million_arrays(story: Story) -> None:
    """A manifest, properly signed, has a member more, of two million empty arrays: 6 MB that become 200."""
    more = b"[" + b",".join([b"[]"] * 2_000_000) + b"]"
    story.snapshots[0].statement.payload_bytes = lambda text: text[:-1] + b',"more":' + more + b"}"


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def block_table_that_swells_as_it_states(story: Story) -> None:
    """The block table's frame states its 600 MiB of zeros; the footer's four blocks have no use for them."""
    story.snapshots[0].bundle.block_table_payload = always(_bomb_of(600 * MIB, content_size=True))


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def tombstones_that_declare_a_tebibyte(story: Story) -> None:
    """The tombstones' frame declares a content of 1 TiB."""
    story.snapshots[0].bundle.tombstones_payload = always(_frame_declaring(1 << 40))


@VECTORS.fails("F-LIM-1", "C22", "MalformedError")
def page_that_declares_a_tebibyte(story: Story) -> None:
    """The key text of a page declares a content of 1 TiB, its length field 4 GiB - 1."""

    def edited(pages: list[bytes]) -> list[bytes]:
        rows, _, packed = struct.unpack("<III", pages[0][:12])
        frame = _frame_declaring(1 << 40)
        head = struct.pack("<III", rows, 0xFFFFFFFF, len(frame))
        return [head + frame + pages[0][12 + packed :], *pages[1:]]

    story.snapshots[0].bundle.page_bytes = edited


@VECTORS.fails("F-LIM-1", "C22", "MalformedError", start=large_story)
def page_that_swells(story: Story) -> None:
    """The key text of the page of a long line is a real bomb: 600 MiB of zeros, stated as such."""

    def edited(pages: list[bytes]) -> list[bytes]:
        rows, _, packed = struct.unpack("<III", pages[-1][:12])
        frame = _bomb_of(600 * MIB, content_size=True)
        return [*pages[:-1], struct.pack("<III", rows, 600 * MIB, len(frame)) + frame + pages[-1][12 + packed :]]

    story.snapshots[0].bundle.page_bytes = edited


def _with_unknown(number: int) -> Edit[list[Json]]:
    unknown = {"keyid": "somebody:ed25519", "sig": base64_of(bytes(64))}
    return lambda signatures: [*signatures, *[unknown] * number]


def _with_key_of(length: int) -> list[ForgedRecord]:
    shell = object_of("groups", "", {})
    return sorted([*tenant_records(), object_of("groups", "z" * (length - len(shell.key)), {})])


def _last_row(**changes: int) -> Edit[BlockTable]:
    return lambda table: fields(rows=(*table.rows[:-1], fields(**changes)(table.rows[-1])))(table)


def _frame_declaring(length: int) -> bytes:
    """A zstd frame header (RFC 8878 section 3.1.1) with an 8-byte content size, and one small raw block."""
    return (
        b"\x28\xb5\x2f\xfd" + b"\xc0" + b"\x50" + struct.pack("<Q", length) + struct.pack("<I", 1 | 2 << 3)[:3] + b"x\n"
    )


def _bomb_of(length: int, *, content_size: bool = False) -> bytes:
    packer = zstandard.ZstdCompressor(level=19, write_content_size=content_size).compressobj(
        size=length if content_size else -1
    )
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(length // MIB)) + packer.flush()


def _renamed(files: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {new if name == old else name: content for name, content in files.items()}
