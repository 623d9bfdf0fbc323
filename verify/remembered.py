"""What a verifier remembers of a log between two visits, so that history can't be taken back unseen.

The file holds size, root and leaf hashes of the log as it was seen: with the leaf hashes a log that is now
shorter can be told from one that is now different.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from verify.constants import HASH_BYTES, MAX_LOG_ENTRIES
from verify.errors import LogError, MalformedError, UnreachableArchiveError, WrongArchiveError
from verify.no_room import require_room
from verify.small_file import small_file
from verify.strict_json import base64_of, members_of
from verify.tree import root_of

MAX_REMEMBERED_BYTES = MAX_LOG_ENTRIES * HASH_BYTES * 4 // 3 + 65_536
"""The leaf hashes of the longest log in base64, and room for the rest of the document."""

_WRITING_STEP = "Name a file with --remember in a folder that exists and that this account may write into."
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
        UnreachableArchiveError: it can't be read, or could not be written at the end.
    """
    _require_place(path)
    try:
        content = small_file(path, MAX_REMEMBERED_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreachableArchiveError(f"{path} can't be read: {error.strerror}", next_step=_NEXT_STEP) from error
    if len(content) > MAX_REMEMBERED_BYTES:
        raise MalformedError(f"{path} is too long for what --remember keeps", next_step=_NEXT_STEP)
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
        OutputError: there is no room for it.
        UnreachableArchiveError: the file can't be written.
    """
    document = {
        "archive_id": log.archive_id,
        "leaves": base64_of(log.leaves),
        "root": root_of(log.leaves).hex(),
        "size": log.size,
        "type": "remembered",
        "version": 1,
    }
    _require_place(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Whoever could write this file could make the verifier forget.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(document).encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        require_room(path, error)
        raise UnreachableArchiveError(f"{path} can't be written: {error.strerror}", next_step=_WRITING_STEP) from error


def _require_place(path: Path) -> None:
    """Finds out before the ceremony, which may take an hour, that the file can't be written after it."""
    try:
        wrong = path.is_symlink() or (path.exists() and not path.is_file())
        reason = "not a regular file" if wrong else _reason_against(path.parent)
    except OSError as error:
        reason = error.strerror
    if reason:
        raise UnreachableArchiveError(f"{path} can't be written: {reason}", next_step=_WRITING_STEP)


def _reason_against(folder: Path) -> str | None:
    if not folder.is_dir():
        return "there is no such folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else "this account may not write into its folder"


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
