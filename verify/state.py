"""Level 1: every line, leaf and count of one snapshot, read through once by all cores (FORMAT.md section 5).

The work is cut into spans of the full's blocks; a worker that has a span also merges in what the delta says
about the keys of that span, so that live leaves come out in order and nothing but 32 bytes a record is kept.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from verify.bundle import Bundle
from verify.changes import Changes, Rows, TombstoneError, rows_of
from verify.constants import HASH_BYTES
from verify.errors import DigestError, MalformedError, StrongroomError, UnreachableArchiveError
from verify.key import OBJECT_ENDING
from verify.leaf import LeafHasher
from verify.manifest import Count
from verify.page import Page
from verify.parallel import MAX_TASKS, results_of
from verify.tree import root_of, subtree_roots_of

STRUCTURE, RECORDS, STATE = "C22", "C23", "C24"
"""The checks of FORMAT.md section 13 that reading through can fail."""

_SPAN_BYTES = 2 * 1024 * 1024
"""Compressed text of one task: some tens of milliseconds of work, so that cores end together."""

_SUBTREE_HEIGHT = 15
_SUBTREE_LEAVES = 2**_SUBTREE_HEIGHT
_ERRORS = {error.__name__: error for error in (DigestError, MalformedError, UnreachableArchiveError)}


class Finding(NamedTuple):
    """What is wrong with a bundle: the check that it fails, the file, and the error."""

    check: str
    subject: str
    error: StrongroomError


@dataclass(frozen=True)
class State:
    """What the live records of a snapshot give. `root` and `counts` mean nothing when there are findings."""

    root: bytes
    count: int
    counts: dict[str, Count]
    findings: tuple[Finding, ...]


class _Span(NamedTuple):
    """A task: blocks `first` to before `end`, of the delta itself or of the full."""

    is_delta: bool
    first: int
    end: int


@dataclass
class _Result:
    """What one task sends back: where its live leaves begin, in leaves, how many, and counts by collection."""

    place: int = 0
    leaves: int = 0
    counts: dict[str, list[int]] = field(default_factory=dict)
    finding: tuple[str, str, str, str] | None = None


def state_of(
    full: Bundle, delta: Bundle | None, meanwhile: Callable[[], None] | None = None, *, fork: bool = True
) -> State:
    """Reads a snapshot through and computes its state; `delta` is None when the snapshot is a full.

    `meanwhile` runs once in this process while workers read; without `fork` there are no workers. What is wrong
    is returned, not raised.

    Raises:
        StrongroomError: a worker was ended from outside.
    """
    finding = _common_finding(full, delta)
    if finding:
        if meanwhile:
            meanwhile()
        return State(b"", 0, {}, (finding,))
    reader = _SpanReader(full, delta)
    results: dict[int, _Result] = {}
    for task, content in results_of(reader.work, len(reader.spans), meanwhile, fork=fork):
        results[task] = _Result(**json.loads(content))
    ordered = [results[task] for task in sorted(results)]
    findings = tuple(
        Finding(check, subject, _ERRORS[name](message))
        for one in ordered
        if one.finding is not None
        for check, subject, name, message in (one.finding,)
    )
    if findings:
        return State(b"", 0, {}, findings)
    pieces = [(one.place, one.leaves) for one in ordered if one.leaves]
    return State(
        _root_of_pieces(reader.leaves, pieces, fork=fork), sum(leaves for _, leaves in pieces), _sum_of(ordered), ()
    )


def _common_finding(full: Bundle, delta: Bundle | None) -> Finding | None:
    """What concerns both bundles at once: one epoch secret, and no key both removed and there."""
    if delta is None:
        return None
    if delta.epoch_secret != full.epoch_secret:
        error = MalformedError(f"{delta.name}: has another epoch secret than the full it leans on (F-BUN-6)")
        return Finding(STRUCTURE, delta.name, error)
    return None


class _SpanReader:
    """One snapshot being read; forked workers share it, and write leaves into one anonymous mapping."""

    def __init__(self, full: Bundle, delta: Bundle | None) -> None:
        self._full = full
        self._delta = delta
        rows = full.rows + (delta.rows if delta else 0)
        self.leaves = mmap.mmap(-1, max(rows * HASH_BYTES, 1))
        self._hasher = LeafHasher(full.epoch_secret)
        self.spans = list(_spans_of(full, is_delta=False))
        if delta is not None:
            self.spans = self.spans or [_Span(False, 0, 0)]
            self.spans += _spans_of(delta, is_delta=True)

    def work(self, task: int) -> bytes:
        """Reads one span; everything that content can cause ends in the result."""
        span = self.spans[task]
        bundle = self._delta if span.is_delta and self._delta else self._full
        result = _Result()
        stage = _Stage()
        try:
            if span.is_delta:
                for _ in _proved_pages(bundle, span, stage):
                    pass
            else:
                self._read_full(span, result, stage)
        except TombstoneError as error:
            result.finding = (STATE, self._delta.name if self._delta else "", MalformedError.__name__, error.message)
        except (DigestError, MalformedError, UnreachableArchiveError) as error:
            result.finding = (stage.check, bundle.name, _name_of(error), error.message)
        return json.dumps(result.__dict__).encode("ascii")

    def _read_full(self, span: _Span, result: _Result, stage: _Stage) -> None:
        first_keys = self._full.table.first_keys
        low = first_keys[span.first] if span.first else None
        high = first_keys[span.end] if span.end < len(first_keys) else None
        changes = Changes(self._delta, low, high) if self._delta else None
        result.place = self._full.table.row_offsets[span.first] + (changes.rows_before if changes else 0)
        at = result.place * HASH_BYTES
        for number, page in enumerate(_proved_pages(self._full, span, stage), span.first + 1):
            end = first_keys[number] if number < len(first_keys) else None
            rows = changes.applied_to(rows_of(page), end) if changes else rows_of(page)
            at = self._write(rows, at, result)
        if changes:
            at = self._write(changes.rest(), at, result)
        result.leaves = at // HASH_BYTES - result.place

    def _write(self, rows: Rows, at: int, result: _Result) -> int:
        """Counts rows and writes their leaves; returns where the next one goes."""
        if not rows.keys:
            return at
        _count(rows.keys, rows.key_text, result.counts)
        leaves = self._hasher.leaves_of(rows.keys, rows.hashes)
        self.leaves[at : at + len(leaves)] = leaves
        return at + len(leaves)


class _Stage:
    """Which check is at work, for the finding if it fails."""

    def __init__(self) -> None:
        self.check = STRUCTURE


def _proved_pages(bundle: Bundle, span: _Span, stage: _Stage) -> Iterator[Page]:
    """Yields the pages of a span after every line of their blocks was proved."""
    number = span.first
    for page, text in bundle.unproved_blocks(span.first, span.end):
        stage.check = RECORDS
        bundle.check_lines(number, page, text)
        del text  # a block may be one line of 256 MiB; two at a time need not be
        stage.check = STRUCTURE
        yield page
        number += 1


def _spans_of(bundle: Bundle, *, is_delta: bool) -> Iterator[_Span]:
    blocks = bundle.table.blocks
    # Both bundles together stay under MAX_TASKS.
    most = max(_SPAN_BYTES, 2 * bundle.footer.object_table_at // (MAX_TASKS - 2))
    first, length = 0, 0
    for number, block in enumerate(blocks):
        length += block.frame_bytes
        if length >= most or number == len(blocks) - 1:
            yield _Span(is_delta, first, number + 1)
            first, length = number + 1, 0


def _count(keys: list[bytes], text: bytes | None, counts: dict[str, list[int]]) -> None:
    """Adds objects and records by collection; the usual page has one collection, and counts by its text."""
    first = keys[0][: keys[0].index(0)]
    if text is not None and keys[-1].startswith(first + b"\x00"):
        objects = text.count(OBJECT_ENDING + b"\n") + text.endswith(OBJECT_ENDING)
        _add(counts, first, objects, len(keys))
        return
    for collection, group in groupby(keys, lambda key: key[: key.index(0)]):
        members = list(group)
        _add(counts, collection, sum(key.endswith(OBJECT_ENDING) for key in members), len(members))


def _add(counts: dict[str, list[int]], collection: bytes, objects: int, records: int) -> None:
    one = counts.setdefault(collection.decode("utf-8"), [0, 0])
    one[0] += objects
    one[1] += records


def _sum_of(results: list[_Result]) -> dict[str, Count]:
    counts: dict[str, list[int]] = {}
    for result in results:
        for name, (objects, records) in result.counts.items():
            one = counts.setdefault(name, [0, 0])
            one[0] += objects
            one[1] += records
    return {name: Count(*one) for name, one in sorted(counts.items())}


def _root_of_pieces(leaves: mmap.mmap, pieces: list[tuple[int, int]], *, fork: bool) -> bytes:
    """Returns the root over leaves that lie in pieces of one mapping; subtrees are made by all cores."""
    starts = [0]
    for _, count in pieces:
        starts.append(starts[-1] + count)
    total = starts[-1]

    def leaves_between(low: int, high: int) -> bytes:
        parts = []
        for number, (place, count) in enumerate(pieces):
            first, end = max(low - starts[number], 0), min(high - starts[number], count)
            if first < end:
                parts.append(leaves[(place + first) * HASH_BYTES : (place + end) * HASH_BYTES])
        return b"".join(parts)

    def work(task: int) -> bytes:
        low = task * _SUBTREE_LEAVES
        return subtree_roots_of(leaves_between(low, min(low + _SUBTREE_LEAVES, total)), _SUBTREE_HEIGHT)

    rows = dict(results_of(work, -(-total // _SUBTREE_LEAVES), fork=fork))
    return root_of(b"".join(rows[task] for task in sorted(rows)))


def _name_of(error: StrongroomError) -> str:
    return next(name for name, class_ in _ERRORS.items() if isinstance(error, class_))
