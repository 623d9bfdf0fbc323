"""Lays out the plaintext of a bundle (FORMAT.md section 6), with an edit for each part of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from tests.verify.kit.edit import Edit, keep
from tests.verify.kit.record import ForgedRecord
from tests.verify.kit.tables import (
    BLOCK_TABLE,
    DELTA,
    EVENTS,
    FOOTER,
    FULL,
    OBJECT_TABLE,
    TOMBSTONES,
    BlockRow,
    BlockTable,
    Footer,
    Page,
    skippable_frame_of,
    zstd_frame_of,
)

LINES_PER_BLOCK = 3
"""So few that a small archive has several blocks; the format allows any number up to 1 MiB of text."""

Block = list[ForgedRecord]


@dataclass
class BundleEdits:
    """What a story may break in a plaintext.

    The edits run in the order given here, each on values that follow from those before, so that everything
    behind an edit is again consistent with it. `filler` holds bytes to be put before a part, by its name
    ("data", "object table", "block table", "tombstones", "footer", "end"); offsets count it in.
    """

    blocks: Edit[list[Block]] = keep
    texts: Edit[list[bytes]] = keep
    pages: Edit[list[Page]] = keep
    frames: Edit[list[bytes]] = keep
    page_bytes: Edit[list[bytes]] = keep
    object_table: Edit[bytes] = keep
    block_table: Edit[BlockTable] = keep
    block_table_content: Edit[bytes] = keep
    block_table_payload: Edit[bytes] = keep
    tombstones: Edit[list[bytes]] = keep
    tombstones_content: Edit[bytes] = keep
    tombstones_payload: Edit[bytes] = keep
    footer: Edit[Footer] = keep
    footer_payload: Edit[bytes] = keep
    plaintext: Edit[bytes] = keep
    filler: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What the footer says of a bundle besides its own layout."""

    kind: int
    archive_id: bytes
    epoch: int
    sequence: int
    secret: bytes


def kind_of(name: str) -> int:
    """The footer's number for `full`, `delta` or `events`."""
    return {"full": FULL, "delta": DELTA, "events": EVENTS}[name]


def plaintext_of(
    facts: Facts, rows: list[ForgedRecord], removed: list[bytes], edits: BundleEdits | None = None
) -> bytes:
    """Returns the plaintext that holds `rows` and the tombstones `removed`."""
    return _Layout(edits or BundleEdits()).write(facts, rows, removed)


class _Layout:
    """Writes part after part and remembers where each begins."""

    def __init__(self, edits: BundleEdits) -> None:
        self._edits = edits
        self._written = bytearray()

    def write(self, facts: Facts, rows: list[ForgedRecord], removed: list[bytes]) -> bytes:
        edits = self._edits
        blocks = edits.blocks([rows[at : at + LINES_PER_BLOCK] for at in range(0, len(rows), LINES_PER_BLOCK)])
        texts = edits.texts([b"".join(record.line + b"\n" for record in block) for block in blocks])
        pages = edits.pages(
            [Page(tuple(row.key for row in block), tuple(row.hash for row in block)) for block in blocks]
        )
        frames_at, frames = self._write_frames([zstd_frame_of(text) for text in texts])
        object_table_at, page_bytes = self._write_object_table(pages)
        table = _block_table_of(frames_at, frames, texts, object_table_at, page_bytes, pages)
        block_table = edits.block_table_content(edits.block_table(table).pack())
        block_table = edits.block_table_payload(zstd_frame_of(block_table))
        block_table_at = self._write_part("block table", BLOCK_TABLE, block_table)
        keys = edits.tombstones(removed)
        tombstones = edits.tombstones_payload(zstd_frame_of(edits.tombstones_content(b"\n".join(keys))))
        tombstones_at = self._write_part("tombstones", TOMBSTONES, tombstones)
        self._fill("footer")
        footer = Footer(
            b"SRbundl1", facts.kind, bytes(7), facts.archive_id, facts.epoch, facts.sequence,
            sum(len(page.keys) for page in pages), len(keys),
            object_table_at, block_table_at, tombstones_at, len(self._written),
            len(pages), bytes(4), facts.secret,
            hashlib.sha256(block_table).digest(), hashlib.sha256(tombstones).digest(),
        )  # fmt: skip
        payload = edits.footer_payload(edits.footer(footer).pack())
        self._written += skippable_frame_of(FOOTER, payload)
        self._fill("end")
        return edits.plaintext(bytes(self._written))

    def _write_frames(self, frames: list[bytes]) -> tuple[list[int], list[bytes]]:
        frames = self._edits.frames(frames)
        self._fill("data")
        offsets = []
        for frame in frames:
            offsets.append(len(self._written))
            self._written += frame
        return offsets, frames

    def _write_object_table(self, pages: list[Page]) -> tuple[int, list[bytes]]:
        page_bytes = self._edits.page_bytes([page.pack() for page in pages])
        payload = self._edits.object_table(b"".join(page_bytes))
        return self._write_part("object table", OBJECT_TABLE, payload), page_bytes

    def _write_part(self, name: str, magic: int, payload: bytes) -> int:
        self._fill(name)
        at = len(self._written)
        self._written += skippable_frame_of(magic, payload)
        return at

    def _fill(self, name: str) -> None:
        self._written += self._edits.filler.get(name, b"")


def _block_table_of(
    frames_at: list[int],
    frames: list[bytes],
    texts: list[bytes],
    object_table_at: int,
    page_bytes: list[bytes],
    pages: list[Page],
) -> BlockTable:
    page_at, rows = object_table_at + 8, []
    for at, frame, text, page_text, page in zip(frames_at, frames, texts, page_bytes, pages, strict=True):
        rows.append(BlockRow(at, len(frame), len(text), len(page.keys), len(page_text), page_at))
        page_at += len(page_text)
    return BlockTable(len(rows), tuple(rows), tuple(page.keys[0] if page.keys else b"" for page in pages))
