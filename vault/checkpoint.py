"""Signs the head of the log: a C2SP checkpoint with an Ed25519 and an ML-DSA-44 signature (FORMAT.md section 10)."""

from __future__ import annotations

import hashlib
from datetime import datetime

from vault.signer import LogKey, base64_of
from verify.checkpoint import origin_of

_NOTE_ED25519 = b"\x01"
_COSIGNATURE_ML_DSA_44 = b"\x06"


def checkpoint_of(key: LogKey, archive_id: str, size: int, root: bytes, signed_at: datetime) -> bytes:
    """Returns the checkpoint of a log of `size` entries with the given root (32 bytes)."""
    origin = origin_of(archive_id)
    text = f"{origin}\n{size}\n{base64_of(root)}\n"
    timestamp = int(signed_at.timestamp())
    ed25519 = key.ed25519.sign(text.encode("ascii"))
    message = _cosigned_message(origin, timestamp, size, root)
    ml_dsa_44 = timestamp.to_bytes(8, "big") + key.ml_dsa_44.sign(message)
    lines = [
        _signature_line(origin, _NOTE_ED25519, key.ed25519.public_key().public_bytes_raw(), ed25519),
        _signature_line(origin, _COSIGNATURE_ML_DSA_44, key.ml_dsa_44.public_key().public_bytes_raw(), ml_dsa_44),
    ]
    return (text + "\n" + "".join(lines)).encode("utf-8")


def _cosigned_message(origin: str, timestamp: int, size: int, root: bytes) -> bytes:
    """C2SP tlog-cosignature, "ML-DSA-44 signed message": the log cosigns its own head, from leaf 0."""
    name = origin.encode("ascii")
    sized = len(name).to_bytes(1, "big") + name
    return (
        b"subtree/v1\n\x00"
        + sized
        + timestamp.to_bytes(8, "big")
        + sized
        + (0).to_bytes(8, "big")
        + size.to_bytes(8, "big")
        + root
    )


def _signature_line(name: str, kind: bytes, public: bytes, signature: bytes) -> str:
    key_id = hashlib.sha256(name.encode("ascii") + b"\n" + kind + public).digest()[:4]
    return f"— {name} {base64_of(key_id + signature)}\n"
