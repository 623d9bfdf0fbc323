"""Files that hold a private key, told by what is in them: identities, keys of a trust root and of a signer, PEM."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from itertools import islice
from pathlib import Path

from verify.errors import OccupiedPlaceError, UnreachableArchiveError
from verify.name import is_part_of_an_archive
from verify.private_key import private_key_in
from verify.small_file import small_file
from verify.store import DirectoryReader

_LOOKED_AT_BYTES = 65_536
MAX_STRAYS = 1000
"""Files below a folder of results that are looked at and are no part of an archive; a copy has none."""
_LEDGER = "/state/ledger/"
"""Where `strongroom run` keeps, in the state folder of a host, what it has sealed."""


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


def require_no_private_key_below(folder: Path) -> None:
    """Finds out, as deep as `doctor` looks into a store, that whoever takes a copy takes no keys and no state with it.

    The first MAX_STRAYS files are looked at that are no part of an archive; what this account can't look into is not.

    Raises:
        OccupiedPlaceError: a private key lies there, or the state of a host.
    """
    require_no_private_key(folder)
    strays: list[str] = []
    with suppress(UnreachableArchiveError):  # writing there says what is wrong with it
        names = (name for name, _ in DirectoryReader(folder).list("") if not is_part_of_an_archive(name))
        strays.extend(islice(names, MAX_STRAYS))
    for name in strays:
        if _LEDGER in f"/{name}":
            raise OccupiedPlaceError(
                f"{folder} holds the state of an archive's host, {name}, and is no place for results"
            )
        with suppress(OSError):
            if holds_private_key(folder / name):
                raise OccupiedPlaceError(
                    f"{folder} holds a private key, {name}, and is no place for results",
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
