"""From runs to sorted, compared, compressed blocks, one range of keys at a time.

The key space is cut into ranges of about RANGE_BYTES of text. A range is a task that any worker can do: it
takes that range out of every run, sorts it, drops what was read twice, and either makes blocks of all of it
(a full) or compares it with the epoch table and makes blocks of what differs (a delta), inflating only
that. A range ends between two objects, so an object and its relations stay together.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from vault.sealing.block import Block, BlockWriter, counts_of
from vault.sealing.epoch import EpochRows, EpochTable
from vault.sealing.scope import Scope
from vault.spooling.spool_run import ROW_BYTES, Piece, Run, SpoolReader
from verify.constants import HASH_BYTES
from verify.key import parts_of
from verify.leaf import LeafHasher

RANGE_BYTES = 16 * 1024 * 1024
"""Text and rows of one range, in bytes: bounds a worker's memory and keeps both cores busy to the end."""

COUNTS = ("objects", "records", "added", "changed", "removed")
"""What is counted per collection: live objects and records, and records that differ from the epoch's full."""

_PART_DIGITS = 8
_FIRST_PART = b"\x0000000000"


_NOT_READ = -1
"""Order, piece and line of a record that stands in the epoch's full and that no reading has met."""


class KeyRange(NamedTuple):
    """Keys from `low` up to, but without, `high`; `high` is None at the end."""

    low: bytes
    high: bytes | None


class RangeOfRuns(NamedTuple):
    """A range, and the blocks of the runs that hold some of it."""

    span: KeyRange
    pieces: list[Piece]


class SealedRange(NamedTuple):
    """What a range contributes to a bundle.

    `leaves` are those of all live records of the range (32 bytes each); `block_leaves` those of each block's
    rows (a full's epoch table needs them). `counts` has what COUNTS names, per collection.
    """

    blocks: list[Block]
    block_leaves: list[bytes]
    leaves: bytes
    tombstones: list[bytes]
    counts: Mapping[str, Counter[str]]


class _Row(NamedTuple):
    """One record of a range; its text is line `line_at` of the range's piece `piece`.

    One that was _NOT_READ has no text here, and needs none: it does not differ from the full's.
    """

    key: bytes
    order: int
    hash: bytes
    piece: int
    line_at: int


def ranges_of(runs: Sequence[Run], table: EpochTable | None = None) -> Iterator[RangeOfRuns]:
    """Cuts the keys of all runs into ranges that take about RANGE_BYTES each; at least one, maybe empty.

    With an epoch table, its rows count too: most of them stand, where little was read.
    """
    for span in _spans_of(runs, table):
        yield RangeOfRuns(span, _pieces_of(runs, span))


def _spans_of(runs: Sequence[Run], table: EpochTable | None) -> list[KeyRange]:
    blocks = [(block.first_key, block.plain_bytes + block.rows * ROW_BYTES) for run in runs for block in run.blocks]
    if table is not None:
        blocks += [(first_key, rows * ROW_BYTES) for first_key, rows in table.page_rows()]
    blocks.sort()
    cuts: list[bytes] = []
    size = 0
    for first_key, weight in blocks:
        cut = _object_prefix_of(first_key)
        if size >= RANGE_BYTES and (not cuts or cut > cuts[-1]):
            cuts.append(cut)
            size = 0
        size += weight
    return [KeyRange(low, high) for low, high in _pairs([b"", *cuts])]


def _pairs(lows: list[bytes]) -> list[tuple[bytes, bytes | None]]:
    return list(zip(lows, [*lows[1:], None], strict=True))


def _pieces_of(runs: Sequence[Run], span: KeyRange) -> list[Piece]:
    pieces = []
    for run in runs:
        start = bisect_left(run.blocks, span.low, key=attrgetter("last_key"))
        for index in range(start, len(run.blocks)):
            block = run.blocks[index]
            if span.high is not None and block.first_key >= span.high:
                break
            pieces.append(Piece(run.path, run.number, index, block))
    return pieces


def _object_prefix_of(key: bytes) -> bytes:
    """The part of a key that an object shares with its relations: collection, id, parent."""
    parts = parts_of(key)
    return b"\x00".join((parts.collection, parts.id, parts.parent, b""))


def seal_full_range(work: RangeOfRuns, spool_key: bytes, epoch_secret: bytes) -> SealedRange:
    """Makes blocks of every live record in the range."""
    with SpoolReader(spool_key) as reader:
        rows = _rows_in(reader, work)
        lines = _lines_of(reader, work.pieces, rows)
    keys = [row.key for row in rows]
    hashes = [row.hash for row in rows]
    blocks = list(BlockWriter().blocks_of(keys, hashes, lines))
    leaves = LeafHasher(epoch_secret).leaves_of(keys, hashes)
    block_leaves = []
    at = 0
    for block in blocks:
        block_leaves.append(leaves[at : at + HASH_BYTES * block.rows])
        at += HASH_BYTES * block.rows
    objects, records = counts_of(keys)
    counts = _counts(objects, records, added=records)
    return SealedRange(blocks, block_leaves, leaves, [], counts)


