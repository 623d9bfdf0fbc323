"""How far a reading is: what is done, of how much, how fast, how long it may take, and what it waits for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from verify.wording import counted

_RATE_SECONDS = 30.0
"""What the rate is measured over: long enough for a page that takes five seconds, short enough to follow a 429."""
_MINUTE = 60.0
_HOUR = 3600.0


class Moment(NamedTuple):
    """What was done at a time, in seconds."""

    at: float
    done: int


class _Pass:
    """One way through a list: how many of its objects were met, and of how many, where Graph has told."""

    def __init__(self) -> None:
        self.done = 0
        self.total: int | None = None

    @property
    def known(self) -> int:
        return max(self.done, self.total or 0)


class Progress:
    """Counts a reading's work in objects: those met on the way through lists, and those asked for one by one.

    A list may be gone through several times, once for itself and once for each relation. Where Graph has told how
    long it is, that is known work from the start; else it becomes known as it is met. Time left is told only where
    no list of unknown length is under way.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.collections_of = 0
        self.collections_done = 0
        self._passes: dict[str, _Pass] = {}
        self._under_way: set[str] = set()
        self._asked = 0
        self._answered = 0
        self._moments: deque[Moment] = deque([Moment(clock(), 0)])

    @property
    def done(self) -> int:
        """Objects met or answered so far."""
        return self._answered + sum(one.done for one in self._passes.values())

    @property
    def known(self) -> int:
        """Objects that are known to be work, done or not."""
        return self._asked + sum(one.known for one in self._passes.values())

    def begin(self, name: str) -> None:
        """Says that a way through a list begins, such as `users` or `users.manager`."""
        self._passes[name] = _Pass()
        self._under_way.add(name)

    def tell(self, name: str, total: int) -> None:
        """Says how many objects Graph counts on this way."""
        if name in self._under_way:
            self._passes[name].total = total

    def meet(self, name: str, objects: int) -> None:
        """Says that so many objects were met."""
        self._passes[name].done += objects

    def end(self, name: str) -> None:
        """Says that the list came to its end: it is as long as it was."""
        self._passes[name].total = None
        self._under_way.discard(name)

    def ask(self, objects: int) -> None:
        """Says that so many objects are to be asked for one by one."""
        self._asked += objects

    def answer(self, objects: int) -> None:
        """Says that so many of them were answered, or given up."""
        self._answered += objects

    def line(self, requests: int, waiting: Iterable[str]) -> str:
        """Gives one line: `waiting` are the throttling buckets that make requests wait."""
        now = self._clock()
        rate = self._rate(now)
        done, known = self.done, self.known
        is_open = any(self._passes[name].total is None for name in self._under_way)
        parts = [
            f"{self.collections_done} of {counted(self.collections_of, 'collection')}",
            f"{done:,} of {known:,}{' or more' if is_open else ''} objects",
            f"{rate:,.0f}/s",
            counted(requests, "request"),
        ]
        if not is_open and rate and known > done:
            parts.append(f"about {_span_of((known - done) / rate)} left")
        if limits := ", ".join(waiting):
            parts.append(f"limited by {limits}")
        return "reading: " + ", ".join(parts)

    def _rate(self, now: float) -> float:
        self._moments.append(Moment(now, self.done))
        while len(self._moments) > 2 and now - self._moments[1].at >= _RATE_SECONDS:
            self._moments.popleft()
        first = self._moments[0]
        return (self.done - first.done) / (now - first.at) if now > first.at else 0.0


def _span_of(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"
