"""The ids of a collection in the order of its pages, kept as bytes: 37 bytes each and no object."""

from __future__ import annotations

from collections.abc import Iterator


class IdList:
    """Blocks of ids, each the ids of one page joined by LF, which no id holds."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def add(self, block: bytes) -> None:
        """Takes the ids of a page."""
        if block:
            self._blocks.append(block)

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            yield from block.decode("utf-8").split("\n")

    def __len__(self) -> int:
        """The number of distinct ids."""
        return len(set(self))

    def without(self, other: IdList) -> list[str]:
        """Gives the distinct ids that `other` has not, in order. Two passes usually give the same blocks."""
        if self._blocks == other._blocks:
            return []
        known = set(other)
        return list(dict.fromkeys(id_ for id_ in self if id_ not in known))
