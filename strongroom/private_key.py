"""Files that hold a private key, told by what is in them: identities, keys of a trust root and of a signer, PEM."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from verify.errors import OccupiedPlaceError
from verify.private_key import private_key_in
from verify.small_file import small_file

_LOOKED_AT_BYTES = 65_536


def file_with_private_key_in(folder: Path, besides: Collection[str] = ()) -> Path | None:
    """A file in the folder itself that holds one, but for the names in `besides`; None where there is no such folder.

    Raises:
        OccupiedPlaceError: the folder, or a file of it, can't be looked into.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.name not in besides)
        return next((path for path in files if holds_private_key(path)), None)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OccupiedPlaceError(f"{folder} can't be looked into for private keys: {error.strerror}") from error


def require_no_private_key(folder: Path, besides: Collection[str] = ()) -> None:
    """Finds out before the work that a folder of results holds no private key; whoever takes it would have both.

    Raises:
        OccupiedPlaceError: one lies there.
    """
    if key := file_with_private_key_in(folder, besides):
        raise OccupiedPlaceError(
            f"{folder} holds a private key, {key.name}, and is no place for results",
            next_step="Name another folder, and keep keys apart from what they open.",
        )


def holds_private_key(path: Path) -> bool:
    """Whether a regular file that this account may read holds one, in its first 64 KiB.

    Raises:
        OSError: it can't be read.
    """
    if not path.is_file() or not os.access(path, os.R_OK):
        return False
    return private_key_in(small_file(path, _LOOKED_AT_BYTES)) is not None
