"""Seals spooled records into one bundle: a pure age file whose plaintext FORMAT.md section 6 describes.

`seal` sorts and compresses in the spool's workers and encrypts in order here. A full also writes the epoch
table, from which its object table is then copied.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import zstandard

from vault.errors import SpoolError
from vault.ledger.commit import TABLE_FILE
from vault.sealing.age_file import AgeFile
from vault.sealing.block import TABLE_LEVEL, Block, BlockRow, block_table_of, skippable_header_of
from vault.sealing.epoch import EpochTable, EpochTableWriter
from vault.sealing.scope import Scope
from vault.sealing.sorting import COUNTS, SealedRange, ranges_of, seal_delta_range, seal_full_range
from vault.sealing.state_root import StateRoot
from vault.spooling.spool import Spool
from vault.spooling.spool_run import Run
from verify.constants import (
    BLOCK_TABLE_MAGIC,
    FOOTER,
    FOOTER_LABEL,
    FOOTER_MAGIC,
    FOOTER_PAYLOAD_BYTES,
    KIND_DELTA,
    KIND_EVENTS,
    KIND_FULL,
    OBJECT_TABLE_MAGIC,
    SKIPPABLE_HEADER_BYTES,
    TOMBSTONES_MAGIC,
)
from verify.events_statement import EVENTS
from verify.identity import Recipient
from verify.manifest import DELTA, FULL

_WORDS = {KIND_FULL: FULL, KIND_DELTA: DELTA, KIND_EVENTS: EVENTS}
_EVENTS_FOLDER = "events"
EVENTS_FILE = "events-bundle"
"""Name of the bundle of events in the commit that puts it."""


@dataclass(frozen=True)
class BundlePlan:
    """What is to be sealed: `archive_id` of 16 and `epoch_secret` of 32 bytes; the numbers count from 1."""

    archive_id: bytes
    epoch: int
    sequence: int
    epoch_secret: bytes = field(repr=False)
    recipients: Sequence[Recipient]


@dataclass(frozen=True)
class SealedBundle:
    """A bundle on this host's disk, not yet stored anywhere.

    `file_key` (16 bytes) lives here until the double computation is done. `added`, `changed`, `removed`
    count records per collection against the epoch's full (for a full: everything is added).
    """

    path: Path
    kind: str
    size_bytes: int
    sha256: str
    sha512: str
    segments: bytes
    segments_root: str
    file_key: bytes = field(repr=False)
    epoch_secret: bytes = field(repr=False)
    state_root: str
    state_count: int
    objects: Counter[str]
    records: Counter[str]
    added: Counter[str]
    changed: Counter[str]
    removed: Counter[str]


def seal_full(spool: Spool, runs: Sequence[Run], plan: BundlePlan, folder: Path) -> SealedBundle:
    """Seals everything, and writes the epoch table beside it, TABLE_FILE.

    Raises:
        SpoolError: the disk is full.
        RecipientRefusedError: nobody to seal to.
    """
    return _seal_whole(spool, runs, plan, KIND_FULL, folder)


def seal_events(spool: Spool, runs: Sequence[Run], plan: BundlePlan, folder: Path) -> SealedBundle:
    """Seals events into EVENTS_FILE, as a full of their own. Raises as `seal_full`."""
    own = folder / _EVENTS_FOLDER
    try:
        own.mkdir(mode=0o700)
        sealed = _seal_whole(spool, runs, plan, KIND_EVENTS, own)
        path = sealed.path.rename(folder / EVENTS_FILE)
        shutil.rmtree(own)  # with the table: no delta leans on events
    except OSError as error:
        raise SpoolError(f"the bundle of events in {folder} can't be written: {error.strerror}") from error
    return replace(sealed, path=path)


def _seal_whole(spool: Spool, runs: Sequence[Run], plan: BundlePlan, kind: int, folder: Path) -> SealedBundle:
    table_path = folder / TABLE_FILE
    with table_path.open("xb") as table_file:
        table = EpochTableWriter(table_file)

        def keep(sealed: SealedRange) -> None:
            for block, leaves in zip(sealed.blocks, sealed.block_leaves, strict=True):
                table.add(block.first_key, block.page, leaves)

        def pages() -> Iterator[bytes]:
            table.close()
            table_file.flush()
            os.fsync(table_file.fileno())
            return EpochTable(table_path).pages()

        work = (
            lambda one=one: spool.call(seal_full_range, one, spool.key, plan.epoch_secret) for one in ranges_of(runs)
        )
        return _seal(work, spool, plan, kind, folder, keep, pages)


def seal_delta(
    spool: Spool, runs: Sequence[Run], plan: BundlePlan, folder: Path, table_path: Path, scope: Scope | None
) -> SealedBundle:
    """Seals what differs from the full that the epoch table describes; `scope` says what was not read again.

    Raises as `seal_full`.
    """
    kept: list[bytes] = []

    def keep(sealed: SealedRange) -> None:
        kept.extend([block.page for block in sealed.blocks])

    work = (
        lambda one=one: spool.call(seal_delta_range, one, spool.key, plan.epoch_secret, table_path, scope)
        for one in ranges_of(runs, None if scope is None else EpochTable(table_path))
    )
    return _seal(work, spool, plan, KIND_DELTA, folder, keep, lambda: iter(kept))


def _seal(
    work: Iterable[Callable[[], Future[SealedRange]]],
    spool: Spool,
    plan: BundlePlan,
    kind: int,
    folder: Path,
    keep: Callable[[SealedRange], None],
    pages: Callable[[], Iterator[bytes]],
) -> SealedBundle:
    path = folder / "bundle"
    contents = _Contents(spool)
    try:
        with path.open("xb") as target:
            age = AgeFile(target, plan.recipients)
            for sealed in spool.in_order(work):
                for block in sealed.blocks:
                    contents.add_block(age.plaintext_bytes, block)
                    age.write(block.frame)
                keep(sealed)
                contents.add_range(sealed)
            _write_tables(age, plan, kind, contents.rows, contents.tombstones, pages())
            age.close()
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise SpoolError(f"the bundle at {path} can't be written: {error.strerror}") from error
    return _sealed_bundle(path, kind, plan, age, contents)


def _sealed_bundle(path: Path, kind: int, plan: BundlePlan, age: AgeFile, contents: _Contents) -> SealedBundle:
    return SealedBundle(
        path=path,
        kind=_WORDS[kind],
        size_bytes=age.bytes_written,
        sha256=age.sha256,
        sha512=age.sha512,
        segments=age.segments,
        segments_root=age.segments_root.hex(),
        file_key=age.file_key,
        epoch_secret=plan.epoch_secret,
        state_root=contents.state.root().hex(),
        state_count=contents.state.count,
        **contents.counts,
    )


class _Contents:
    """What is known of a bundle while its ranges arrive in order."""

    def __init__(self, spool: Spool) -> None:
        self.rows: list[BlockRow] = []
        self.tombstones: list[bytes] = []
        self.state = StateRoot(spool)
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}

    def add_block(self, offset: int, block: Block) -> None:
        """Notes where a block's frame stands in the plaintext."""
        size = len(block.frame)
        self.rows.append(BlockRow(offset, size, block.plain_bytes, block.rows, len(block.page), block.first_key))

    def add_range(self, sealed: SealedRange) -> None:
        """Adds what a range says beside its blocks."""
        self.state.add(sealed.leaves)
        self.tombstones += sealed.tombstones
        for name, total in self.counts.items():
            total.update(sealed.counts[name])


