"""RFC 6962 section 2.1, written as the recursion of the RFC, and the leaves of FORMAT.md section 5."""

from __future__ import annotations

import hashlib
import hmac

from tests.verify.kit.record import ForgedRecord


def root_of(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes; of none it is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


def leaf_of(content: bytes) -> bytes:
    """H(00 || content): the leaf of a log entry, or of a segment."""
    return hashlib.sha256(b"\x00" + content).digest()


def salt_of(secret: bytes, key: bytes) -> bytes:
    """The salt of a key under an epoch secret."""
    return hmac.digest(secret, key, "sha256")


def state_leaf_of(secret: bytes, record: ForgedRecord) -> bytes:
    """The leaf of a live record."""
    return hashlib.sha256(
        b"\x00strongroom/v1/leaf\x00"
        + salt_of(secret, record.key)
        + len(record.key).to_bytes(4, "big")
        + record.key
        + record.hash
    ).digest()


def state_root_of(secret: bytes, records: list[ForgedRecord]) -> bytes:
    """The state root over live records in the order given."""
    return root_of([state_leaf_of(secret, record) for record in records])
