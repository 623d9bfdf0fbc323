"""Who holds a lock file, seen without touching the lock: a look must never make a run fail."""

from __future__ import annotations

from pathlib import Path

KERNEL_LOCKS = Path("/proc/locks")  # proc(5): one line a lock; field 5 is the process, field 6 ends in the inode
MAX_PID_BYTES = 32


def holder_of(lock: Path, kernel_locks: Path = KERNEL_LOCKS) -> int | None:
    """Returns the process that holds `lock` with flock(2), or None.

    The holder writes its number into the file; it counts only if the kernel lists a lock of that process on
    that inode, because the number of a dead process stays in the file.
    """
    try:
        with lock.open("rb") as source:
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
