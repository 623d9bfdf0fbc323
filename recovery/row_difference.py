"""Which records differ between two snapshots, from their tables alone: nothing is inflated but keys and hashes.

Snapshots of one epoch share their full, so that only what the deltas hold has to be looked at, and the
cost follows the change. Snapshots of two epochs are compared page by page, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verify.bundle import Bundle
from verify.snapshot import VerifiedSnapshot

_ABSENT: Final = b""
"""Stands for "the full's own record": no record hash is empty."""


def changed_keys_of(before: VerifiedSnapshot, after: VerifiedSnapshot) -> list[bytes]:
    """Returns the keys, in order, of all records that were added, removed or changed.

    Within an epoch a key may be among them whose records turn out to be equal; no other is missing.

    Raises:
        DigestError, MalformedError: a table that is read is not what was signed.
    """
    if before.full.name == after.full.name:
        return _within_epoch(before, after)
    return list(_between(_rows_of(before), _rows_of(after)))


def _within_epoch(before: VerifiedSnapshot, after: VerifiedSnapshot) -> list[bytes]:
    one, other = _overlay_of(before.delta), _overlay_of(after.delta)
    return sorted(key for key in one.keys() | other.keys() if one.get(key, _ABSENT) != other.get(key, _ABSENT))


def _overlay_of(delta: Bundle | None) -> dict[bytes, bytes | None]:
    """What a delta says about keys: their record hash, or None for a tombstone."""
    if delta is None:
        return {}
    overlay: dict[bytes, bytes | None] = dict.fromkeys(delta.tombstones)
    for page in delta.pages():
        overlay.update(zip(page.keys, page.row_hashes(), strict=True))
    return overlay


def _rows_of(snapshot: VerifiedSnapshot) -> Iterator[dict[bytes, bytes]]:
    """Live rows in key order, about a block at a time."""
    for rows in snapshot.rows():
        yield dict(zip(rows.keys, rows.hashes, strict=True))


def _between(before: Iterator[dict[bytes, bytes]], after: Iterator[dict[bytes, bytes]]) -> Iterator[bytes]:
    """Compares two streams of rows, window by window: what lies at or before both ends is settled."""
    one: dict[bytes, bytes] = {}
    other: dict[bytes, bytes] = {}
    one_ended = other_ended = False
    while not (one_ended and other_ended):
        if not one and not one_ended:
            one_ended = (rows := next(before, None)) is None
            one = rows or {}
        if not other and not other_ended:
            other_ended = (rows := next(after, None)) is None
            other = rows or {}
        bounds = [max(rows) for rows in (one, other) if rows]
        if len(bounds) < 2 and not (one_ended or other_ended):
            continue
        limit = min(bounds) if bounds and not (one_ended or other_ended) else None
        here, one = _split(one, limit)
        there, other = _split(other, limit)
        yield from _changes(here, there)
    yield from _changes(one, other)


def _split(rows: dict[bytes, bytes], limit: bytes | None) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    if limit is None:
        return rows, {}
    settled = {key: digest for key, digest in rows.items() if key <= limit}
    return settled, {key: digest for key, digest in rows.items() if key > limit}


def _changes(before: Mapping[bytes, bytes], after: Mapping[bytes, bytes]) -> Iterator[bytes]:
    for key in sorted({*before, *after}):
        one, other = before.get(key), after.get(key)
        if one != other:
            yield key
