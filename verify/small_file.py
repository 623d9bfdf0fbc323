"""Small files that a person names: regular ones only, whole, and no longer than they may be."""

from __future__ import annotations

from pathlib import Path

from verify.regular_file import opened


def small_file(path: Path, most: int) -> bytes:
    """Returns the bytes of a file; of a longer one `most` + 1, for its reader to refuse by its own limit.

    Raises:
        OSError: it can't be read, or is no regular file; `strerror` says which.
        ValueError: the name is one that no file can have.
    """
    with opened(path) as file:
        return file.read(most + 1)
