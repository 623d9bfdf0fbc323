"""A file on its way into a directory store: it bears a name of its own until its bytes are proved.

The name says which process writes it, so that what a killed one left can be told from what another one is
writing at this moment. No reader takes such a name for a part of an archive (FORMAT.md section 3).
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_PREFIX = ".put-"
_NAME = re.compile(rf"{re.escape(_PREFIX)}([0-9]{{1,10}})-[0-9a-f]{{16}}")
_TOKEN_BYTES = 8

DEAD_SECONDS = 3600.0
"""A file that nobody has written to for so long is a leftover if its process is not there."""

ABANDONED_SECONDS = 7 * 24 * 3600.0
"""... and after a week whatever its process is: ids are given out again, and in a container always the same ones."""


def arrival_in(folder: Path) -> Path:
    """A path in `folder` that no other put uses, in this process, in another one or on another host."""
    return folder / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(_TOKEN_BYTES)}"


def sweep(folder: Path, now: float) -> None:
    """Removes what killed puts have left in `folder`; what can't be removed stays.

    `now` is the time of a file that was just written there: the clock of the file system, which may be that of
    another machine.
    """
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            match = _NAME.fullmatch(entry.name)
            if match:
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode) and _is_left(int(match[1]), now - status.st_mtime):
                        Path(entry.path).unlink()


def _is_left(process: int, seconds: float) -> bool:
    return seconds >= ABANDONED_SECONDS or (seconds >= DEAD_SECONDS and not _lives(process))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
