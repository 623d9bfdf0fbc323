"""One side of a comparison: the records of a snapshot that were read for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from recovery.attribute import Value, value_of
from verify.snapshot import VerifiedSnapshot


class Side:
    """Lines of one snapshot by key. Each `read` is one pass over the snapshot, in order of keys."""

    def __init__(self, snapshot: VerifiedSnapshot) -> None:
        self._snapshot = snapshot
        self._lines: dict[bytes, bytes] = {}
        self._asked: set[bytes] = set()

    def read(self, keys: Iterable[bytes]) -> None:
        """Reads the records with these keys, as far as there are such and they were not asked for before.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        new = sorted(set(keys) - self._asked)
        self._asked.update(new)
        self._lines.update(self._snapshot.lines(new))

    def line(self, key: bytes) -> bytes | None:
        """The line of a key that was read; None if the snapshot has no such record."""
        return self._lines.get(key)

    def value(self, key: bytes) -> Value:
        """The `value` of a line that was read; None if the snapshot has no such record."""
        return value_in(self._lines.get(key))

    def digest(self, key: bytes) -> str | None:
        """The record hash as text, for what is shown by its hash alone."""
        line = self._lines.get(key)
        return None if line is None else f"sha256:{hashlib.sha256(line).hexdigest()}"


def value_in(line: bytes | None) -> Value:
    """The `value` of a line; None if there is none."""
    document = value_of(line) if line is not None else None
    return document.get("value") if isinstance(document, dict) else None


def lines_side_by_side(
    before: VerifiedSnapshot, after: VerifiedSnapshot, keys: Sequence[bytes]
) -> Iterator[tuple[bytes, bytes | None, bytes | None]]:
    """Yields each key, in order, with its line on both sides; nothing is kept, however long the lines are.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    streams = [snapshot.lines(keys) for snapshot in (before, after)]
    heads = [next(stream, None) for stream in streams]
    for key in keys:
        found: list[bytes | None] = [None, None]
        for side, head in enumerate(heads):
            if head is not None and head.key == key:
                found[side], heads[side] = head.line, next(streams[side], None)
        yield key, found[0], found[1]
