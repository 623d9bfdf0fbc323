"""The archive host's state folder: one run at a time, and a history of runs.

state/lock          held by the run in progress (flock: the kernel lets go when the process dies)
state/ledger/       what is sealed and what is still to be put (vault.ledger.ledger)
state/spool/        encrypted, temporary
state/runs.jsonl    one line a run, oldest first
state/begun.json    the run that has begun and not ended (archiver.state.begun_run)
state/changes.json  what asks Graph for the changes since the epoch's full (archiver.state.change_links)
state/escrow/       secrets that an operator handed in, sealed (archiver.escrow)
state/escrowed.json the places that had one in the snapshots of the last 30 days (archiver.state.escrowed_places)
state/format        the version of these files
state/service.lock  held by the service
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import AnotherRunError
from archiver.run_error import RunError
from archiver.state.begun_run import BegunRun, unmark
from archiver.state.process_lock import held, holder_of
from archiver.state.run_history import History, RunHistory
from archiver.state.run_record import RunRecord, line_of_failure
from archiver.state.state_format import mark_state_format, require_state_format
from archiver.state.state_paths import StatePaths
from archiver.state.state_trouble import spool_error_of


class StateFolder(StatePaths):
    """The folder named by `archive.state_dir`; made on first use, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise spool_error_of(error, f"archive.state_dir {folder} can't be made") from error

    @property
    def runs(self) -> RunHistory:
        """The history of runs."""
        return RunHistory(self.runs_file)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the state for one process.

        Raises:
            AnotherRunError: another process holds it.
            StateFormatError: another version of Strongroom wrote it.
            SpoolError: it can't be written.
        """
        with held(self.lock, self._busy):
            require_state_format(self.folder)
            mark_state_format(self.folder)
            yield

    @contextmanager
    def served(self) -> Iterator[None]:
        """Makes this process the one service of the folder.

        Raises, when entered: AnotherRunError, if another service serves it; SpoolError, if it can't be written.
        """
        with held(self.service_lock, self._served_already):
            yield

    def begin(self, started_at: datetime) -> None:
        """Marks that a run of this process has begun. One that was killed before gets its line in the history first.

        The caller holds the lock, so that whoever is marked there is gone. Raises SpoolError, also where the end of
        the run could not be written into the history.
        """
        try:
            self.runs.require_writable()
            lost = self._lost_run()
            if lost is not None:
                self.remember(_line_of(lost), lost.process)
            BegunRun.of_this_process(started_at).mark(self.begun_file)
        except OSError as error:
            raise spool_error_of(error, f"the state in {self.folder} can't be written") from error

    def remember(self, run: Mapping[str, Any], process: int | None = None) -> None:
        """Appends a run, and the number of the process that made it, which is this one unless another is named.

        Its mark is taken away. Raises SpoolError, and the history is as it was.
        """
        process = process or os.getpid()
        try:
            self.runs.append({**run, "process": process})
        except OSError as error:
            raise spool_error_of(error, f"the history of runs in {self.folder} can't be written") from error
        # A mark that stays does no harm: the line is there.
        self.unmark(process)

    def unmark(self, process: int) -> None:
        """Takes the mark of that process's run away, as far as that can be done."""
        with suppress(OSError):
            begun = BegunRun.load(self.begun_file)
            if begun is not None and begun.process == process:
                unmark(self.begun_file)

    def seen_history(self) -> History:
        """The history as a look without the lock gives it: with the run that was killed, which the next run notes.

        Raises OSError.
        """
        lost, history = self.killed_run(), self.runs.load()
        if lost is None:
            return history
        line = json.dumps({**_line_of(lost), "process": lost.process}).encode()
        return history._replace(runs=[*history.runs, RunRecord.from_json(line)])

    def killed_run(self) -> BegunRun | None:
        """The run that was killed and has no line in the history yet, as far as a look tells. Raises OSError."""
        begun = BegunRun.load(self.begun_file)
        # First whether it lives: a run that ends meanwhile has its line by the time that the history is read.
        if begun is None or begun.lives() or holder_of(self.lock) == begun.process:
            return None
        return self._lost_run()

    def _lost_run(self) -> BegunRun | None:
        """The run that is marked and has no line in the history: it goes on, or was killed. Raises OSError."""
        begun = BegunRun.load(self.begun_file)
        if begun is None or any(run.is_of(begun.process, begun.started_at) for run in self.runs.load().runs):
            return None
        return begun

    def history(self) -> list[RunRecord]:
        """The runs, oldest first; damaged lines are left out. Raises SpoolError."""
        try:
            return self.runs.load().runs
        except OSError as error:
            raise spool_error_of(error, f"the history of runs in {self.folder} can't be read") from error

    def _busy(self, holder: str) -> AnotherRunError:
        return AnotherRunError(f"another run (process {holder}) holds {self.folder}")

    def _served_already(self, holder: str) -> AnotherRunError:
        return AnotherRunError(
            f"another service (process {holder}) serves {self.folder}",
            next_step="One service is enough; stop that one first if it is not the one you want.",
        )


def _line_of(lost: BegunRun) -> dict[str, Any]:
    """Nobody saw its end: the last that is known of it is its beginning."""
    return line_of_failure(lost.started_at, lost.started_at, RunError.of_silence())
