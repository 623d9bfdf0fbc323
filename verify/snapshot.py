"""A verified snapshot: the only way to what was in a tenant. Every record that it gives is proved on the way.

The way of one record: the manifest is signed and in the log, the segments of the file are those that it signs
for, the age chunk is authentic, the table names the record's hash, the line has that hash and the row's key.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from verify.bundle import BlockRecords, Bundle
from verify.changes import Changes, Rows, rows_of
from verify.key import OBJECT_ENDING, KeyFields, Record, key_of
from verify.manifest import Manifest


class VerifiedSnapshot:
    """The tenant at a time. Made by `Archive.open_snapshot` alone; `delta` is None when the snapshot is a full.

    Methods raise MalformedError, DigestError or UnreachableArchiveError when what they come upon is not what
    was signed for, or can't be read.
    """

    def __init__(self, manifest: Manifest, full: Bundle, delta: Bundle | None) -> None:
        self.manifest = manifest
        self.full = full
        self.delta = delta
        self._removed = frozenset(delta.tombstones) if delta else frozenset()

    def record(self, key: bytes) -> Record | None:
        """Returns one live record, None if the snapshot has no such key."""
        if self.delta is not None:
            found = self.delta.record(key)
            if found is not None or key in self._removed:
                return found
        return self.full.record(key)

    def records_of(self, collection: str, id_: str, parent: tuple[str, ...] | None = None) -> Iterator[Record]:
        """Yields an object with its relations and streams, in order of keys.

        With `parent` None, every record with this id: a contained object's id may be there under several parents.

        Raises:
            MalformedError: a string that no key can hold.
        """
        start = key_of(KeyFields(collection, id_, parent or ())).removesuffix(OBJECT_ENDING)
        if parent is None:
            return self.records(start.rpartition(b"\x00")[0] + b"\x00")
        return self.records(start + b"\x00")

    def records(self, prefix: bytes = b"") -> Iterator[Record]:
        """Yields all live records whose key begins with `prefix`, in order of keys."""
        low, high = prefix, _after(prefix)
        full = _records_in(self.full, low, high)
        if self.delta is None:
            yield from full
            return
        changed = next(delta := _records_in(self.delta, low, high), None)
        for record in full:
            while changed is not None and changed.key < record.key:
                yield changed
                changed = next(delta, None)
            if changed is not None and changed.key == record.key:
                yield changed
                changed = next(delta, None)
            elif record.key not in self._removed:
                yield record
        if changed is not None:
            yield changed
            yield from delta

    def lines(self, keys: Iterable[bytes]) -> Iterator[Record]:
        """Yields the live records among `keys`, which come in order; each block is read at most once."""
        full, delta = _Cursor(self.full), _Cursor(self.delta) if self.delta else None
        for key in keys:
            found = delta.record(key) if delta else None
            if found is None and key not in self._removed:
                found = full.record(key)
            if found is not None:
                yield found

    def rows(self, prefix: bytes = b"") -> Iterator[Rows]:
        """Yields keys and record hashes of all live records whose key begins with `prefix`, page by page.

        Nothing of the text is read: this is what two snapshots are compared by.
        """
        low, high = prefix or None, _after(prefix)
        changes = Changes(self.delta, low, high) if self.delta is not None else None
        first_keys = self.full.table.first_keys
        first = max(self.full.table.place_of(prefix), 0)
        end = bisect_left(first_keys, high) if high is not None else len(first_keys)
        for number, page in enumerate(self.full.pages(first, end), first + 1):
            page_end = first_keys[number] if number < len(first_keys) else None
            rows = _cut(rows_of(page), low, high)
            if changes is not None:
                until = high if number == end else page_end
                rows = changes.applied_to(rows, until)
            if rows.keys:
                yield rows
        if changes is not None and (rest := changes.rest()).keys:
            yield rest


class _Cursor:
    """Reads single records of a bundle in order of keys, and each block once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._number = -1
        self._block: BlockRecords | None = None

    def record(self, key: bytes) -> Record | None:
        number = self._bundle.table.place_of(key)
        if number < 0:
            return None
        if self._block is None or number != self._number:
            self._number, self._block = number, self._bundle.block_records(number)
        return self._block.record(key)


def _records_in(bundle: Bundle, low: bytes, high: bytes | None) -> Iterator[Record]:
    first = max(bundle.table.place_of(low), 0)
    end = bisect_left(bundle.table.first_keys, high) if high is not None else len(bundle.table)
    for page, lines in bundle.blocks(first, end):
        start = bisect_left(page.keys, low)
        stop = bisect_left(page.keys, high) if high is not None else len(lines)
        yield from map(Record, page.keys[start:stop], lines[start:stop])


def _cut(rows: Rows, low: bytes | None, high: bytes | None) -> Rows:
    start = bisect_left(rows.keys, low) if low is not None else 0
    stop = bisect_left(rows.keys, high) if high is not None else len(rows.keys)
    if start == 0 and stop == len(rows.keys):
        return rows
    return Rows(rows.keys[start:stop], rows.hashes[start:stop], None)


def _after(prefix: bytes) -> bytes | None:
    """Returns the first key after all that begin with `prefix`; None if there is no bound."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
