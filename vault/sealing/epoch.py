"""The epoch table: key, record hash and leaf of every record of the epoch's full, on the archive host.

It is what lets a put-only host know what has changed. It holds no content: ids and hashes only. It is
written with the full and removed when the epoch ends. A page belongs to a block of the full and holds that
block's object-table page followed by its leaves.
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import zstandard

from vault.regular_file import opened
from verify.constants import HASH_BYTES, PAGE_HEADER
from verify.errors import MalformedError
from verify.key import OBJECT_ENDING

_INDEX_ROW = "<QII"
_FOOTER = "<QQI8s"
_LABEL = b"SRepoch1"
_TOP_ENDING = b"\x00" + OBJECT_ENDING
"""How the key of an object ends that no object contains: an empty parent, then the kind."""
_PAGE_HEADER_BYTES = struct.calcsize(PAGE_HEADER)


class EpochRows(NamedTuple):
    """Rows of the table, in key order; `leaves` holds 32 bytes a row."""

    keys: list[bytes]
    hashes: list[bytes]
    leaves: list[bytes]


class EpochTableWriter:
    """Writes the table beside a full that is being sealed."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._index: list[bytes] = []
        self._first_keys: list[bytes] = []
        self._at = 0
        self.rows = 0

    def add(self, first_key: bytes, page: bytes, leaves: bytes) -> None:
        """Appends one block's page and leaves."""
        self._target.write(page)
        self._target.write(leaves)
        self._index.append(struct.pack(_INDEX_ROW, self._at, len(page), len(leaves)))
        self._first_keys.append(first_key)
        self._at += len(page) + len(leaves)
        self.rows += len(leaves) // HASH_BYTES

    def close(self) -> None:
        """Writes the index and the footer; the owner syncs the file."""
        index = zstandard.ZstdCompressor(level=3).compress(b"".join(self._index) + b"\n".join(self._first_keys))
        self._target.write(index)
        self._target.write(struct.pack(_FOOTER, self._at, self.rows, len(self._index), _LABEL))


class EpochTable:
    """The table, read a range of keys at a time; safe to share between processes by its path.

    Raises:
        MalformedError: the file is cut short or is no epoch table. A run answers with a new full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with opened(path) as source:
                footer_bytes = struct.calcsize(_FOOTER)
                size = source.seek(0, 2)
                source.seek(size - footer_bytes)
                index_at, self.rows, pages, label = struct.unpack(_FOOTER, source.read(footer_bytes))
                source.seek(index_at)
                packed = source.read(size - footer_bytes - index_at)
            if label != _LABEL:
                raise MalformedError(f"{path} is not an epoch table")
            index = zstandard.ZstdDecompressor().decompress(packed)
        except (OSError, ValueError, struct.error, zstandard.ZstdError) as error:
            raise MalformedError(f"the epoch table {path} can't be read: {error}") from error
        width = struct.calcsize(_INDEX_ROW)
        self._places = [struct.unpack_from(_INDEX_ROW, index, page * width) for page in range(pages)]
        text = index[pages * width :]
        self.first_keys = text.split(b"\n") if text else []

    def pages(self) -> Iterator[bytes]:
        """Yields the object-table pages in order: the full's object table."""
        with opened(self.path) as source:
            for at, page_bytes, _ in self._places:
                source.seek(at)
                yield source.read(page_bytes)

    def sha256(self) -> str:
        """Returns the digest of the file, to be compared with the one taken when it was written."""
        with opened(self.path) as source:
            return hashlib.file_digest(source, "sha256").hexdigest()

    def row_pages(self) -> Iterator[EpochRows]:
        """Yields all rows, page by page."""
        with opened(self.path) as source:
            for place in self._places:
                yield _page_rows(source, place)

    def page_rows(self) -> Iterator[tuple[bytes, int]]:
        """Yields each page's first key and its number of rows, without reading the page."""
        for first_key, (_, _, leaf_bytes) in zip(self.first_keys, self._places, strict=True):
            yield first_key, leaf_bytes // HASH_BYTES

    def ids_of(self, collection: str) -> Iterator[str]:
        """Yields the ids of a collection's objects that no object contains, in order, with one page in memory."""
        low, high = collection.encode() + b"\x00", collection.encode() + b"\x01"
        start = max(bisect_right(self.first_keys, low) - 1, 0)
        with opened(self.path) as source:
            for place, first_key in zip(self._places[start:], self.first_keys[start:], strict=True):
                if first_key >= high:
                    return
                for key in _page_rows(source, place).keys:
                    if key.startswith(low) and key.endswith(_TOP_ENDING):
                        yield key[len(low) : -len(_TOP_ENDING)].decode()

    def rows_between(self, low: bytes, high: bytes | None) -> EpochRows:
        """Returns the rows with low <= key < high (no upper bound when `high` is None)."""
        keys: list[bytes] = []
        hashes: list[bytes] = []
        leaves: list[bytes] = []
        start = max(bisect_right(self.first_keys, low) - 1, 0)
        with opened(self.path) as source:
            for place, first_key in zip(self._places[start:], self.first_keys[start:], strict=True):
                if high is not None and first_key >= high:
                    break
                page = _page_rows(source, place)
                if page.keys[0] < low or (high is not None and page.keys[-1] >= high):
                    page = _cut(page, low, high)
                keys += page.keys
                hashes += page.hashes
                leaves += page.leaves
        return EpochRows(keys, hashes, leaves)


def _page_rows(source: BinaryIO, place: Sequence[int]) -> EpochRows:
    at, page_bytes, leaf_bytes = place
    source.seek(at)
    content = source.read(page_bytes + leaf_bytes)
    rows, _, packed_bytes = struct.unpack_from(PAGE_HEADER, content)
    hashes_at = _PAGE_HEADER_BYTES + packed_bytes
    keys = zstandard.ZstdDecompressor().decompress(content[_PAGE_HEADER_BYTES:hashes_at]).split(b"\n")
    if len(keys) != rows or page_bytes != hashes_at + rows * HASH_BYTES or leaf_bytes != rows * HASH_BYTES:
        raise MalformedError("a page of the epoch table does not add up")
    return EpochRows(
        keys,
        [content[here : here + HASH_BYTES] for here in range(hashes_at, page_bytes, HASH_BYTES)],
        [content[here : here + HASH_BYTES] for here in range(page_bytes, len(content), HASH_BYTES)],
    )


def _cut(page: EpochRows, low: bytes, high: bytes | None) -> EpochRows:
    start = sum(1 for key in page.keys if key < low)
    end = len(page.keys) if high is None else sum(1 for key in page.keys if key < high)
    return EpochRows(page.keys[start:end], page.hashes[start:end], page.leaves[start:end])