def seal_delta_range(
    work: RangeOfRuns, spool_key: bytes, epoch_secret: bytes, table_path: Path, scope: Scope | None
) -> SealedRange:
    """Makes blocks of what differs from the epoch's full, and tombstones for what is gone.

    Without a scope everything was read, and what was not met is gone.
    """
    old = EpochTable(table_path).rows_between(work.span.low, work.span.high)
    with SpoolReader(spool_key) as reader:
        rows = _rows_in(reader, work)
        if scope is not None:
            rows = _with_kept(rows, old, scope)
        compared = _compared(rows, old, LeafHasher(epoch_secret))
        lines = _lines_of(reader, work.pieces, compared.differing)
    keys = [row.key for row in compared.differing]
    live = [row.key for row in rows]
    tombstones = sorted(set(old.keys).difference(live))
    objects, records = counts_of(live)
    changed = counts_of(compared.changed_keys)[1]
    return SealedRange(
        blocks=list(BlockWriter().blocks_of(keys, [row.hash for row in compared.differing], lines)),
        block_leaves=[],
        leaves=compared.leaves,
        tombstones=tombstones,
        counts=_counts(
            objects,
            records,
            added=counts_of(keys)[1] - changed,
            changed=changed,
            removed=counts_of(tombstones)[1],
        ),
    )


def _with_kept(rows: list[_Row], old: EpochRows, scope: Scope) -> list[_Row]:
    """The rows that were read, and those of the full that nobody read again."""
    read = {row.key for row in rows}
    kept = [
        _Row(key, _NOT_READ, hash_, _NOT_READ, _NOT_READ)
        for key, hash_ in zip(old.keys, old.hashes, strict=True)
        if key not in read and scope.keeps(key)
    ]
    return sorted(rows + kept)


def _counts(objects: Counter[str], records: Counter[str], **others: Counter[str]) -> dict[str, Counter[str]]:
    return {name: Counter() for name in COUNTS} | {"objects": objects, "records": records} | others


class _Compared(NamedTuple):
    """Rows that differ from the full's, keys of those that the full has too, and the leaves of all live rows."""

    differing: list[_Row]
    changed_keys: list[bytes]
    leaves: bytes


def _compared(rows: Sequence[_Row], old: EpochRows, hasher: LeafHasher) -> _Compared:
    """Compares record hashes. The leaf of an unchanged record is the one in the table, so that nothing is hashed."""
    place_of = dict(zip(old.keys, range(len(old.keys)), strict=True)).get
    leaves: list[bytes] = []
    differing: list[_Row] = []
    differing_at: list[int] = []
    changed_keys: list[bytes] = []
    for row in rows:
        place = place_of(row.key)
        if place is not None and old.hashes[place] == row.hash:
            leaves.append(old.leaves[place])
            continue
        if place is not None:
            changed_keys.append(row.key)
        differing_at.append(len(leaves))
        leaves.append(b"")
        differing.append(row)
    new_leaves = hasher.leaves_of([row.key for row in differing], [row.hash for row in differing])
    for number, at in enumerate(differing_at):
        leaves[at] = new_leaves[HASH_BYTES * number : HASH_BYTES * (number + 1)]
    return _Compared(differing, changed_keys, b"".join(leaves))


def _rows_in(reader: SpoolReader, work: RangeOfRuns) -> list[_Row]:
    """All rows of the range in key order, each key once, each relation from its latest reading only."""
    low, high = work.span
    rows: list[_Row] = []
    for number, piece in enumerate(work.pieces):
        keys, hashes, orders = reader.rows_of(piece)
        start = bisect_left(keys, low)
        end = len(keys) if high is None else bisect_left(keys, high)
        rows += [_Row(keys[at], orders[at], hashes[at], number, at) for at in range(start, end)]
    rows.sort()
    return _latest_of(rows)


def _latest_of(rows: list[_Row]) -> list[_Row]:
    """Drops rows that a later reading replaced.

    Parts of one relation stand side by side, under one order a reading. Nearly always there is nothing to
    drop, which the keys alone say: none twice, and no relation with a second part.
    """
    keys = [row.key for row in rows]
    twice = any(map(operator.eq, keys, islice(keys, 1, None)))
    parted = any(key[-1] != 0 and not key.endswith(_FIRST_PART) for key in keys)
    return list(_latest_in_groups(rows)) if twice or parted else rows


def _latest_in_groups(rows: list[_Row]) -> Iterator[_Row]:
    start = 0
    count = len(rows)
    while start < count:
        key = rows[start].key
        group = _group_of(key)
        end = start + 1
        while end < count and (rows[end].key == key or (group and _group_of(rows[end].key) == group)):
            end += 1
        if end == start + 1:
            yield rows[start]
        else:
            latest = max(row.order for row in rows[start:end])
            last: _Row | None = None
            for row in rows[start:end]:
                if row.order == latest and (last is None or row.key != last.key):
                    yield row
                    last = row
        start = end


def _group_of(key: bytes) -> bytes:
    """The relation that a part belongs to; empty for objects and streams, whose keys end with 00."""
    return b"" if key.endswith(b"\x00") else key[:-_PART_DIGITS]


def _lines_of(reader: SpoolReader, pieces: Sequence[Piece], rows: Sequence[_Row]) -> list[bytes]:
    """The text of the rows, inflating each piece that holds one of them once."""
    wanted: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        wanted.setdefault(row.piece, []).append(at)
    lines: list[bytes] = [b""] * len(rows)
    for number, places in wanted.items():
        text = reader.lines_of(pieces[number])
        for at in places:
            lines[at] = text[rows[at].line_at]
    return lines
