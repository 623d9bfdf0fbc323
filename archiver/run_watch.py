"""The watch over a run of the service: it waits, and ends a run that takes too long or has to make way."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from time import monotonic

from archiver.run_process import RunProcess
from archiver.wish import Wish

RUN_LIMIT_SECONDS = 86_400.0
"""A run that takes longer than a day is stuck, and would keep all others from starting."""


class RunWatch:
    """Over one run at a time; it reads what the service is told meanwhile.

    `stop_seconds` is what a run gets to end by itself when the service has to stop, `terminate_seconds` what it gets
    when it is asked to end.
    """

    def __init__(self, wishes: SimpleQueue[Wish], stop_seconds: float, terminate_seconds: float) -> None:
        self._wishes = wishes
        self._stop_seconds = stop_seconds
        self._terminate_seconds = terminate_seconds

    def await_end(self, process: RunProcess, *, is_stopping: bool) -> bool:
        """Waits for the run to end; told to stop, waits a bounded time, then asks the run, then kills it.

        Returns whether the service has to stop; `is_stopping` says whether it was told so before.
        """
        limits = [RUN_LIMIT_SECONDS, self._terminate_seconds]
        actions = [process.terminate, process.kill]
        deadline = monotonic() + limits.pop(0)
        while True:
            try:
                wish = self._wishes.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                if actions:
                    actions.pop(0)()
                deadline = monotonic() + (limits.pop(0) if limits else RUN_LIMIT_SECONDS)
                continue
            if wish is Wish.ENDED:
                return is_stopping
            if wish is Wish.STOP:
                seconds = 0.0 if is_stopping else self._stop_seconds
                deadline = min(deadline, monotonic() + seconds)
                is_stopping = True
