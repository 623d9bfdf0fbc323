"""What a run that fails leaves behind: a line in the history, and a signed entry in the log.

An entry every day, also on bad days: a day without a snapshot must have a signed reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archiver.outbox import deliver_waiting
from archiver.run_error import RunError
from archiver.state.run_record import line_of_failure
from archiver.state.state_folder import StateFolder
from archiver.state.state_paths import StatePaths
from archiver.state.state_trouble import spool_error_of, with_its_step
from archiver.vaulting import Vaulting
from vault.errors import CommitInterruptedError, SpoolError, WorkerLostError
from verify.errors import StrongroomError

Clock = Callable[[], datetime]


@contextmanager
def failure_remembered(
    state: StateFolder, clock: Clock, started_at: datetime, say: Callable[[str], None]
) -> Iterator[None]:
    """Writes a failure into the history, whatever it is, and raises it on under a name that a person can act on."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as failure:
        error = _named(failure)
        _remember(state, started_at, clock(), error, say)
        if error is failure:
            raise
        raise error from failure


def _remember(
    state: StateFolder, started_at: datetime, ended_at: datetime, error: BaseException, say: Callable[[str], None]
) -> None:
    try:
        state.remember(line_of_failure(started_at, ended_at, RunError.of(error)))
    except SpoolError as trouble:
        say(f"the failed run is not in the history: {trouble.message}")


def remember_refusal(state: Path, at: datetime, refusal: StrongroomError, say: Callable[[str], None]) -> None:
    """Writes a run that its settings made impossible into the history of a state that there is.

    Raises:
        AnotherRunError: a run holds the state.
        StateFormatError, SpoolError: it can't be written.
    """
    if os.access(StatePaths(state).lock, os.F_OK):
        folder = StateFolder(state)
        with folder.locked():
            _remember(folder, at, at, refusal, say)


@contextmanager
def failure_signed(vaulting: Vaulting, started_at: datetime, say: Callable[[str], None]) -> Iterator[None]:
    """Signs a failure into the log, as far as that is possible: what made the run fail may make this fail too.

    A commit that happened is no failed run: its snapshot waits in the outbox.
    """
    try:
        yield
    except CommitInterruptedError:
        raise
    except (Exception, KeyboardInterrupt) as failure:
        try:
            vaulting.sealer.record_failure(started_at, RunError.of(_named(failure)).document, vaulting.rules)
            deliver_waiting(vaulting, say)
        except (StrongroomError, OSError) as error:
            say(f"the failed run could not be signed into the log: {error}")
        raise


def _named(failure: BaseException) -> BaseException:
    """What a person can act on: a worker that was killed, or a disk that gave up, is no defect of the program."""
    if isinstance(failure, BrokenProcessPool):
        return WorkerLostError("a worker process was ended from outside, most likely for want of memory")
    if isinstance(failure, SpoolError):
        return with_its_step(failure)
    if isinstance(failure, OSError):
        return spool_error_of(failure, "this host's disk failed")
    return failure
