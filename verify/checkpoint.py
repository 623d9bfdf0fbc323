"""Checkpoints: the signed head of the log (C2SP tlog-checkpoint.md; FORMAT.md section 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from verify.constants import HASH_BYTES, MAX_LOG_ENTRIES, ORIGIN_PREFIX
from verify.errors import MalformedError, WrongArchiveError
from verify.note import Note, note_of, verify_ed25519, verify_ml_dsa_44
from verify.strict_json import bytes_of_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,7}")
_LINES = 3


@dataclass(frozen=True)
class LogKeys:
    """The log's two public keys and the origin that they sign for; raw bytes, 32 and 1,312."""

    origin: str
    ed25519: bytes
    ml_dsa_44: bytes


@dataclass(frozen=True)
class VerifiedCheckpoint:
    """A size and a root that the log signed for with both keys. `signed_at` is the log's own clock."""

    origin: str
    size: int
    root: bytes
    signed_at: datetime
    note: bytes


def origin_of(archive_id: str) -> str:
    """Returns the origin of an archive's log."""
    return ORIGIN_PREFIX + archive_id


def verified_checkpoint(unverified: bytes, keys: LogKeys, size: int, what: str) -> VerifiedCheckpoint:
    """Proves the checkpoint of a log of `size` entries.

    Raises:
        MalformedError: not a checkpoint, one with extension lines (F-LOG-5), or of another size than its name
            says (F-LOG-2).
        WrongArchiveError: another log's (F-LOG-2).
        SignatureError: one of the two signatures is missing or wrong (F-LOG-1).
    """
    note = note_of(unverified, what)
    origin, stated_size, root = _head_of(note, what)
    if origin != keys.origin:
        raise WrongArchiveError(f"{what}: belongs to the log {origin[:80]!r}, not to {keys.origin!r}")
    verify_ed25519(note, origin, keys.ed25519, what)
    timestamp = verify_ml_dsa_44(note, origin, keys.ml_dsa_44, stated_size, root, what)
    if stated_size != size:
        raise MalformedError(f"{what}: signed for {stated_size} entries, not for the {size} of its name")
    return VerifiedCheckpoint(origin, stated_size, root, _instant_of(timestamp, what), unverified)


def _head_of(note: Note, what: str) -> tuple[str, int, bytes]:
    lines = note.text.decode("utf-8").split("\n")[:-1]
    if len(lines) != _LINES:
        raise MalformedError(f"{what}: a checkpoint has three lines; extension lines are not allowed")
    origin, size, root = lines
    if not _SIZE.fullmatch(size) or int(size) > MAX_LOG_ENTRIES:
        raise MalformedError(f"{what}: {size[:20]!r} is not a size of a log")
    try:
        decoded = bytes_of_base64(root)
    except MalformedError as error:
        raise MalformedError(f"{what}: the root is not canonical base64") from error
    if len(decoded) != HASH_BYTES:
        raise MalformedError(f"{what}: the root is not 32 bytes long")
    return origin, int(size), decoded


def _instant_of(timestamp: int, what: str) -> datetime:
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise MalformedError(f"{what}: signed at a time that no calendar has") from error
