"""The one door to the tenant's objects: who goes through it opens the journal and leaves a trace in the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from recovery.rehearsal.altering.actor import SYNCHRONIZATION, Actor
from recovery.rehearsal.altering.trace import deeds_of
from recovery.rehearsal.population.journal import Note
from recovery.rehearsal.population.population import Population


class Door:
    """Lets one alteration after the other through. `actor` is who makes them."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._inside = False
        self._quiet = False
        self._watch: list[Note] | None = None
        self.actor = SYNCHRONIZATION

    @contextmanager
    def opened(self, about: Collection[str] | None = None) -> Iterator[None]:
        """Lets the tenant be altered; what is done inside is one alteration, also where doors are inside doors.

        `about` are the objects that the audit log tells of; what else happens follows from that. None: of all.
        """
        if self._inside:
            yield
            return
        self._inside, told = True, list[Note]()
        try:
            with self._population.journal.opened(quiet=self._quiet) as notes:
                told = notes
                yield
        finally:
            self._inside = False
            self._tell(told, about)

    def _tell(self, notes: list[Note], about: Collection[str] | None) -> None:
        if self._watch is not None:
            self._watch += notes
        if not self._quiet:
            concerned = [note for note in notes if about is None or _concerns(note, about)]
            for deed in deeds_of(concerned, self._population, self.actor):
                self._population.activities.add(deed)

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[None]:
        """What is done inside is done by `actor`."""
        before, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = before

    @contextmanager
    def watched(self) -> Iterator[list[Note]]:
        """Gives the notes of what is done inside."""
        before, self._watch = self._watch, list[Note]()
        try:
            yield self._watch
        finally:
            self._watch = before

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Neither change tracking nor the audit log hears of what is done inside."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _concerns(note: Note, about: Collection[str]) -> bool:
    """Whether a note is of one of the objects, or of a link to one that is no directory object but part of another."""
    entry = note.entry
    return entry.id in about or (entry.kind is None and entry.target in about)
