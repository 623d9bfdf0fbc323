"""What operators escrowed, as a snapshot has it: for which place, which file, sealed when. Nothing is opened here."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from recovery.attribute import Value
from recovery.kind_of_object import BINS
from recovery.object_scan import objects_in
from verify.escrow_place import ESCROW, Place
from verify.snapshot import VerifiedSnapshot


class EscrowedFile(NamedTuple):
    """One record of the collection. `sealed_bytes` and `sealed_sha256` are those of the age file in it.

    `place` is None where the record does not say it, or holds no file: nobody can use that one.
    """

    id: str
    place: Place | None
    file: str
    sealed_bytes: int
    sealed_sha256: str
    sealed_at: str
    recipients: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """What an entry says of the file that is kept for it."""
        return {
            "id": self.id,
            "file": self.file,
            "sealed_bytes": self.sealed_bytes,
            "sealed_sha256": self.sealed_sha256,
            "sealed_at": self.sealed_at,
            "recipients": list(self.recipients),
        }


def escrowed_files_in(snapshot: VerifiedSnapshot) -> Iterator[EscrowedFile]:
    """Yields them in order of their ids.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    for value in objects_in(snapshot, ESCROW):
        sealed = _bytes_of(value.get("sealed"))
        recipients = value.get("recipients")
        yield EscrowedFile(
            str(value.get("id")),
            _place_of(value.get("for")) if sealed else None,
            str(value.get("file") or ""),
            len(sealed),
            hashlib.sha256(sealed).hexdigest(),
            str(value.get("sealed_at") or ""),
            tuple(map(str, recipients)) if isinstance(recipients, list) else (),
        )


def _place_of(value: Value) -> Place | None:
    """A place of a living object, whichever of the two was named."""
    if not isinstance(value, list) or len(value) not in (2, 3):
        return None
    words = [word for word in value if isinstance(word, str) and word]
    if len(words) != len(value):
        return None
    return Place(BINS.get(words[0], words[0]), words[1], words[2] if words[2:] else None)


def _bytes_of(value: Value) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""
