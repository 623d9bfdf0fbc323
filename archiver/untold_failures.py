"""Failures that the history lacks: of runs that were killed or refused before they could write it themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep
from typing import NamedTuple

from archiver.errors import AnotherRunError
from archiver.run_error import RunError
from archiver.state.run_record import line_of_failure
from archiver.state.state_folder import StateFolder
from verify.errors import StrongroomError

LOOKS = 50
"""How often the state is looked at again while the workers of a killed run let go of it."""


class UntoldFailure(NamedTuple):
    """A run of process `process` that ended without a line in the history."""

    process: int
    started_at: datetime
    ended_at: datetime
    error: RunError


class UntoldFailures:
    """Those of one service, oldest first; whoever holds the state meanwhile only delays them."""

    def __init__(self, state: StateFolder, letting_go_seconds: float, say: Callable[[str], None]) -> None:
        self._state = state
        self._letting_go_seconds = letting_go_seconds
        self._say = say
        self._waiting: list[UntoldFailure] = []

    def add(self, failure: UntoldFailure) -> None:
        """Puts a failure into the history, unless the run did; where that can't be done yet, says so."""
        self._waiting.append(failure)
        deadline = monotonic() + self._letting_go_seconds
        while (trouble := self.tell()) is not None:
            if monotonic() > deadline or not isinstance(trouble, AnotherRunError):
                self._say(f"the failure is not in the history yet: {trouble.message}")
                return
            sleep(self._letting_go_seconds / LOOKS)

    def tell(self) -> StrongroomError | None:
        """Writes what the history lacks, and gives what stood in the way; the next call tries again."""
        try:
            while self._waiting:
                with self._state.locked():
                    self._remember(self._waiting[0])
                del self._waiting[0]
        except StrongroomError as trouble:
            return trouble
        return None

    def _remember(self, failure: UntoldFailure) -> None:
        """Lines of others say nothing about this run, whatever clock dated them."""
        process, started_at, ended_at, error = failure
        if not any(run.is_of(process, started_at) for run in self._state.history()):
            self._state.remember(line_of_failure(started_at, ended_at, error), process)
