"""Opening a regular file, and nothing else: a FIFO would block until somebody writes, and a device may never end."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

NOT_REGULAR = "not a regular file"


def opened(path: Path, otherwise: str = NOT_REGULAR) -> BufferedReader:
    """Opens a file for reading, without waiting.

    Raises:
        OSError: it can't be opened, or is no regular file; `strerror` is then `otherwise`.
        ValueError: the name is one that no file can have.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, otherwise, os.fspath(path))
    return os.fdopen(descriptor, "rb")
