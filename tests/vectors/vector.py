"""A vector, and the decorator that makes one of a function that breaks a story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.verify.kit.crew import short_story
from tests.verify.kit.story import Story

Fault = Callable[[Story], None]


@dataclass(frozen=True)
class Vector:
    """One archive and what `verify` says of it.

    `must` is the id that the vector is about: an F-id of FORMAT.md or, where a check has no MUST of its
    own, the id of the check. `check` is the first check that is not PASS and `error` the class that it
    names; both are None for a sound archive. `arguments` are added to the command line of `verify`, in which
    `{folder}` stands for the folder beside the archive.
    """

    id: str
    title: str
    must: str
    fault: Fault
    check: str | None
    error: str | None
    verdict: str
    start: Callable[[], Story]
    level: int
    arguments: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """COMMANDS.md section 1: the exit status of a verdict."""
        return {"PASS": 0, "INCOMPLETE": 3, "FAIL": 5}[self.verdict]

    def story(self) -> Story:
        """The story with its one fault."""
        story = self.start()
        self.fault(story)
        return story


@dataclass(frozen=True)
class VectorFile:
    """Collects the vectors of one module, in the order of their definition."""

    vectors: list[Vector] = field(default_factory=list)

    def fails(
        self,
        must: str,
        check: str,
        error: str,
        *,
        start: Callable[[], Story] = short_story,
        level: int = 1,
        arguments: tuple[str, ...] = (),
    ) -> Callable[[Fault], Fault]:
        """Marks a function as a fault that breaks `must` and is found by `check`."""
        return self._collector(must, check, error, "FAIL", start, level, arguments)

    def passes(
        self,
        must: str,
        *,
        start: Callable[[], Story] = short_story,
        level: int = 1,
        arguments: tuple[str, ...] = (),
    ) -> Callable[[Fault], Fault]:
        """Marks a function that stays within `must`."""
        return self._collector(must, None, None, "PASS", start, level, arguments)

    def incomplete(
        self,
        must: str,
        check: str,
        *,
        error: str | None = None,
        start: Callable[[], Story] = short_story,
        arguments: tuple[str, ...] = (),
    ) -> Callable[[Fault], Fault]:
        """Marks a function after which something required can't be checked; `error` is what stands in the way."""
        return self._collector(must, check, error, "INCOMPLETE", start, 1, arguments)

    def _collector(
        self,
        must: str,
        check: str | None,
        error: str | None,
        verdict: str,
        start: Callable[[], Story],
        level: int,
        arguments: tuple[str, ...],
    ) -> Callable[[Fault], Fault]:
        def collect(fault: Fault) -> Fault:
            name = fault.__name__.replace("_", "-")
            title = (fault.__doc__ or "").strip()
            self.vectors.append(Vector(name, title, must, fault, check, error, verdict, start, level, arguments))
            return fault

        return collect


def called(name: str, title: str, fault: Fault) -> Fault:
    """Gives a fault that a table makes its name and title."""
    fault.__name__, fault.__doc__ = name, title
    return fault
