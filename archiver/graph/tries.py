"""The tries of one question: the one place that decides whether it is put again, and after what wait."""

from __future__ import annotations

from collections.abc import Callable

from archiver.graph.patience import Patience


class Tries:
    """Counts what became of a question. `clock` gives seconds; the first try begins now."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._deadline = clock() + patience.deadline_seconds
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
        is_over = self._faults >= self._patience.attempts or self._clock() + wait > self._deadline
        return None if is_over else wait
