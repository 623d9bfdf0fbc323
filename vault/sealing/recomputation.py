"""The double computation: what was sealed is opened again, by the reader's code, before it may leave.

The bundle file is read back from disk with the file key still in memory, every chunk is authenticated,
every line hashed, and the state root computed anew. A flipped bit in this host's memory or on its disk shows
here, while there is still a tenant to read; once signed, logged and locked it could only be deplored.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from vault.errors import SealMismatchError
from vault.sealing.bundle import SealedBundle
from vault.sealing.epoch import EpochRows, EpochTable
from vault.sealing.state_root import StateRoot
from vault.spooling.spool import Spool
from verify.bundle import Bundle
from verify.constants import HASH_BYTES
from verify.errors import StrongroomError
from verify.events_statement import EventsStatement
from verify.leaf import LeafHasher
from verify.manifest import DELTA, Manifest
from verify.plaintext import Plaintext, opened_file_with_key

Signed = Manifest | EventsStatement
"""What signs for a bundle."""
BLOCKS_PER_TASK = 32
"""Blocks, about 1 MiB of text each, that a worker opens at a time."""


class LocalFile:
    """The bundle file on this host's disk, as the port that the reader reads through."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.size = path.stat().st_size
        self._path = path

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes from `offset`."""
        with self._path.open("rb") as source:
            source.seek(offset)
            return source.read(length)


def recompute(manifest: Signed, sealed: SealedBundle, table_path: Path, spool: Spool) -> None:
    """Proves that the bundle on disk is what the manifest, or the statement of events, says.

    `table_path` is the epoch table: a delta's unchanged leaves come from it, and its digest was checked
    before the delta was sealed. Nothing else needs it.

    Raises:
        SealMismatchError: it is not. Nothing must be stored.
    """
    digest = spool.call(_sha256_of, sealed.path)
    state = StateRoot(spool)
    try:
        if manifest.kind != DELTA:
            leaves = _leaves_of(manifest, sealed, spool)
        else:
            own = b"".join(_leaves_of(manifest, sealed, spool))
            leaves = _merged(_opened(manifest, sealed), own, EpochTable(table_path))
        for some in leaves:
            state.add(some)
        found = (state.root(), state.count, digest.result())
    except (StrongroomError, OSError) as error:
        raise SealMismatchError(f"the sealed bundle does not open as it was sealed: {error}") from error
    if found != (manifest.state_root, manifest.state_count, manifest.bundle.sha256):
        raise SealMismatchError("the sealed bundle opens, and is not what was sealed")


def _sha256_of(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _opened(manifest: Signed, sealed: SealedBundle) -> Bundle:
    return _bundle_at(manifest, sealed.path, sealed.file_key)


def _bundle_at(manifest: Signed, path: Path, file_key: bytes) -> Bundle:
    return Bundle(Plaintext(opened_file_with_key(LocalFile(path), file_key)), manifest)


def _leaves_of(manifest: Signed, sealed: SealedBundle, spool: Spool) -> Iterator[bytes]:
    """Leaves of the bundle's own rows, in order, computed by the spool's workers."""
    blocks = len(_opened(manifest, sealed).table)
    spans = [(at, min(at + BLOCKS_PER_TASK, blocks)) for at in range(0, blocks, BLOCKS_PER_TASK)]

    def start(span: tuple[int, int]) -> Future[bytes]:
        return spool.call(_block_leaves, manifest, sealed.path, sealed.file_key, *span)

    return spool.in_order(partial(start, span) for span in spans)


def _block_leaves(manifest: Signed, path: Path, file_key: bytes, first: int, end: int) -> bytes:
    bundle = _bundle_at(manifest, path, file_key)
    hasher = LeafHasher(bundle.epoch_secret)
    return b"".join([hasher.leaves_of(page.keys, page.row_hashes()) for page, _ in bundle.blocks(first, end)])


def _merged(delta: Bundle, delta_leaves: bytes, table: EpochTable) -> Iterator[bytes]:
    """Leaves of all live records: the full's, without what the delta removed, with what it holds."""
    keys = [key for page in delta.pages() for key in page.keys]
    leaf_of = {key: delta_leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at, key in enumerate(keys)}
    removed = set(delta.tombstones)
    at = found = 0
    for page, upper in _bounded(table):
        end = len(keys) if upper is None else bisect_left(keys, upper, at)
        touched = keys[at:end]
        at = end
        if not touched and removed.isdisjoint(page.keys):
            yield b"".join(page.leaves)
            continue
        rows = {key: leaf for key, leaf in zip(page.keys, page.leaves, strict=True) if key not in removed}
        found += len(page.keys) - len(rows)
        rows |= {key: leaf_of[key] for key in touched}
        yield b"".join([rows[key] for key in sorted(rows)])
    yield b"".join([leaf_of[key] for key in keys[at:]])
    if found != len(removed):
        raise SealMismatchError("a tombstone names what the epoch's full does not hold")


def _bounded(table: EpochTable) -> Iterator[tuple[EpochRows, bytes | None]]:
    """Pages with the key before which new keys belong to them: the next page's first key."""
    uppers: list[bytes | None] = [*table.first_keys[1:], None]
    return zip(table.row_pages(), uppers, strict=True)
