"""The tries of one question: the one place that decides whether it is put again, and after what wait."""

from __future__ import annotations

from collections.abc import Callable

from archiver.graph.patience import Patience


class Tries:
    """Counts what became of a question. `clock` gives seconds; the first try begins now, the last by `deadline`."""

    def __init__(self, patience: Patience, clock: Callable[[], float], until: float | None = None) -> None:
        """`until`: the end of the patience with a greater question, of which this one is a part."""
        self._patience = patience
        self._clock = clock
        own = clock() + patience.deadline_seconds
        self.deadline = own if until is None else min(own, until)
        self._faults = 0

    def next_wait(self, asked_seconds: float, *, is_fault: bool) -> float | None:
        """Gives the seconds until the next try, None where patience is at its end.

        `asked_seconds` is what Graph asked for, 0 if nothing. A 429 is no fault: it costs time alone, and the bucket
        is what waits for it.
        """
        wait = asked_seconds
        if is_fault:
            self._faults += 1
            wait = max(wait, self._patience.wait_after(self._faults))
        is_over = self._faults >= self._patience.attempts or not self.has_time_for(wait)
        return None if is_over else wait

    def has_time_for(self, wait: float) -> bool:
        """Whether a wait of so many seconds ends before patience does."""
        return self._clock() + wait <= self.deadline
