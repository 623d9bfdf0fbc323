"""The state root over many leaves, by all of the spool's workers."""

from __future__ import annotations

from vault.spool import Spool
from verify.constants import HASH_BYTES
from verify.tree import root_of, subtree_roots_of

_HEIGHT = 15
_LEAVES_BYTES = HASH_BYTES << _HEIGHT


def state_root_of(leaves: bytes, spool: Spool) -> bytes:
    """Returns the RFC 6962 root (32 bytes) over leaf hashes laid side by side."""
    futures = [
        spool.call(subtree_roots_of, leaves[at : at + _LEAVES_BYTES], _HEIGHT)
        for at in range(0, len(leaves), _LEAVES_BYTES)
    ]
    return root_of(b"".join([future.result() for future in futures]))
