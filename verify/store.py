"""The port that an archive is read through, and its reader for directories.

An archive is files with relative names (FORMAT.md section 3). The names that are asked for are made from
numbers and digests, never taken from content.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from verify.errors import MissingFileError, UnreachableArchiveError

MAX_DEPTH = 4
"""Folders below the archive's own: `bundles/sha256/ab/NAME` is the deepest name there is."""


class ArchiveReader(Protocol):
    """Where an archive lies. Names are relative, with `/`; sizes and offsets are bytes.

    Every method raises UnreachableArchiveError when the place can't be read, and `size` and `read` raise
    MissingFileError when the file is not there. `forkable` says whether a forked process may read on through
    it; clients with threads and connections of their own are not.
    """

    forkable: bool

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yields name and size of every file whose name begins with `prefix`, in order of names."""
        ...

    def others(self) -> Iterator[str]:
        """Yields the name of all that is there and no file, in order: a link, a FIFO; with `/` at its end, a folder."""
        ...

    def size(self, name: str) -> int:
        """Returns the size of a file."""
        ...

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Returns up to `length` bytes from `offset`; fewer only at the end of the file."""
        ...


class DirectoryReader:
    """Reads an archive in a directory. What is no regular file, links too, is not there: none can lead elsewhere."""

    forkable = True

    def __init__(self, path: Path) -> None:
        """Raises UnreachableArchiveError if `path` is not a directory that can be read."""
        self._path = path
        self._folders: set[str] = set()
        try:
            with os.scandir(path):
                pass
        except OSError as error:
            raise UnreachableArchiveError(f"{path}: {error.strerror}") from error

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yields name and size of every regular file below, in order of names."""
        folder = prefix.rpartition("/")[0]
        for name, size in self._walk(folder, folder.count("/") + 1 if folder else 0):
            if size is not None and name.startswith(prefix):
                yield name, size

    def others(self) -> Iterator[str]:
        """Yields the name of all that is no regular file; that of a folder ends in `/`."""
        return (name for name, size in self._walk("", 0) if size is None)

    def size(self, name: str) -> int:
        """Returns the size of a file."""
        descriptor = self._open(name)
        try:
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Returns up to `length` bytes from `offset`."""
        descriptor = self._open(name)
        try:
            # What a manifest states must not decide how much memory is asked for.
            length = min(length, os.fstat(descriptor).st_size - offset)
            parts = []
            while length > 0:
                part = os.pread(descriptor, length, offset)
                if not part:
                    break
                parts.append(part)
                offset += len(part)
                length -= len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        except (OSError, OverflowError, ValueError) as error:
            raise UnreachableArchiveError(f"{name}: {error}") from error
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        """Opens without waiting (a FIFO would block for ever) and takes regular files only, below true folders."""
        try:
            self._check_folder(name.rpartition("/")[0], name)
            descriptor = os.open(self._path / name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError(f"{name}: not there") from error
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno == errno.ELOOP:
                raise MissingFileError(f"{name}: a symbolic link, and no file") from error
            if isinstance(error, OSError) and error.errno == errno.ENXIO:
                raise MissingFileError(f"{name}: not a regular file") from error
            raise UnreachableArchiveError(f"{name}: {error}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise MissingFileError(f"{name}: not a regular file")
        return descriptor

    def _check_folder(self, folder: str, name: str) -> None:
        """Refuses a file below a folder that is a link, once for each folder; raises as `os.lstat`."""
        if not folder or folder in self._folders:
            return
        self._check_folder(folder.rpartition("/")[0], name)
        if stat.S_ISLNK(os.lstat(self._path / folder).st_mode):
            raise MissingFileError(f"{name}: {folder} is a symbolic link, and no folder")
        self._folders.add(folder)

    def _walk(self, folder: str, depth: int) -> Iterator[tuple[str, int | None]]:
        """Yields the names in a folder and below, with the size of what is a regular file."""
        try:
            with os.scandir(self._path / folder) as found:
                entries = sorted(found, key=_order)
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    yield f"{name}/", None
                    if depth < MAX_DEPTH:
                        yield from self._walk(name, depth + 1)
                elif entry.is_file(follow_symlinks=False):
                    yield name, entry.stat(follow_symlinks=False).st_size
                else:
                    yield name, None
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise UnreachableArchiveError(f"{folder}: {error.strerror}") from error


def _order(entry: os.DirEntry[str]) -> str:
    """Sorts a folder where its names sort: `a-b` before `a/b`, since `-` is before `/`."""
    return entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name


def content_of(reader: ArchiveReader, name: str, most: int) -> bytes:
    """Returns a whole file of at most `most` bytes; a longer one is cut one byte above.

    The reader of the document refuses it then by its own limit, before anything of it is parsed.
    """
    return reader.read(name, 0, most + 1)
