"""Checkpoints: C2SP signed notes with an Ed25519 and an ML-DSA-44 signature (FORMAT.md section 10)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace

from tests.verify.kit.edit import Edit, keep
from tests.verify.kit.keys import LogPair, base64_of


@dataclass(frozen=True)
class Head:
    """What a checkpoint says; `name` is its signatures' key name, `spelling` the size as it is written."""

    origin: str
    size: int
    root: bytes
    timestamp: int
    name: str = ""
    extension: str = ""
    spelling: str = ""

    def text(self) -> bytes:
        """The note's text."""
        return f"{self.origin}\n{self.spelling or self.size}\n{base64_of(self.root)}\n{self.extension}".encode()

    def cosigned_message(self) -> bytes:
        """The structure of tlog-cosignature that ML-DSA-44 signs."""
        name, origin = self.name.encode(), self.origin.encode()
        return b"".join(
            (
                b"subtree/v1\n\x00",
                bytes([len(name)]) + name,
                struct.pack(">Q", self.timestamp),
                bytes([len(origin)]) + origin,
                struct.pack(">QQ", 0, self.size),
                self.root,
            )
        )


@dataclass
class CheckpointEdits:
    """What a story may break; `head` is signed as edited, `text` replaces the note's text after signing."""

    head: Edit[Head] = keep
    log: Edit[LogPair] = keep
    lines: Edit[list[str]] = keep
    text: Edit[bytes] = keep
    file: Edit[bytes] = keep


def checkpoint_of(head: Head, log: LogPair, edits: CheckpointEdits | None = None) -> bytes:
    """Returns the checkpoint's file."""
    edits = edits or CheckpointEdits()
    head = edits.head(replace(head, name=head.name or head.origin))
    lines = edits.lines(signature_lines_of(head, edits.log(log)))
    return edits.file(edits.text(head.text()) + b"\n" + "".join(f"{line}\n" for line in lines).encode())


def signature_lines_of(head: Head, log: LogPair) -> list[str]:
    """The two signature lines, Ed25519 first."""
    ed25519 = log.ed25519.sign(head.text())
    ml_dsa = struct.pack(">Q", head.timestamp) + log.ml_dsa_44.sign(head.cosigned_message())
    return [
        signature_line_of(head.name, 0x01, log.ed25519_public, ed25519),
        signature_line_of(head.name, 0x06, log.ml_dsa_44_public, ml_dsa),
    ]


def signature_line_of(name: str, kind: int, public: bytes, signature: bytes) -> str:
    """One line of a signed note."""
    key_id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    return f"\u2014 {name} {base64_of(key_id + signature)}"
