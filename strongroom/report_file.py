"""Files that a person asked for by name: written whole, replacing an older one of the same name."""

from __future__ import annotations

import os
from pathlib import Path

from recovery.errors import TargetFolderError
from strongroom.private_key import holds_private_key
from vault.durable import write_file
from verify.errors import OccupiedPlaceError, UsageError
from verify.no_room import require_room
from verify.output_place import is_same_place

_READABLE = 0o644
_STEP = "Name a file in a folder that exists and that this account may write into."


def require_place(path: Path) -> None:
    """Finds out before the work, which may take an hour, that the file can't be written after it.

    Raises:
        TargetFolderError: so it is.
        OccupiedPlaceError: what lies there is a private key.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise TargetFolderError(f"{path} is no regular file", next_step="Name a file, new or an older report.")
        if not path.parent.is_dir():
            raise TargetFolderError(f"{path} can't be written: there is no folder {path.parent}", next_step=_STEP)
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise TargetFolderError(
                f"{path} can't be written: this account may not write into its folder", next_step=_STEP
            )
        if holds_private_key(path):
            raise OccupiedPlaceError(f"{path} holds a private key, which would be lost")
    except OSError as error:
        raise TargetFolderError(f"{path} can't be written: {error.strerror}", next_step=_STEP) from error


def require_two_places(first: tuple[str, Path | None], second: tuple[str, Path | None]) -> None:
    """Refuses two options, each with the path that it names or None, that name one file: the later would be all.

    Raises:
        UsageError: they do.
    """
    (option, path), (other_option, other) = first, second
    if path is not None and other is not None and is_same_place(path, other):
        raise UsageError(f"{option} and {other_option} name the same file", next_step="Give each a file of its own.")


def write_report(path: Path, text: str) -> Path:
    """Writes the text as UTF-8 and returns the absolute path.

    Raises:
        TargetFolderError: it can't be written.
        OutputError: there is no room for it.
    """
    require_place(path)
    try:
        write_file(path.absolute(), text.encode("utf-8", "backslashreplace"), _READABLE)
    except OSError as error:
        require_room(path, error)
        raise TargetFolderError(f"{path} can't be written: {error.strerror}", next_step=_STEP) from error
    return path.absolute()
