"""Leaves of the state tree, for many records at once (FORMAT.md section 5).

The salt is HMAC-SHA-256 with the same key for every record, so the states after the two padded key blocks are
made once and copied: a copy costs half of what a new hash object does in Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from verify.constants import EPOCH_SECRET_BYTES, LEAF_LABEL
from verify.key import MAX_KEY_BYTES

_BLOCK_BYTES = 64  # of SHA-256 (FIPS 180-4)
_LENGTHS = [length.to_bytes(4, "big") for length in range(MAX_KEY_BYTES + 1)]


class LeafHasher:
    """Makes leaves under one epoch secret (32 bytes)."""

    def __init__(self, epoch_secret: bytes) -> None:
        if len(epoch_secret) != EPOCH_SECRET_BYTES:
            raise ValueError("an epoch secret is 32 bytes")
        padded = epoch_secret.ljust(_BLOCK_BYTES, b"\x00")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        self._leaf = hashlib.sha256(b"\x00" + LEAF_LABEL)

    def leaves_of(self, keys: Sequence[bytes], record_hashes: Sequence[bytes]) -> bytes:
        """Returns the leaf hashes of the records, 32 bytes each, laid side by side in the given order."""
        inner, outer, leaf = self._inner.copy, self._outer.copy, self._leaf.copy
        leaves = []
        for key, record_hash in zip(keys, record_hashes, strict=True):
            digest = inner()
            digest.update(key)
            salt = outer()
            salt.update(digest.digest())
            digest = leaf()
            digest.update(salt.digest() + _LENGTHS[len(key)] + key + record_hash)
            leaves.append(digest.digest())
        return b"".join(leaves)
