"""Ranges of a bundle file that are proved without reading the whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.bundle_statement import BundleDigest
from verify.constants import SEGMENT_BYTES
from verify.errors import DigestError, MalformedError
from verify.segments import SegmentedFile, bundle_name_of, segment_hashes_of, segment_list_name_of
from verify.store import DirectoryReader
from verify.tree import leaf_hash_of, root_of

CONTENT = hashlib.shake_256(b"segments").digest(3 * SEGMENT_BYTES + 777)
DIGEST = BundleDigest(
    hashlib.sha256(CONTENT).hexdigest(),
    hashlib.sha512(CONTENT).hexdigest(),
    len(CONTENT),
    root_of(segment_hashes_of(CONTENT)).hex(),
    4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store with one bundle file."""
    path = tmp_path_factory.mktemp("segments")
    _write(path, CONTENT, segment_hashes_of(CONTENT))
    yield path


def _write(path: Path, content: bytes, segments: bytes) -> None:
    (path / bundle_name_of(DIGEST.sha256)).parent.mkdir(parents=True, exist_ok=True)
    (path / bundle_name_of(DIGEST.sha256)).write_bytes(content)
    (path / segment_list_name_of(DIGEST.sha256)).write_bytes(segments)


def test_a_segment_hash_is_a_leaf_hash_of_rfc_6962() -> None:
    """FORMAT.md section 8."""
    expected = [leaf_hash_of(CONTENT[at : at + SEGMENT_BYTES]) for at in range(0, len(CONTENT), SEGMENT_BYTES)]
    assert segment_hashes_of(CONTENT) == b"".join(expected)


@given(st.lists(st.tuples(st.integers(0, len(CONTENT)), st.integers(0, 2 * SEGMENT_BYTES)), max_size=8))
def test_any_reads_in_any_order_give_the_bytes_of_the_file(folder: Path, reads: list[tuple[int, int]]) -> None:
    """What is kept from one read to the next must not be mistaken for other segments."""
    file = SegmentedFile(DirectoryReader(folder), DIGEST)
    for offset, length in reads:
        if offset + length <= len(CONTENT):
            assert file.read(offset, length) == CONTENT[offset : offset + length]
        else:
            with pytest.raises(MalformedError):
                file.read(offset, length)


@pytest.mark.parametrize("at", [0, SEGMENT_BYTES, 3 * SEGMENT_BYTES + 776])
def test_a_damaged_segment_is_found_and_named(tmp_path: Path, at: int) -> None:
    """The other segments can still be read, and the message says where the damage lies."""
    damaged = bytearray(CONTENT)
    damaged[at] ^= 1
    _write(tmp_path, bytes(damaged), segment_hashes_of(CONTENT))
    file = SegmentedFile(DirectoryReader(tmp_path), DIGEST)
    with pytest.raises(DigestError, match=f"segment {at // SEGMENT_BYTES} "):
        file.read(at, 1)
    other = 2 * SEGMENT_BYTES
    assert file.read(other, 5) == CONTENT[other : other + 5]


def test_a_file_that_was_cut_is_found(tmp_path: Path) -> None:
    """A range that is no longer there is not a short read."""
    _write(tmp_path, CONTENT[:-1], segment_hashes_of(CONTENT))
    with pytest.raises(DigestError):
        SegmentedFile(DirectoryReader(tmp_path), DIGEST).read(3 * SEGMENT_BYTES, 10)


def test_a_list_that_fits_the_damage_is_refused(tmp_path: Path) -> None:
    """F-SEG-1: the list is believed only under the root that the manifest signs."""
    other = bytes(len(CONTENT))
    _write(tmp_path, other, segment_hashes_of(other))
    with pytest.raises(DigestError):
        SegmentedFile(DirectoryReader(tmp_path), DIGEST)
