"""The lock on a simulated tenant's folder (flock(2)): two that write the same files would both be broken."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from recovery.rehearsal.errors import FolderInUseError

LOCK_FILE = "in-use.lock"


class FolderLock:
    """Holds a folder for this process until it is let go of, or the process dies, however it dies."""

    def __init__(self, directory: Path) -> None:
        """Raises FolderInUseError: another simulated tenant has the folder; OSError: it can't be written."""
        self._descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise FolderInUseError(f"a simulated tenant runs with its files in {directory}") from error

    def release(self) -> None:
        """Lets go of the folder; its file stays, since another process may wait for it."""
        os.close(self._descriptor)
