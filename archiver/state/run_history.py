"""The history of runs: one JSON line a run, oldest first, in a file that a power cut may have damaged."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from archiver.state.run_record import RunRecord
from vault.durable import write_file
from vault.regular_file import opened
from verify.errors import MalformedError

MAX_HISTORY_BYTES = 16 * 1024 * 1024
"""Bytes of the newest runs that are read and kept: a run is under 4 KiB, so ten years of daily ones."""
_FIRST_LOOK_BYTES = 64 * 1024
"""Bytes of the end of the file that are looked at first: the service looks every minute."""


class History(NamedTuple):
    """`runs`: oldest first. `damaged`: lines that are no run, which are left out."""

    runs: list[RunRecord]
    damaged: int


class RunHistory:
    """The history in one file, which need not exist. Whoever appends holds the state's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, run: Mapping[str, Any]) -> None:
        """Adds a run, durably or not at all. What a power cut left half written stays, as a damaged line of its own.

        Raises:
            OSError: the file can't be written; it is as it was.
        """
        line = json.dumps(run, separators=(",", ":"), sort_keys=True).encode() + b"\n"
        descriptor = self._writable(os.O_CREAT)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            if size > 2 * MAX_HISTORY_BYTES:
                tail = os.pread(descriptor, MAX_HISTORY_BYTES, size - MAX_HISTORY_BYTES)
                write_file(self._path, tail[tail.find(b"\n") + 1 :] + line)
            else:
                _write_at(descriptor, line, size)
        finally:
            os.close(descriptor)

    def require_writable(self) -> None:
        """Looks whether a run can be added, and adds none. Raises OSError, also if no regular file lies there."""
        with suppress(FileNotFoundError):
            os.close(self._writable())

    def _writable(self, flags: int = 0) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | flags, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, f"{self._path.name} is no regular file", os.fspath(self._path))
        return descriptor

    def load(self) -> History:
        """Reads the newest MAX_HISTORY_BYTES. Raises OSError."""
        return self._end(MAX_HISTORY_BYTES)

    def last_begun(self, by: datetime) -> datetime | None:
        """When the newest run began, of those that began by an instant; None if there is none. Raises OSError."""
        look = _FIRST_LOOK_BYTES
        while True:
            begun = [run.started_at for run in self._end(look).runs if run.started_at <= by]
            if begun or look >= MAX_HISTORY_BYTES:
                return max(begun, default=None)
            look *= 16

    def _end(self, most_bytes: int) -> History:
        try:
            with opened(self._path) as source:
                size = source.seek(0, os.SEEK_END)
                source.seek(max(0, size - most_bytes))
                # What a run appends meanwhile is not read.
                lines = source.read(min(size, most_bytes)).split(b"\n")
        except FileNotFoundError:
            return History([], 0)
        if size > most_bytes:
            del lines[:1]
        runs = [_run_in(line) for line in lines if line]
        whole = [run for run in runs if run is not None]
        return History(whole, len(runs) - len(whole))


def _write_at(descriptor: int, line: bytes, end: int) -> None:
    """Writes the whole line behind `end`; what could only be written in part is taken back."""
    try:
        os.ftruncate(descriptor, end)
        written = 0
        while written < len(line):
            written += os.pwrite(descriptor, line[written:], end + written)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _run_in(line: bytes) -> RunRecord | None:
    """The run in a line; None where it is damaged."""
    try:
        return RunRecord.from_json(line)
    except MalformedError:
        return None
