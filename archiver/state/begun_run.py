"""The mark of a run that has begun: what stays of one that is killed before it can write the history."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, NamedTuple, Self

import msgspec

from archiver.state.process_birth import birth_of
from vault.durable import sync_folder, write_file
from vault.regular_file import beginning_of
from verify.errors import MalformedError
from verify.strict_json import text_of_time, time_of

_MAX_BYTES = 4096
_SANE_YEARS = range(2000, 2100)
"""Years in which a run can have begun, by whatever clock: outside them somebody has written the mark, or a fault."""
_MAX_PROCESS = 2**31 - 1
"""What a pid_t holds; no kernel gives out more."""
_INIT = 1
"""The process that runs on every host; in a container it may be a run."""


class _Members(msgspec.Struct, omit_defaults=True):
    process: Annotated[int, msgspec.Meta(ge=1, le=_MAX_PROCESS)]
    started_at: str
    process_birth: str | None = None


class BegunRun(NamedTuple):
    """The process of a run, and when it began. `process_birth`: what tells it from others of its number, if known."""

    process: int
    started_at: datetime
    process_birth: str | None = None

    @classmethod
    def of_this_process(cls, started_at: datetime) -> Self:
        """A run that this process makes."""
        return cls(os.getpid(), started_at, birth_of(os.getpid()))

    @classmethod
    def load(cls, file: Path) -> Self | None:
        """The run that is marked; None where none is, or what lies there can't be one. Raises OSError."""
        content = beginning_of(file, _MAX_BYTES)
        return cls._from_json(content) if content is not None else None

    @classmethod
    def _from_json(cls, content: bytes) -> Self | None:
        try:
            members = msgspec.json.decode(content, type=_Members)
            started_at = time_of(members.started_at)
        except (msgspec.MsgspecError, ValueError, RecursionError, MalformedError):
            return None
        if started_at.year not in _SANE_YEARS:
            return None
        return cls(members.process, started_at, members.process_birth)

    @classmethod
    def is_unreadable(cls, file: Path) -> bool:
        """Whether something lies there that is no mark. Raises OSError."""
        content = beginning_of(file, _MAX_BYTES)
        return content is not None and cls._from_json(content) is None

    def mark(self, file: Path) -> None:
        """Says durably that this run has begun, in the place of any other. Raises OSError."""
        members = _Members(self.process, text_of_time(self.started_at), self.process_birth)
        write_file(file, msgspec.json.encode(members) + b"\n")

    def lives(self) -> bool:
        """Whether its process runs; without its birth, whether one of its number does, which may be another."""
        birth = birth_of(self.process)
        if self.process_birth is not None and birth is not None:
            return birth == self.process_birth
        if self.process == _INIT:
            return False
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
