"""Small files that a person names: regular ones only, whole, and no longer than they may be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def small_file(path: Path, most: int) -> bytes:
    """Returns the bytes of a file; of a longer one `most` + 1, for its reader to refuse by its own limit.

    Opens without waiting: a FIFO would block until somebody writes, and a device may never end.

    Raises:
        OSError: it can't be read, or is no regular file; `strerror` says which.
        ValueError: the name is one that no file can have.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most + 1)
    finally:
        os.close(descriptor)
