"""Pages that wait in memory for the last one of their relation: bounded for all relations that are read at once.

How long a relation is shows only when its last page comes, so that it can't be known beforehand how many fit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from archiver.graph.page import packed

LONG_AT_ONCE = 16
"""Relations of several pages that are read at once: each waits for one page after the other, and the largest groups of
a tenant often come in one batch."""
HELD_BYTES = 24 * 1024 * 1024
"""Bytes of packed pages from which on only the relation that began first goes on; the greatest group of a tenant of a
million users has about 18 MB."""


class HeldPages:
    """What all relations of a run hold at present: `bytes` of packed pages."""

    def __init__(self, most_bytes: int = HELD_BYTES) -> None:
        self._most_bytes = most_bytes
        self.bytes = 0
        self._turns = asyncio.Semaphore(LONG_AT_ONCE)
        self._under_way: list[Holding] = []
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Holding]:
        """Waits for a turn and gives what takes the pages of one relation; at the end it holds none."""
        async with self._turns:
            holding = Holding(self)
            self._under_way.append(holding)
            try:
                yield holding
            finally:
                self._under_way.remove(holding)
                self.bytes -= holding.bytes
                async with self._changed:
                    self._changed.notify_all()

    def take(self, held: int) -> None:
        """Counts bytes of a page."""
        self.bytes += held

    async def room(self, holding: Holding) -> None:
        """Waits until there is room for another page of this relation."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.bytes < self._most_bytes or self._under_way[0] is holding)


class Holding:
    """The pages of one relation, packed; `bytes` is what they take."""

    def __init__(self, held: HeldPages) -> None:
        self._held = held
        self.pages: list[bytes] = []
        self.bytes = 0

    def clear(self) -> None:
        """Lets go of the pages: their list is read anew."""
        self._held.take(-self.bytes)
        self.pages = []
        self.bytes = 0

    async def add(self, values: bytes) -> None:
        """Takes a page's array, and waits until there is room for another one."""
        page = packed(values)
        self.pages.append(page)
        self.bytes += len(page)
        self._held.take(len(page))
        await self._held.room(self)
