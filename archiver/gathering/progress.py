"""How far a reading is: what is done, of how much, how fast, how long it may take, and what it waits for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from typing import NamedTuple

from verify.wording import counted

_RATE_SECONDS = 30.0
"""What the rate is measured over: long enough for a page that takes five seconds, short enough to follow a 429."""
_SAME = 1.3
"""Two estimates that differ by no more than this are told as one."""
_MINUTE = 60.0
_HOUR = 3600.0


class Moment(NamedTuple):
    """What was done at a time, in seconds."""

    at: float
    done: int


class _Course:
    """What was done by when, as far back as a rate is measured over."""

    def __init__(self, at: float) -> None:
        self._moments: deque[Moment] = deque([Moment(at, 0)])

    def rate(self, now: float, done: int) -> float:
        """Takes down what is done by now, and gives what was done per second."""
        self._moments.append(Moment(now, done))
        while len(self._moments) > 2 and now - self._moments[1].at >= _RATE_SECONDS:
            self._moments.popleft()
        first = self._moments[0]
        return (done - first.done) / (now - first.at) if now > first.at else 0.0


class _Pass:
    """One way through a list, or all questions one by one: how much of it is done, of how much, where that is known."""

    def __init__(self, at: float) -> None:
        self.done = 0
        self.total: int | None = None
        self.course = _Course(at)

    @property
    def known(self) -> int:
        return max(self.done, self.total or 0)

    def seconds_left(self, now: float) -> float:
        """How long the rest takes at this pass's own rate; without end where nothing moves."""
        rate = self.course.rate(now, self.done)
        left = self.known - self.done
        return left / rate if left and rate else inf if left else 0.0


class Progress:
    """Counts a reading's work in objects: those met on the way through lists, and those asked for one by one.

    A list may be gone through several times, once for itself and once for each relation. Where Graph has told how
    long it is, that is known work from the start; else it becomes known as it is met. Time left is told only where
    no list of unknown length is under way: at least what the rest takes at the present rate of all passes together,
    at most what it takes the slowest of them, since they hasten when others end.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.collections_of = 0
        self.collections_done = 0
        self._passes: dict[str, _Pass] = {}
        self._under_way: set[str] = set()
        self._single = _Pass(clock())
        self._course = _Course(clock())

    @property
    def done(self) -> int:
        """Objects met or answered so far."""
        return sum(one.done for one in self._all())

    @property
    def known(self) -> int:
        """Objects that are known to be work, done or not."""
        return sum(one.known for one in self._all())

    def begin(self, name: str) -> None:
        """Says that a way through a list begins, such as `users` or `users.manager`."""
        self._passes[name] = _Pass(self._clock())
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
        self._single.total = (self._single.total or 0) + objects

    def answer(self, objects: int) -> None:
        """Says that so many of them were answered, or given up."""
        self._single.done += objects

    def line(self, requests: int, waiting: Iterable[str]) -> str:
        """Gives one line: `waiting` are the throttling buckets that make requests wait."""
        now = self._clock()
        rate = self._course.rate(now, self.done)
        done, known = self.done, self.known
        slowest = max(one.seconds_left(now) for one in self._all())
        is_open = any(self._passes[name].total is None for name in self._under_way)
        parts = [
            f"{self.collections_done} of {counted(self.collections_of, 'collection')}",
            f"{done:,} of {known:,}{' or more' if is_open else ''} objects",
            f"{rate:,.0f}/s",
            counted(requests, "request"),
        ]
        if not is_open and rate and known > done:
            parts.append(_left_between((known - done) / rate, slowest))
        if limits := ", ".join(waiting):
            parts.append(f"limited by {limits}")
        return "reading: " + ", ".join(parts)

    def _all(self) -> list[_Pass]:
        return [self._single, *self._passes.values()]


def _left_between(least: float, most: float) -> str:
    """Words for a time between the two; one of them where they say the same."""
    if most <= least * _SAME:
        return f"about {_span_of(least)} left"
    return f"{_span_of(least)} to {_span_of(most)} left" if most < inf else f"at least {_span_of(least)} left"


def _span_of(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"
