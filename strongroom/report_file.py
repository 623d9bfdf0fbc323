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
    try:
        write_file(path.absolute(), text.encode("utf-8", "backslashreplace"), _READABLE)
    except OSError as error:
        raise TargetFolderError(
            f"{path} can't be written: {error.strerror}", next_step="Name a file in a folder that exists."
        ) from error
