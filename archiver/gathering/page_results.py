"""What workers make of a list's pages, taken in the order of the pages and as soon as it is there.

A result holds every id of its page as text. Left to the end of a list of a million objects they take 37 MB, in pieces
between which no page of six megabytes finds room.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from archiver.graph.errors import MalformedPageError

T = TypeVar("T")


class PageResults(Generic[T]):
    """Gives `take` the results of the pages of one list; `pages` counts them all."""

    def __init__(self, take: Callable[[T], None]) -> None:
        self.pages = 0
        self._take = take
        self._waiting: deque[asyncio.Future[T]] = deque()
        self._malformed: list[MalformedPageError] = []

    def add(self, future: asyncio.Future[T]) -> None:
        """Takes the next page's work, and what earlier pages have come to."""
        self.pages += 1
        self._waiting.append(future)
        while self._waiting and self._waiting[0].done():
            self._settle(self._waiting.popleft())

    async def rest(self) -> list[MalformedPageError]:
        """Waits for all pages; gives what was malformed."""
        while self._waiting:
            await asyncio.wait([self._waiting[0]])
            self._settle(self._waiting.popleft())
        return self._malformed

    def _settle(self, future: asyncio.Future[T]) -> None:
        try:
            self._take(future.result())
        except MalformedPageError as error:
            self._malformed.append(error)
