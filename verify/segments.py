"""Segments: a range of a bundle file that is proved without reading the whole (FORMAT.md section 8)."""

from __future__ import annotations

import hashlib

from verify.bundle_statement import BundleDigest
from verify.constants import BUNDLE_FOLDER, HASH_BYTES, SEGMENT_BYTES
from verify.errors import DigestError, MalformedError
from verify.store import ArchiveReader
from verify.tree import root_of

_HELD_SEGMENTS = 4
"""Proved segments kept for the next read: neighbouring reads share the segment at their border."""


def bundle_name_of(sha256: str) -> str:
    """Returns the name of the bundle with this hex digest."""
    return f"{BUNDLE_FOLDER}/{sha256[:2]}/{sha256}.age"


def segment_list_name_of(sha256: str) -> str:
    """Returns the name of that bundle's segment list."""
    return f"{BUNDLE_FOLDER}/{sha256[:2]}/{sha256}.seg"


def segment_hashes_of(content: bytes | memoryview) -> bytes:
    """Returns the 32-byte hashes, side by side, of the segments of `content`, which starts with a whole one."""
    prefix = hashlib.sha256(b"\x00")
    hashes = []
    view = memoryview(content)
    for at in range(0, len(view), SEGMENT_BYTES):
        digest = prefix.copy()
        digest.update(view[at : at + SEGMENT_BYTES])
        hashes.append(digest.digest())
    return b"".join(hashes)


def proved_segment_list(unverified: bytes, bundle: BundleDigest) -> bytes:
    """Proves a segment list against the manifest's words about the bundle.

    Raises:
        DigestError: its length or its root is not the one that was signed (F-SEG-1).
    """
    require_length(len(unverified), bundle)
    if root_of(unverified).hex() != bundle.segments_root:
        name = segment_list_name_of(bundle.sha256)
        raise DigestError(f"{name}: its root is not the one that the manifest signs")
    return unverified


def require_length(length: int, bundle: BundleDigest) -> None:
    """Compares the bytes of a segment list with what the manifest signs of the bundle.

    Raises:
        DigestError: it is another length (F-SEG-1).
    """
    name = segment_list_name_of(bundle.sha256)
    if bundle.leaves != -(-bundle.bytes // SEGMENT_BYTES):
        raise DigestError(f"{name}: the manifest states {bundle.leaves} segments for {bundle.bytes} bytes")
    if length != bundle.leaves * HASH_BYTES:
        raise DigestError(f"{name}: {length} bytes, not 32 for each of {bundle.leaves} segments")


class SegmentedFile:
    """A bundle file of which every byte that is handed out lies in a segment that was proved."""

    def __init__(self, reader: ArchiveReader, bundle: BundleDigest) -> None:
        """Reads and proves the segment list; raises as `proved_segment_list`."""
        self.name = bundle_name_of(bundle.sha256)
        self.size = bundle.bytes
        self._reader = reader
        list_name = segment_list_name_of(bundle.sha256)
        self._list = proved_segment_list(reader.read(list_name, 0, bundle.leaves * HASH_BYTES + 1), bundle)
        self._held: dict[int, bytes] = {}

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` proved bytes from `offset`.

        Raises:
            MalformedError: the range is not within the file that the manifest describes.
            DigestError: a segment is not the one that was signed for.
        """
        if offset < 0 or length < 0 or offset + length > self.size:
            raise MalformedError(f"{self.name}: bytes {offset} to {offset + length} of {self.size} were asked for")
        if not length:
            return b""
        first, last = offset // SEGMENT_BYTES, (offset + length - 1) // SEGMENT_BYTES
        # Taken before anything is fetched: fetching lets go of what was held before.
        head = self._held.get(first)
        tail = self._held.get(last) if last != first else None
        fetch_from = first if head is None else first + 1
        fetch_to = last + 1 if tail is None else last
        middle = self._fetched(fetch_from, fetch_to) if fetch_from < fetch_to else b""
        parts = [memoryview(part) for part in (head, middle, tail) if part]
        parts[0] = parts[0][offset - first * SEGMENT_BYTES :]
        beyond = sum(map(len, parts)) - length
        parts[-1] = parts[-1][: len(parts[-1]) - beyond]
        return b"".join(parts)

    def _fetched(self, first: int, end: int) -> bytes:
        at = first * SEGMENT_BYTES
        content = self._reader.read(self.name, at, min(end * SEGMENT_BYTES, self.size) - at)
        hashes = segment_hashes_of(content)
        expected = self._list[first * HASH_BYTES : end * HASH_BYTES]
        if hashes != expected:
            bad = next(
                number
                for number in range(first, end)
                if hashes[(number - first) * HASH_BYTES :][:HASH_BYTES]
                != self._list[number * HASH_BYTES :][:HASH_BYTES]
            )
            raise DigestError(f"{self.name}: segment {bad} (from byte {bad * SEGMENT_BYTES}) is damaged or replaced")
        for number in {first, end - 1}:
            start = (number - first) * SEGMENT_BYTES
            self._held[number] = content[start : start + SEGMENT_BYTES]
        while len(self._held) > _HELD_SEGMENTS:
            del self._held[next(iter(self._held))]
        return content
