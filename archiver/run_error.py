"""Why a run sealed nothing, as its result, the history and the log say it."""

from __future__ import annotations

import signal
from typing import NamedTuple, Self

from verify.errors import StrongroomError

DEFECT_STATUS = 1
INTERRUPTED_STATUS = 130
KILLED = 128
"""What shells add to the number of the signal that ended a process (POSIX)."""


class RunError(NamedTuple):
    """`name` is the class of the error, `code` the exit status; None where the run did not live to say it."""

    name: str | None
    code: int | None
    message: str | None

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """What stopped a run. What nobody has foreseen is a defect, and its text may hold what must not be kept."""
        if isinstance(error, StrongroomError):
            return cls(type(error).__name__, error.exit_status, error.message)
        if isinstance(error, KeyboardInterrupt):
            return cls("Interrupted", INTERRUPTED_STATUS, "the run was interrupted")
        return cls(type(error).__name__, DEFECT_STATUS, "a defect")

    @classmethod
    def of_signal(cls, number: int) -> Self:
        """A run that a signal ended."""
        return cls("Killed", KILLED + number, f"the run was killed by {signal.Signals(number).name}")

    @classmethod
    def of_silence(cls) -> Self:
        """A run that began, is gone, and has said nothing: nobody saw what ended it."""
        return cls(
            "Killed",
            KILLED + signal.SIGKILL,
            "the run ended without a word: it was killed, or this host went down",
        )

    @property
    def document(self) -> dict[str, str | int | None]:
        """Its JSON."""
        return {"class": self.name, "code": self.code, "message": self.message}
