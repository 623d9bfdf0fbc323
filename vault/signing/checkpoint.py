"""Signs the head of the log: a C2SP checkpoint with an Ed25519 and an ML-DSA-44 signature (FORMAT.md section 10)."""

from __future__ import annotations

from datetime import datetime

from vault.signing.signer import LogKey
from verify.checkpoint import origin_of
from verify.note import ED25519_TYPE, ML_DSA_44_TYPE, TIMESTAMP_BYTES, cosigned_message_of, key_id_of
from verify.strict_json import base64_of


def checkpoint_of(key: LogKey, archive_id: str, size: int, root: bytes, signed_at: datetime) -> bytes:
    """Returns the checkpoint of a log of `size` entries with the given root (32 bytes)."""
    origin = origin_of(archive_id)
    text = f"{origin}\n{size}\n{base64_of(root)}\n"
    timestamp = int(signed_at.timestamp())
    ed25519 = key.ed25519.sign(text.encode("ascii"))
    message = cosigned_message_of(origin, timestamp, size, root)
    ml_dsa_44 = timestamp.to_bytes(TIMESTAMP_BYTES, "big") + key.ml_dsa_44.sign(message)
    lines = [
        _signature_line(origin, ED25519_TYPE, key.ed25519.public_key().public_bytes_raw(), ed25519),
        _signature_line(origin, ML_DSA_44_TYPE, key.ml_dsa_44.public_key().public_bytes_raw(), ml_dsa_44),
    ]
    return (text + "\n" + "".join(lines)).encode("utf-8")


def _signature_line(name: str, kind: bytes, public: bytes, signature: bytes) -> str:
    return f"— {name} {base64_of(key_id_of(name, kind, public) + signature)}\n"
