"""What a run notes of the lists that have a change query: how each was read, and what that tells of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from archiver.gathering.id_list import IdList
from vault.sealing.scope import ReadAgain


class ChangeNotes:
    """`again`: what was read again, by the collections that were read by their changes; `stood`: all ids of these.

    `why_whole`: why the others were read whole, if anything but the settings is the reason.
    """

    def __init__(self) -> None:
        self.again: dict[str, ReadAgain] = {}
        self.stood: dict[str, IdList] = {}
        self.why_whole: dict[str, str] = {}
        self._moved: dict[str, asyncio.Future[bool]] = {}

    def expect(self, collections: Iterable[str]) -> None:
        """Names the lists of which each will tell by `tell_moved`."""
        self._moved = {name: asyncio.get_running_loop().create_future() for name in collections}

    def tell_moved(self, collection: str, moved: bool) -> None:
        """Tells whether objects left a list or came back to it from the recycle bin."""
        self._moved[collection].set_result(moved)

    async def may_have_moved(self, collection: str) -> bool:
        """Whether objects of a list may have left or come back, once that is known: also where nobody looks."""
        return collection not in self._moved or await self._moved[collection]
