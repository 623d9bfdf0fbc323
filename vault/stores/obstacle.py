"""What stands where a folder of a store is to be: it can't be made there, however empty the store is otherwise."""

from __future__ import annotations

import errno
import stat
from pathlib import Path


def obstacle_at(folder: Path) -> str | None:
    """What keeps a folder from being there, in words; None if it is there, or nothing keeps it from being made.

    Raises:
        OSError: it can't be looked at.
    """
    for place in (folder, *folder.parents):
        try:
            mode = place.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            if place.is_symlink():
                return f"{place} is a symbolic link to what is not there"
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            if place.is_symlink():
                return f"{place} is a symbolic link that leads in a circle"
        else:
            return None if stat.S_ISDIR(mode) else f"{place} is {_kind_of(mode)}, and no folder"
    return None


def _kind_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "a regular file"
    return "a named pipe" if stat.S_ISFIFO(mode) else "a device or a socket"
