"""The targets of one relation in order of their ids, in memory that does not grow with the relation.

A relation is stored in parts by the digests of its targets' ids, so that only all parts together can be put in order.
Every so many targets are sorted and laid into an unnamed file; at the end these runs are merged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

from recovery.attribute import Value, value_of
from recovery.exact_json import exact_json_of
from recovery.object_view import target_id_of

RUN_TARGETS: Final = 16_384
"""Targets that are held at once, some 300 bytes each; a group of a million members makes 62 runs."""
_READ_BYTES = 16 * 1024
"""Bytes of each run that are held while runs are merged."""


class _Target(NamedTuple):
    """A target's id, and its JSON text, which is ASCII on one line."""

    id: str
    text: str


class SortedTargets:
    """Takes targets in any order, and gives their JSON texts by id; those with the same id as they came.

    What does not fit into `run_targets` lies in a file without a name in `folder`, gone when the block ends. Methods
    raise OSError when it can't be written or read.
    """

    def __init__(self, folder: Path, run_targets: int = RUN_TARGETS) -> None:
        self._folder = folder
        self._run_targets = run_targets
        self._held: list[_Target] = []
        self._file: BinaryIO | None = None
        self._ends = [0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, targets: Iterable[Value]) -> None:
        """Adds targets."""
        for target in targets:
            self._held.append(_Target(target_id_of(target), exact_json_of(target)))
            if len(self._held) >= self._run_targets:
                self._lay_down()

    def texts(self) -> Iterator[str]:
        """Yields all texts, once; nothing is added after it."""
        self._held.sort(key=_id_of)
        runs = [self._run(start, end) for start, end in zip(self._ends, self._ends[1:], strict=False)]
        # Runs come in the order in which they were laid down, and merging keeps it for equal ids.
        return (target.text for target in merge(*runs, self._held, key=_id_of))

    def _lay_down(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
        self._held.sort(key=_id_of)
        for target in self._held:
            self._file.write(target.text.encode("ascii") + b"\n")
        self._ends.append(self._file.tell())
        self._held = []

    def _run(self, start: int, end: int) -> Iterator[_Target]:
        """Reads one run a little at a time, since all of them share the file's position."""
        rest = b""
        while start < end and self._file is not None:
            self._file.seek(start)
            rest += self._file.read(min(_READ_BYTES, end - start))
            start = self._file.tell()
            *lines, rest = rest.split(b"\n")
            for line in lines:
                yield _Target(target_id_of(value_of(line)), line.decode("ascii"))


def _id_of(target: _Target) -> str:
    return target.id