def _write_tables(
    age: AgeFile,
    plan: BundlePlan,
    kind: int,
    rows: Sequence[BlockRow],
    tombstones: Sequence[bytes],
    pages: Iterator[bytes],
) -> None:
    object_table_at = age.plaintext_bytes
    age.write(skippable_header_of(OBJECT_TABLE_MAGIC, sum(row.page_bytes for row in rows)))
    for page in pages:
        age.write(page)
    block_table_at = age.plaintext_bytes
    block_table = block_table_of(rows, object_table_at + SKIPPABLE_HEADER_BYTES)
    age.write(skippable_header_of(BLOCK_TABLE_MAGIC, len(block_table)) + block_table)
    tombstones_at = age.plaintext_bytes
    packed = zstandard.ZstdCompressor(level=TABLE_LEVEL).compress(b"\n".join(tombstones))
    age.write(skippable_header_of(TOMBSTONES_MAGIC, len(packed)) + packed)
    footer_at = age.plaintext_bytes
    footer = struct.pack(
        FOOTER, FOOTER_LABEL, kind, plan.archive_id, plan.epoch, plan.sequence,
        sum(row.rows for row in rows), len(tombstones),
        object_table_at, block_table_at, tombstones_at, footer_at, len(rows),
        plan.epoch_secret, hashlib.sha256(block_table).digest(), hashlib.sha256(packed).digest(),
    )  # fmt: skip
    age.write(skippable_header_of(FOOTER_MAGIC, FOOTER_PAYLOAD_BYTES) + footer)
