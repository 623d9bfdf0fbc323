"""A lock file that one process holds (flock(2)): the kernel lets go when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import AnotherRunError
from archiver.state.state_trouble import spool_error_of
from vault.regular_file import opened

KERNEL_LOCKS = Path("/proc/locks")  # proc(5): one line a lock; field 5 is the process, field 6 ends in the inode
MAX_PID_BYTES = 32


@contextmanager
def held(lock: Path, busy: Callable[[str], AnotherRunError]) -> Iterator[None]:
    """Holds the lock for this process. `busy` makes the error from the number of the process that has it.

    Raises:
        AnotherRunError: another process holds it.
        SpoolError: the file can't be made or written.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise spool_error_of(error, f"the state in {lock.parent} can't be written") from error
    try:
        _take(descriptor, lock, busy)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, lock: Path, busy: Callable[[str], AnotherRunError]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise busy(os.pread(descriptor, MAX_PID_BYTES, 0).decode("ascii", "replace").strip() or "unknown") from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise spool_error_of(error, f"the state in {lock.parent} can't be written") from error


def holder_of(lock: Path, kernel_locks: Path = KERNEL_LOCKS) -> int | None:
    """Returns the process that holds `lock`, or None; a look, so that it never makes a run fail.

    The holder writes its number into the file; it counts only if the kernel lists a lock of that process on
    that inode, because the number of a dead process stays in the file.
    """
    try:
        with opened(lock) as source:
            pid = int(source.read(MAX_PID_BYTES))
        inode = str(lock.stat().st_ino)
        lines = kernel_locks.read_text("ascii", "replace").splitlines()
    except (OSError, ValueError):
        return None
    for line in lines:
        fields = line.split()
        is_flock_of_pid = len(fields) > 5 and fields[1] == "FLOCK" and fields[4] == str(pid)
        if is_flock_of_pid and fields[5].rpartition(":")[2] == inode:
            return pid
    return None
