"""Files that survive a power cut: written beside, synced, renamed; folders synced after a change."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in `folder` durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, where they are not there yet, each durable. Raises OSError."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def remove_folder(folder: Path) -> None:
    """Removes a folder and all that is in it. Raises OSError, also if something else lies there.

    It is looked at first: `shutil.rmtree` would open a FIFO, and wait for somebody who writes into it.
    """
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(folder))
    shutil.rmtree(folder)


def sync_file(path: Path) -> None:
    """Makes the content of a file durable that somebody else has written. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replaces `path` by `content` in one step. Raises OSError and leaves the old file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # In a container every process has the id of the one before, which may have been killed here.
        temporary.unlink(missing_ok=True)
        create_file(temporary, content, mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def create_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes and syncs a new file. Raises OSError, which names it, FileExistsError if it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        error.filename = error.filename or os.fspath(path)  # writing and syncing know a number only
        raise
