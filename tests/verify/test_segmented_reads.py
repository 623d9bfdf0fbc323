"""Reading a bundle by range gives the file's bytes, whatever was read before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.bundle_statement import BundleDigest
from verify.constants import SEGMENT_BYTES
from verify.segments import SegmentedFile, bundle_name_of, segment_hashes_of, segment_list_name_of
from verify.tree import root_of

CONTENT = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(12 * SEGMENT_BYTES // 32 + 77))
HASHES = segment_hashes_of(CONTENT)
BUNDLE = BundleDigest("ab" * 32, "cd" * 64, len(CONTENT), root_of(HASHES).hex(), len(HASHES) // 32)


class MemoryArchive:
    """The two files of one bundle, in memory."""

    forkable = True

    def __init__(self) -> None:
        self.files = {bundle_name_of(BUNDLE.sha256): CONTENT, segment_list_name_of(BUNDLE.sha256): HASHES}

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Names and sizes."""
        return ((name, len(content)) for name, content in self.files.items() if name.startswith(prefix))

    def others(self) -> Iterator[str]:
        """Nothing but files."""
        return iter(())

    def size(self, name: str) -> int:
        """Size of a file."""
        return len(self.files[name])

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Part of a file."""
        return self.files[name][offset : offset + length]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 5 * SEGMENT_BYTES)), max_size=12))
def test_any_sequence_of_reads_gives_the_bytes_of_the_file(reads: list[tuple[int, int]]) -> None:
    """Segments are kept for the next read; what is kept must never change what is read."""
    file = SegmentedFile(MemoryArchive(), BUNDLE)
    for offset, length in reads:
        length = min(length, len(CONTENT) - offset)
        assert file.read(offset, length) == CONTENT[offset : offset + length]
