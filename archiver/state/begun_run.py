"""The mark of a run that has begun: what stays of one that is killed before it can write the history."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from vault.durable import sync_folder, write_file
from vault.regular_file import opened
from verify.errors import MalformedError
from verify.strict_json import text_of_time, time_of

_MAX_BYTES = 4096


class _Members(msgspec.Struct):
    process: int
    started_at: str


class BegunRun(NamedTuple):
    """The process of a run, and when it began."""

    process: int
    started_at: datetime

    @classmethod
    def load(cls, file: Path) -> Self | None:
        """The run that is marked; None where none is, or what a power cut left can't be read. Raises OSError."""
        try:
            with opened(file) as source:
                members = msgspec.json.decode(source.read(_MAX_BYTES), type=_Members)
            return cls(members.process, time_of(members.started_at))
        except (FileNotFoundError, msgspec.MsgspecError, ValueError, MalformedError):
            return None

    def mark(self, file: Path) -> None:
        """Says durably that this run has begun, in the place of any other. Raises OSError."""
        members = _Members(self.process, text_of_time(self.started_at))
        write_file(file, msgspec.json.encode(members) + b"\n")

    def lives(self) -> bool:
        """Whether a process of this number runs; it may be another by now."""
        try:
            os.kill(self.process, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True


def unmark(file: Path) -> None:
    """Takes a mark away. Raises OSError."""
    with suppress(FileNotFoundError):
        file.unlink()
        sync_folder(file.parent)
