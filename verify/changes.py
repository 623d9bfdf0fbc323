"""What a delta does to a run of its full's rows: merged page by page, so that neither lies in memory whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from verify.bundle import Bundle
from verify.errors import MalformedError
from verify.page import Page

_SHOWN_BYTES = 80


class TombstoneError(MalformedError):
    """A delta removes what its full does not have, or what it has itself (F-STATE-3)."""


class Rows(NamedTuple):
    """Live rows in order of keys. `key_text` is the keys joined by LF where that is at hand, else None."""

    keys: list[bytes]
    hashes: list[bytes]
    key_text: bytes | None


def rows_of(page: Page) -> Rows:
    """Returns the rows of a page."""
    return Rows(page.keys, page.row_hashes(), page.key_text)


class Changes:
    """A delta's rows and tombstones from key `low` to before `high` (None: no bound), taken in order of keys.

    `rows_before` is the number of the delta's rows with a key below `low`. Pages of the delta are read as they
    are needed, so every method may raise what `Bundle.page` does.
    """

    def __init__(self, delta: Bundle, low: bytes | None, high: bytes | None) -> None:
        self._delta, self._high = delta, high
        first = bisect_left(delta.tombstones, low) if low is not None else 0
        end = bisect_left(delta.tombstones, high) if high is not None else len(delta.tombstones)
        self._removed = delta.tombstones[first:end]
        first_page = max(delta.table.place_of(low), 0) if low is not None else 0
        end_page = bisect_left(delta.table.first_keys, high) if high is not None else len(delta.table)
        self._rows = self._rows_in(first_page, end_page)
        self._held: tuple[bytes, bytes] | None = None
        self.rows_before = delta.table.row_offsets[first_page]
        if low is not None:
            self._skip_to(low)

    def applied_to(self, rows: Rows, end: bytes | None) -> Rows:
        """Returns the live rows for rows of the full that end before key `end`.

        Raises:
            TombstoneError: F-STATE-3.
        """
        added = self._rows_before(end)
        removed = self._removed_before(end)
        if not added and not removed:
            return rows
        live = dict(zip(rows.keys, rows.hashes, strict=True))
        for key in removed:
            if live.pop(key, None) is None:
                raise self._error(key)
        gone = set(removed)
        for key, _ in added:
            if key in gone:
                raise self._error(key)
        live.update(added)
        return _rows_of(sorted(live.items()))

    def rest(self) -> Rows:
        """Returns the rows that no page of the full stands before: all of them where the full is empty.

        Raises:
            TombstoneError: F-STATE-3.
        """
        for key in self._removed:
            raise self._error(key)
        return _rows_of(self._rows_before(None))

    def _skip_to(self, low: bytes) -> None:
        for row in self._rows:
            if row[0] >= low:
                self._held = row
                return
            self.rows_before += 1

    def _rows_in(self, first: int, end: int) -> Iterator[tuple[bytes, bytes]]:
        for page in self._delta.pages(first, end):
            for row in zip(page.keys, page.row_hashes(), strict=True):
                if self._high is not None and row[0] >= self._high:
                    return
                yield row

    def _rows_before(self, end: bytes | None) -> list[tuple[bytes, bytes]]:
        taken: list[tuple[bytes, bytes]] = []
        if self._held is not None:
            if end is not None and self._held[0] >= end:
                return taken
            taken.append(self._held)
            self._held = None
        for row in self._rows:
            if end is not None and row[0] >= end:
                self._held = row
                break
            taken.append(row)
        return taken

    def _removed_before(self, end: bytes | None) -> list[bytes]:
        cut = bisect_left(self._removed, end) if end is not None else len(self._removed)
        removed, self._removed = self._removed[:cut], self._removed[cut:]
        return removed

    def _error(self, key: bytes) -> TombstoneError:
        return TombstoneError(
            f"{self._delta.name}: the tombstone {key[:_SHOWN_BYTES]!r} is not a key of the full, "
            "or is a row of the delta (F-STATE-3)"
        )


def _rows_of(pairs: list[tuple[bytes, bytes]]) -> Rows:
    return Rows([key for key, _ in pairs], [record_hash for _, record_hash in pairs], None)
