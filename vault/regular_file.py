"""Opening a file of the state: a regular one only, and without waiting for whatever else may lie under its name."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


def opened(path: Path) -> BufferedReader:
    """Opens a file for reading. A FIFO would block until somebody writes, and a device may never end.

    Raises:
        OSError: it can't be opened, or is no regular file; `strerror` says which.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"{path.name} is no regular file", os.fspath(path))
    return os.fdopen(descriptor, "rb")


def content_of(path: Path) -> bytes:
    """Returns the whole content of a regular file. Raises OSError, as `opened` does."""
    with opened(path) as source:
        return source.read()
