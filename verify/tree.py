"""Merkle trees of RFC 6962 section 2.1, over leaf hashes that are already computed.

Leaf hashes lie one after the other in one `bytes` (32 bytes each), because a list of a million small
objects costs ten times the memory. A tree grows from the left, so the roots of complete subtrees can be
computed apart, by several processes, and folded together.
"""

from __future__ import annotations

import hashlib
from functools import reduce

from verify.constants import HASH_BYTES

EMPTY_ROOT = hashlib.sha256(b"").digest()

_SLICE_HEIGHT = 15
_SLICE_BYTES = 2**_SLICE_HEIGHT * HASH_BYTES
"""A level is made in slices: as Python objects, the hashes of a long one take three times the memory of its bytes."""


def leaf_hash_of(content: bytes) -> bytes:
    """Returns H(00 || content), the RFC 6962 hash of a leaf."""
    digest = hashlib.sha256(b"\x00")
    digest.update(content)
    return digest.digest()


def node_hash_of(left: bytes, right: bytes) -> bytes:
    """Returns H(01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: bytes) -> bytes:
    """Returns the root over leaf hashes laid side by side; 32 bytes."""
    if not leaves:
        return EMPTY_ROOT
    slices = range(0, len(leaves), _SLICE_BYTES)
    level = b"".join([subtree_roots_of(leaves[at : at + _SLICE_BYTES], _SLICE_HEIGHT) for at in slices])
    while len(level) > HASH_BYTES:
        level = _parents_of(level)
    return level


def _parents_of(level: bytes) -> bytes:
    """One level up. An odd node at the end rises unchanged, which is RFC 6962's split at a power of two."""
    node = hashlib.sha256(b"\x01").copy  # a copy costs half of what a new hash object does
    pair = 2 * HASH_BYTES
    whole = len(level) - len(level) % pair
    parents = []
    for at in range(0, whole, pair):
        digest = node()
        digest.update(level[at : at + pair])
        parents.append(digest.digest())
    parents.append(level[whole:])
    return b"".join(parents)


def subtree_roots_of(leaves: bytes, height: int) -> bytes:
    """Returns the nodes `height` levels above the leaves; `leaves` starts at a multiple of 2**height.

    Feeding the concatenation of such rows, in order, to `root_of` gives the root over all leaves.
    """
    level = leaves
    for _ in range(height):
        if len(level) <= HASH_BYTES:
            break
        level = _parents_of(level)
    return level


class GrowingTree:
    """A tree that leaves are appended to, with its root at any size; keeps one node for each set bit of the size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Adds one leaf hash at the right."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash_of(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Returns the root over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash_of(left, right), reversed(self._peaks))
