"""What was altered since the first day: one entry an alteration, kept as long as a delta token may ask for it.

Collections, links and contents write here whatever is done to them, and refuse to be altered while nobody has opened
the journal. So there is no alteration that change tracking and the audit log do not hear of.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from recovery.rehearsal.population.clock import SECONDS_A_DAY, Clock

KEPT_DAYS = 7
"""Life of a delta token of directory objects (Graph's delta query overview); older entries answer nobody."""

SET, LINKED, UNLINKED, CAME, WENT = "set", "linked", "unlinked", "came", "went"
"""A property, a link, or a whole object that came to its collection or went from it."""


class UnannouncedError(RuntimeError):
    """The tenant was altered past the journal: a mistake of the programmer."""


class Entry(NamedTuple):
    """One alteration of the object `id`. `name` is the property or the relation, `kind` the Graph type of `target`."""

    sequence: int
    at: int
    change: str
    collection: str
    id: str
    name: str | None = None
    target: str | None = None
    kind: str | None = None


class Note(NamedTuple):
    """An entry with what was there before and what is there after it: values of a property, or whole objects."""

    entry: Entry
    old: Any = None
    new: Any = None


class Journal:
    """The entries of one tenant by collection, in order. `head` is the sequence number of the last one.

    `kind_of` gives the Graph type of a directory object, live or deleted, by its id.
    """

    def __init__(self, clock: Clock, kind_of: Callable[[str], str | None]) -> None:
        self._clock, self._kind_of = clock, kind_of
        self._entries: dict[str, list[Entry]] = {}
        self._notes: list[Note] | None = None
        self._quiet = False
        self.head = 0
        self.forgotten = 0

    @contextmanager
    def opened(self, *, quiet: bool = False) -> Iterator[list[Note]]:
        """Lets the tenant be altered, and gives the notes of what was. `quiet`: change tracking never hears of it."""
        if self._notes is not None:
            raise UnannouncedError("the journal is open already")
        notes: list[Note] = []
        self._notes, self._quiet = notes, quiet
        try:
            yield notes
        finally:
            self._notes = None

    def write(
        self,
        change: str,
        collection: str,
        id: str,
        name: str | None = None,
        *,
        target: str | None = None,
        old: Any = None,
        new: Any = None,
    ) -> None:
        """Takes down an alteration. Raises: UnannouncedError when the journal is not open."""
        if self._notes is None:
            raise UnannouncedError(f"{collection} {id} were altered without the journal being opened")
        kind = self._kind_of(target) if target is not None else None
        entry = Entry(self.head + 1, self._clock.seconds, change, collection, id, name, target, kind)
        self._notes.append(Note(entry, old, new))
        if not self._quiet:
            self.head += 1
            self._entries.setdefault(collection, []).append(entry)

    def between(self, collection: str, since: int, until: int) -> list[Entry]:
        """The entries of a collection after `since`, up to `until`."""
        held = self._entries.get(collection, [])
        start = _first_after(held, since)
        return held[start : _first_after(held, until)]

    def forget(self) -> None:
        """Drops what no token can ask for any more."""
        before = self._clock.seconds - KEPT_DAYS * SECONDS_A_DAY
        for collection, held in self._entries.items():
            kept = next((n for n, entry in enumerate(held) if entry.at >= before), len(held))
            if kept:
                self.forgotten = max(self.forgotten, held[kept - 1].sequence)
                self._entries[collection] = held[kept:]

    def __len__(self) -> int:
        return sum(map(len, self._entries.values()))


def _first_after(entries: list[Entry], sequence: int) -> int:
    return bisect_right(entries, sequence, key=lambda entry: entry.sequence)
