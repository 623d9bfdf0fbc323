"""The events of a stream that a next reading will meet again: those of the last day before it ended.

A list is rows of 24 bytes, sorted: the beginning of the SHA-256 of the event's id, and its time in microseconds since
1970. MAX_SEEN of them are 24 MB.
"""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vault.regular_file import content_of

ROW_BYTES = 24
MAX_SEEN = 1_000_000
"""Rows of one list. Of a stream with more events in a day, some are met again and sealed twice: none is lost."""

_ROW = struct.Struct(">16sQ")
_DIGEST_BYTES = 16
_MOST_ROWS = MAX_SEEN + MAX_SEEN // 4
"""Rows that a new list holds before it is thinned out; thinning takes about 120 bytes a row for a moment."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def row_of(id_: str, at: datetime) -> bytes:
    """Gives the row of an event. Times before 1970 count as 1970."""
    return _ROW.pack(digest_of(id_), max(0, (at - _EPOCH) // _MICROSECOND))


def digest_of(id_: str) -> bytes:
    """Gives what stands for an id: 16 bytes, which nobody can make two ids have."""
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_BYTES]


class SeenList:
    """A list to be looked up; empty where there is none, or where it is not the one that `sha256` names.

    One of another day would make a reading leave out what was never sealed.
    """

    def __init__(self, path: Path, sha256: str | None) -> None:
        """Raises OSError where the list is there and can't be read."""
        self._rows: bytes = b""
        try:
            content = content_of(path) if sha256 is not None else b""
        except FileNotFoundError:
            content = b""
        if content and len(content) % ROW_BYTES == 0 and hashlib.sha256(content).hexdigest() == sha256:
            self._rows = content

    def __len__(self) -> int:
        return len(self._rows) // ROW_BYTES

    def __contains__(self, id_: str) -> bool:
        digest = digest_of(id_)
        at = bisect_left(range(len(self)), digest, key=self._digest_at)
        return at < len(self) and self._digest_at(at) == digest

    def rows(self) -> Iterator[bytes]:
        """Yields all rows, sorted."""
        return (self._rows[at : at + ROW_BYTES] for at in range(0, len(self._rows), ROW_BYTES))

    def _digest_at(self, row: int) -> bytes:
        return self._rows[row * ROW_BYTES : row * ROW_BYTES + _DIGEST_BYTES]


class SeenRows:
    """The rows of a new list while they come in; holds a quarter more than MAX_SEEN at most, the youngest of them."""

    def __init__(self, rows: Iterable[bytes] = ()) -> None:
        self._rows = bytearray(b"".join(rows))

    def add(self, rows: bytes) -> None:
        """Adds rows that lie side by side, in no order."""
        self._rows += rows
        if len(self._rows) >= _MOST_ROWS * ROW_BYTES:
            self._rows = bytearray(b"".join(self._youngest(0)))

    def content(self, oldest: datetime | None) -> bytes:
        """Gives the new list: events of `oldest` on (None: all), each once."""
        least = 0 if oldest is None else max(0, (oldest - _EPOCH) // _MICROSECOND)
        return b"".join(sorted(self._youngest(least)))

    def _youngest(self, least: int) -> list[bytes]:
        whole = bytes(self._rows)
        rows = {whole[at : at + ROW_BYTES] for at in range(0, len(whole), ROW_BYTES)}
        kept = [row for row in rows if _ROW.unpack(row)[1] >= least]
        if len(kept) > MAX_SEEN:
            kept.sort(key=lambda row: row[_DIGEST_BYTES:], reverse=True)
        return kept[:MAX_SEEN]
