"""Bundles: an opened and structurally proved bundle, read by page and by block (FORMAT.md section 6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from verify.block_table import BLOCK_ROW_BYTES, BLOCK_TABLE_COUNT_BYTES, BlockTable, block_table_of
from verify.block_text import BlockLines, BlockText, block_lines_of, block_text_of
from verify.constants import (
    BLOCK_TABLE_MAGIC,
    FOOTER_FRAME_BYTES,
    OBJECT_TABLE_MAGIC,
    SKIPPABLE_HEADER_BYTES,
    TOMBSTONES_MAGIC,
)
from verify.errors import DigestError, MalformedError
from verify.footer import Footer, SealedAs, footer_of
from verify.frame import Inflater, skippable_payload_bytes_of
from verify.key import MAX_KEY_BYTES, Record
from verify.line import check_line, check_lines
from verify.page import Page, keys_of, page_of
from verify.plaintext import Plaintext

MAX_TABLE_BYTES = 1024 * 1024 * 1024
"""Block table or tombstones, inflated; a table of the longest bundle allowed has about 0.5 GiB."""

_LONGEST_KEY_BYTES = MAX_KEY_BYTES + 1  # with the LF that joins it to the next
READ_AHEAD_BYTES = 4 * 1024 * 1024
"""How much plaintext is read at once when a bundle is read through; four chunks more or less cost nothing."""


class Bundle:
    """A bundle whose footer, block table and tombstones are proved; pages and blocks are proved as they are read.

    `epoch_secret` is 32 bytes, `table` the block table, `tombstones` the keys removed since the full.
    """

    def __init__(self, plaintext: Plaintext, manifest: SealedAs, full: Bundle | None = None) -> None:
        """Reads the end of the bundle. `full` is what a delta leans on; without it, no bound is known for tombstones.

        Raises:
            MalformedError: F-BUN, section 6.
            DigestError: a table is not the one that the footer names, or a chunk is damaged.
            WrongArchiveError: sealed for another archive.
        """
        self.name = plaintext.name
        self._plaintext = plaintext
        self._inflater = Inflater()
        if plaintext.length < FOOTER_FRAME_BYTES:
            raise MalformedError(f"{self.name}: too short for a footer")
        end = plaintext.read(plaintext.length - FOOTER_FRAME_BYTES, FOOTER_FRAME_BYTES)
        self.footer: Footer = footer_of(end, plaintext.length, manifest, self.name)
        self.epoch_secret = self.footer.epoch_secret
        if full is not None and self.footer.tombstones > full.rows:
            raise MalformedError(f"{self.name}: more tombstones than the full has rows (F-LIM-1)")
        self._check_object_table()
        self.table: BlockTable = self._read_block_table()
        self.tombstones: list[bytes] = self._read_tombstones()

    @property
    def rows(self) -> int:
        """Number of records in the bundle."""
        return self.footer.rows

    def page(self, number: int) -> Page:
        """Returns the page of a block.

        Raises:
            MalformedError: F-BUN-3, F-BUN-4, F-STATE-2, F-KEY-1.
            DigestError: a chunk is damaged.
        """
        block = self.table.blocks[number]
        return self._page_in(self._plaintext.read(block.page_offset, block.page_bytes), number)

    def pages(self, first: int = 0, end: int | None = None) -> Iterator[Page]:
        """Yields the pages of blocks `first` to before `end`, read ahead; raises as `page`."""
        blocks = self.table.blocks
        for low, high in self._spans(first, len(blocks) if end is None else end):
            start = blocks[low].page_offset
            content = self._plaintext.read(start, blocks[high - 1].page_offset + blocks[high - 1].page_bytes - start)
            for number in range(low, high):
                at = blocks[number].page_offset - start
                yield self._page_in(content[at : at + blocks[number].page_bytes], number)

    def blocks(self, first: int = 0, end: int | None = None) -> Iterator[tuple[Page, list[bytes]]]:
        """Yields page and lines of blocks `first` to before `end`, read ahead, every line proved.

        Raises:
            MalformedError: F-BUN-2, F-LINE-1, and as `page`.
            DigestError: a line is not the one that its row's record hash names, or a chunk is damaged.
        """
        for number, (page, block) in enumerate(self.unproved_blocks(first, end), first):
            self.check_lines(number, page, block)
            yield page, block.lines()

    def unproved_blocks(self, first: int = 0, end: int | None = None) -> Iterator[tuple[Page, BlockText]]:
        """Yields pages and texts of blocks, for a caller who calls `check_lines` himself; raises as `blocks`."""
        spans = self._spans(first, len(self.table) if end is None else end)
        frames = (frame for low, high in spans for frame in self._frames(low, high))
        for number, (page, frame) in enumerate(zip(self.pages(first, end), frames, strict=True), first):
            yield page, block_text_of(self._text_in(frame, number), len(page.keys), self._what(number))

    def check_lines(self, number: int, page: Page, block: BlockText) -> None:
        """Proves the lines of a block against its page: record hash and key of each.

        Raises:
            MalformedError: F-LINE-1, F-KEY-1.
            DigestError: a line is not the one that its row's record hash names.
        """
        what = self._what(number)
        if block.hashes != page.hashes:
            row = next(row for row in range(len(page.keys)) if block.hash_at(row) != page.hash_at(row))
            raise DigestError(f"{what}: the line of row {row} is not the one that the table names")
        check_lines(page, block, what)

    def record_hash(self, key: bytes) -> bytes | None:
        """Returns the record hash of a key, None if the bundle has no such row; raises as `page`."""
        number = self.table.place_of(key)
        if number < 0:
            return None
        page = self.page(number)
        row = page.row_of(key)
        return None if row is None else page.hash_at(row)

    def record(self, key: bytes) -> Record | None:
        """Returns one record, None if the bundle has no such row; raises as `blocks`."""
        number = self.table.place_of(key)
        return self.block_records(number).record(key) if number >= 0 else None

    def block_records(self, number: int) -> BlockRecords:
        """Returns a block for reading single records of it; raises as `page`."""
        return BlockRecords(self, number, self.page(number))

    def unproved_text(self, number: int) -> BlockLines:
        """Returns the lines of a block, none of them proved; raises MalformedError (F-BUN-2)."""
        block = self.table.blocks[number]
        text = self._text_in(self._plaintext.read(block.offset, block.frame_bytes), number)
        return block_lines_of(text, block.rows, self._what(number))

    def _spans(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Cuts a range of blocks into runs whose frames are about READ_AHEAD_BYTES long."""
        low = first
        while low < end:
            high, length = low, 0
            while high < end and (high == low or length < READ_AHEAD_BYTES):
                length += self.table.blocks[high].frame_bytes
                high += 1
            yield low, high
            low = high

    def _frames(self, low: int, high: int) -> Iterator[bytes]:
        blocks = self.table.blocks
        start = blocks[low].offset
        content = self._plaintext.read(start, blocks[high - 1].offset + blocks[high - 1].frame_bytes - start)
        for number in range(low, high):
            at = blocks[number].offset - start
            yield content[at : at + blocks[number].frame_bytes]

    def _page_in(self, content: bytes, number: int) -> Page:
        page = page_of(content, self.table.blocks[number], self._inflater, self._what(number))
        first_keys = self.table.first_keys
        if page.keys[0] != first_keys[number]:
            raise MalformedError(f"{self._what(number)}: the page does not begin with the block's first key (F-BUN-4)")
        if number + 1 < len(first_keys) and page.keys[-1] >= first_keys[number + 1]:
            raise MalformedError(f"{self._what(number)}: keys are not strictly increasing between pages (F-BUN-3)")
        return page

    def _text_in(self, frame: bytes, number: int) -> bytes:
        return self._inflater.inflated(frame, self.table.blocks[number].content_bytes, self._what(number))

    def _what(self, number: int) -> str:
        return f"{self.name}, block {number}"

    def _check_object_table(self) -> None:
        header = self._plaintext.read(self.footer.object_table_at, SKIPPABLE_HEADER_BYTES)
        stated = skippable_payload_bytes_of(header, OBJECT_TABLE_MAGIC, f"{self.name}, object table")
        if stated != self.footer.block_table_at - self.footer.object_table_at - SKIPPABLE_HEADER_BYTES:
            raise MalformedError(f"{self.name}: the object table does not end where the block table begins (F-BUN-1)")

    def _read_block_table(self) -> BlockTable:
        what = f"{self.name}, block table"
        at, end = self.footer.block_table_at, self.footer.tombstones_at
        most = BLOCK_TABLE_COUNT_BYTES + self.footer.blocks * (BLOCK_ROW_BYTES + _LONGEST_KEY_BYTES)
        content = self._table_content(at, end, BLOCK_TABLE_MAGIC, self.footer.block_table_sha256, most, what)
        return block_table_of(content, self.footer, what)

    def _read_tombstones(self) -> list[bytes]:
        what = f"{self.name}, tombstones"
        at, end = self.footer.tombstones_at, self.footer.footer_at
        most = self.footer.tombstones * _LONGEST_KEY_BYTES
        content = self._table_content(at, end, TOMBSTONES_MAGIC, self.footer.tombstones_sha256, most, what)
        keys = keys_of(content, what)
        if len(keys) != self.footer.tombstones:
            raise MalformedError(f"{what}: {len(keys)} keys, and {self.footer.tombstones} in the footer")
        return keys

    def _table_content(self, at: int, end: int, magic: int, sha256: bytes, most: int, what: str) -> bytes:
        """Returns a table's content, of at most `most` bytes: as many as the rows that the footer states can have."""
        if end - at > MAX_TABLE_BYTES:
            raise MalformedError(f"{what}: longer than {MAX_TABLE_BYTES} bytes (F-LIM-1)")
        frame = self._plaintext.read(at, end - at)
        stated = skippable_payload_bytes_of(frame[:SKIPPABLE_HEADER_BYTES], magic, what)
        if stated != len(frame) - SKIPPABLE_HEADER_BYTES:
            raise MalformedError(f"{what}: does not end where the next table begins (F-BUN-1)")
        payload = frame[SKIPPABLE_HEADER_BYTES:]
        if hashlib.sha256(payload).digest() != sha256:
            raise DigestError(f"{what}: not the table that the footer names")
        return self._inflater.inflated_up_to(payload, min(most, MAX_TABLE_BYTES), what)


class BlockRecords:
    """Single records of one block. The text is read when the first one is asked for; each is proved by itself."""

    def __init__(self, bundle: Bundle, number: int, page: Page) -> None:
        self._bundle, self._number, self._page = bundle, number, page
        self._lines: BlockLines | None = None

    def record(self, key: bytes) -> Record | None:
        """Returns one record, None if the block has no such row; raises as `Bundle.blocks`."""
        row = self._page.row_of(key)
        if row is None:
            return None
        if self._lines is None:
            self._lines = self._bundle.unproved_text(self._number)
        line, what = self._lines.line(row), f"{self._bundle.name}, block {self._number}"
        if hashlib.sha256(line).digest() != self._page.hash_at(row):
            raise DigestError(f"{what}: the line of row {row} is not the one that the table names")
        check_line(key, line, what)
        return Record(key, line)
