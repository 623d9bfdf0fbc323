"""The archive host's state folder: one run at a time, and a history of runs.

state/lock          held by the run in progress (flock: the kernel lets go when the process dies)
state/ledger/       what is sealed and what is still to be put (vault.ledger.ledger)
state/spool/        encrypted, temporary
state/runs.jsonl    one line a run, oldest first
state/format        the version of these files
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver.errors import AnotherRunError
from archiver.state.process_lock import held
from archiver.state.run_history import RunHistory
from archiver.state.state_format import mark_state_format, require_state_format
from archiver.state.state_trouble import spool_error_of


class StateFolder:
    """The folder named by `archive.state_dir`; made on first use, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise spool_error_of(error, f"archive.state_dir {folder} can't be made") from error

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.folder / "ledger"

    @property
    def spool(self) -> Path:
        """The spool's folder; swept when a run starts."""
        return self.folder / "spool"

    @property
    def runs(self) -> RunHistory:
        """The history of runs."""
        return RunHistory(self.folder / "runs.jsonl")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the state for one process.

        Raises:
            AnotherRunError: another process holds it.
            StateFormatError: another version of Strongroom wrote it.
            SpoolError: it can't be written.
        """
        with held(self.folder / "lock", self._busy):
            require_state_format(self.folder)
            mark_state_format(self.folder)
            yield

    def remember(self, run: dict[str, Any], process: int | None = None) -> None:
        """Appends a run, and the number of the process that made it, which is this one unless another is named.

        Raises SpoolError, and the history is as it was.
        """
        try:
            self.runs.append({**run, "process": process or os.getpid()})
        except OSError as error:
            raise spool_error_of(error, f"the history of runs in {self.folder} can't be written") from error

    def history(self) -> list[dict[str, Any]]:
        """The runs, oldest first; damaged lines are left out. Raises SpoolError."""
        try:
            return self.runs.load().runs
        except OSError as error:
            raise spool_error_of(error, f"the history of runs in {self.folder} can't be read") from error

    def _busy(self, holder: str) -> AnotherRunError:
        return AnotherRunError(f"another run (process {holder}) holds {self.folder}")
