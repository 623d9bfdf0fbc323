"""What a verifier remembers of a log between two visits, so that history can't be taken back unseen.

The file holds size, root and leaf hashes of the log as it was seen: with the leaf hashes a log that is now
shorter can be told from one that is now different.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path

from verify.constants import HASH_BYTES, MAX_LOG_ENTRIES
from verify.errors import LogError, MalformedError, UnreachableArchiveError, WrongArchiveError
from verify.strict_json import members_of
from verify.tree import root_of

_NEXT_STEP = "Restore the file that --remember names from its backup, or begin a new one under another name."


@dataclass(frozen=True)
class Remembered:
    """A log as it was seen last: its archive, its size, and 32 bytes for each entry."""

    archive_id: str
    leaves: bytes

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self.leaves) // HASH_BYTES


def remembered_in(path: Path) -> Remembered | None:
    """Reads what was remembered; None if nothing was yet.

    Raises:
        MalformedError: the file is not what `remember` writes.
        UnreachableArchiveError: it can't be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreachableArchiveError(f"{path}: {error.strerror}", next_step=_NEXT_STEP) from error
    try:
        members = members_of(content, str(path))
        leaves = members.base64("leaves")
        size = members.integer("size", 0, MAX_LOG_ENTRIES)
        if members.text("type") != "remembered" or members.integer("version") != 1:
            raise members.malformed("type", "remembered, version 1")
        if len(leaves) != size * HASH_BYTES or root_of(leaves).hex() != members.hex("root", HASH_BYTES):
            raise members.malformed("leaves", "the leaf hashes of the remembered root")
        return Remembered(members.hex("archive_id", 16), leaves)
    except MalformedError as error:
        raise MalformedError(error.message, next_step=_NEXT_STEP) from error


def remember(path: Path, log: Remembered) -> None:
    """Writes the log as it is seen now, whole or not at all.

    Raises:
        UnreachableArchiveError: the file can't be written.
    """
    document = {
        "archive_id": log.archive_id,
        "leaves": base64.b64encode(log.leaves).decode("ascii"),
        "root": root_of(log.leaves).hex(),
        "size": log.size,
        "type": "remembered",
        "version": 1,
    }
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UnreachableArchiveError(f"{path}: no regular file", next_step=_NEXT_STEP)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            file.write(json.dumps(document).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UnreachableArchiveError(f"{path}: {error.strerror}", next_step=_NEXT_STEP) from error


def missing_since(remembered: Remembered, archive_id: str, leaves: bytes) -> int:
    """Returns how many entries of the remembered log are not in `leaves`; 0 unless the store is behind.

    Raises:
        WrongArchiveError: the remembered log is another archive's.
        LogError: the two logs differ in an entry that both have: history was rewritten or forked.
    """
    if remembered.archive_id != archive_id:
        raise WrongArchiveError(f"what is remembered is archive {remembered.archive_id}, and this is {archive_id}")
    shared = min(len(remembered.leaves), len(leaves))
    if remembered.leaves[:shared] != leaves[:shared]:
        first = next(
            at // HASH_BYTES
            for at in range(0, shared, HASH_BYTES)
            if remembered.leaves[at : at + HASH_BYTES] != leaves[at : at + HASH_BYTES]
        )
        raise LogError(f"entry {first} is not the one that was remembered: history was rewritten or forked")
    return max(remembered.size - len(leaves) // HASH_BYTES, 0)
