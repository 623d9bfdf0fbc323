"""Hands large bytes to worker processes through memory that all share.

A page of users is six megabytes. Through a pipe it is pickled, written and read in small pieces, which costs as
much as taking it apart. Here the parent copies it into a slot of memory that was mapped before the workers were
forked, and sends the slot's place.
"""

from __future__ import annotations

import mmap
from threading import Lock
from typing import NamedTuple

SLOT_BYTES = 8 * 1024 * 1024
"""Bytes of one slot: a page of 999 users, with room."""
MIN_BYTES = 64 * 1024
"""Bytes below which a pipe is as good."""


class Slot(NamedTuple):
    """Where bytes lie in the shared memory."""

    offset: int
    length: int


class Handover:
    """A fixed number of slots. The parent lends and takes back; any process reads.

    Memory is used only as far as slots were ever filled: a slot that was given back last is lent first.
    """

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, slots * SLOT_BYTES)
        self._free = [number * SLOT_BYTES for number in reversed(range(slots))]
        self._lock = Lock()

    def lend(self, content: bytes) -> Slot | None:
        """Copies content into a free slot; None if it is too small or too large for one, or none is free."""
        if not MIN_BYTES <= len(content) <= SLOT_BYTES:
            return None
        with self._lock:
            if not self._free:
                return None
            offset = self._free.pop()
        self._memory[offset : offset + len(content)] = content
        return Slot(offset, len(content))

    def take_back(self, slot: Slot) -> None:
        """Frees a slot whose content nobody reads any more."""
        with self._lock:
            self._free.append(slot.offset)

    def content_of(self, slot: Slot) -> bytes:
        """Returns a copy of what lies in a slot."""
        return self._memory[slot.offset : slot.offset + slot.length]

    def close(self) -> None:
        """Gives the memory back, as far as this process goes."""
        self._memory.close()
