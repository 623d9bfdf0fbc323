"""Relations of several pages, in memory that hardly grows with them.

How many parts a relation has depends on how many targets it has, so nothing of it can be written before its last
page was read. Its pages wait compressed (`page.packed`), and its targets are gathered in slices, by the leading
bits of the digest that also says which part they are in; then one slice at a time is made into parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archiver.graph.page import packed, unpacked
from archiver.graph.relation import (
    RelationShape,
    leading_bits_of,
    part_count_of,
    part_records_of,
    sorted_once,
    targets_of,
)
from archiver.graph.repetition import Repetition
from verify.key import Record

_FEW_PAGES = 20
"""Pages whose targets fit in some megabytes: slices would cost twice the time and save nothing."""
_SLICES = 64
_SLICE_BITS = _SLICES.bit_length() - 1
_BUFFER_BYTES = 256 * 1024
"""Text of a slice that waits before it is compressed, in bytes."""


def large_relation_records_of(
    shape: RelationShape, id_: str, pages: list[bytes], tell: Callable[[Repetition], object] = lambda _: None
) -> Iterator[list[Record]]:
    """Gives the parts of one object's relation, some at a time, from its packed pages, which it takes out of the list.

    They are those that `relation.relation_records_of` gives of the same pages. `tell` is told, before any part is
    given, what came on several of them.

    Raises:
        MalformedPageError, UnreadableTargetError: as `relation.targets_of`; before any part is given.
    """
    tally = _Tally()
    if len(pages) <= _FEW_PAGES:
        came = [tally.counted(page, targets_of(shape, unpacked(page))) for page in pages]
        once = sorted_once([entry for entries in came for entry in entries])
        tell(tally.repetition(len(once)))
        yield list(part_records_of(shape, id_, once, part_count_of(len(once))))
        return
    slices = [_Slice() for _ in range(_SLICES)]
    pages.reverse()
    while pages:
        page = pages.pop()
        for entry in tally.counted(page, targets_of(shape, unpacked(page))):
            slices[leading_bits_of(entry, _SLICE_BITS)].add(entry)
    distinct = sum([one.settle() for one in slices])
    tell(tally.repetition(distinct))
    parts = part_count_of(distinct)
    together = max(1, _SLICES // parts)
    for first in range(0, _SLICES, together):
        entries = sorted([entry for one in slices[first : first + together] for entry in one.entries()])
        yield list(part_records_of(shape, id_, entries, parts))


class _Tally:
    """Counts what the pages of a relation bring; two pages with the same bytes are the same page."""

    def __init__(self) -> None:
        self._came = 0
        self._pages: set[int] = set()
        self._barren = False

    def counted(self, page: bytes, entries: list[bytes]) -> list[bytes]:
        """Gives back the entries of a page, having counted them."""
        self._came += len(set(entries))
        if entries:
            self._barren |= hash(page) in self._pages
            self._pages.add(hash(page))
        return entries

    def repetition(self, distinct: int) -> Repetition:
        """Gives what came on several pages, of so many distinct targets."""
        return Repetition(self._came, distinct, self._barren)


class _Slice:
    """Entries of some targets, most of them compressed."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._buffer: list[bytes] = []
        self._buffer_bytes = 0

    def add(self, entry: bytes) -> None:
        """Adds an entry, which holds no LF."""
        self._buffer.append(entry)
        self._buffer_bytes += len(entry)
        if self._buffer_bytes >= _BUFFER_BYTES:
            self._pack()

    def settle(self) -> int:
        """Sorts the entries, drops those that came twice, and gives their number."""
        unique = sorted_once(self.entries())
        self._packed = []
        self._buffer = unique
        self._pack()
        return len(unique)

    def entries(self) -> list[bytes]:
        """Gives all entries; once it is settled, sorted."""
        return [entry for text in self._packed for entry in unpacked(text).split(b"\n")] + self._buffer

    def _pack(self) -> None:
        if self._buffer:
            self._packed.append(packed(b"\n".join(self._buffer)))
        self._buffer = []
        self._buffer_bytes = 0
