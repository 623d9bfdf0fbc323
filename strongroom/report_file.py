"""Files that a person asked for by name: written whole, replacing an older one of the same name."""

from __future__ import annotations

from pathlib import Path

from recovery.errors import TargetFolderError
from vault.durable import write_file

_READABLE = 0o644


def write_report(path: Path, text: str) -> None:
    """Writes the text as UTF-8.

    Raises:
        TargetFolderError: it can't be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TargetFolderError(f"{path} is no regular file", next_step="Name a file, new or an older report.")
    try:
        write_file(path.absolute(), text.encode("utf-8", "backslashreplace"), _READABLE)
    except OSError as error:
        raise TargetFolderError(
            f"{path} can't be written: {error.strerror}", next_step="Name a file in a folder that exists."
        ) from error
