"""Files of the state: regular ones only, so that nobody waits for whatever else lies under their names."""

from __future__ import annotations

from io import BufferedReader
from pathlib import Path

from verify import regular_file


def opened(path: Path) -> BufferedReader:
    """Opens a file for reading. Raises OSError: it can't be opened, or is no regular file; `strerror` names it then."""
    return regular_file.opened(path, f"{path.name} is no regular file")


def content_of(path: Path) -> bytes:
    """Returns the whole content of a regular file. Raises OSError, as `opened` does."""
    with opened(path) as source:
        return source.read()


def beginning_of(path: Path, most: int) -> bytes | None:
    """Returns the first `most` bytes of a file, None where there is none. Raises OSError, as `opened` does."""
    try:
        with opened(path) as source:
            return source.read(most)
    except FileNotFoundError:
        return None
