"""The archive host's state folder: one run at a time, and a history of runs.

state/lock          held by the run in progress (flock: the kernel lets go when the process dies)
state/ledger/       what is sealed and what is still to be put (vault.ledger)
state/spool/        encrypted, temporary
state/runs.jsonl    one line a run, oldest first
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver.errors import AnotherRunError
from vault.errors import SpoolError

MAX_HISTORY_BYTES = 64 * 1024 * 1024
"""Bytes of runs.jsonl that are read: a run is under 4 KiB, ten years of them under 16 MiB."""


class StateFolder:
    """The folder named by `archive.state_dir`; made on first use, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SpoolError(f"archive.state_dir {folder} can't be made: {error.strerror}") from error

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.folder / "ledger"

    @property
    def spool(self) -> Path:
        """The spool's folder; swept when a run starts."""
        return self.folder / "spool"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the state for one process.

        Raises:
            AnotherRunError: another process holds it.
        """
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise AnotherRunError(f"another run (process {holder}) holds {self.folder}") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def remember(self, run: dict[str, Any]) -> None:
        """Appends a run to the history. A line that a power cut left half written is cut off first."""
        path = self.folder / "runs.jsonl"
        line = json.dumps(run, separators=(",", ":"), sort_keys=True).encode() + b"\n"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            tail = os.pread(descriptor, min(size, MAX_HISTORY_BYTES), max(0, size - MAX_HISTORY_BYTES))
            end = size - (len(tail) - (tail.rfind(b"\n") + 1))
            os.ftruncate(descriptor, end)
            os.pwrite(descriptor, line, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def history(self) -> list[dict[str, Any]]:
        """All runs, oldest first. A half-written last line is left out."""
        path = self.folder / "runs.jsonl"
        if not path.exists():
            return []
        content = path.read_bytes()
        lines = content[-MAX_HISTORY_BYTES:].split(b"\n")[:-1]
        if len(content) > MAX_HISTORY_BYTES:
            del lines[0]
        return [json.loads(line) for line in lines if line]
