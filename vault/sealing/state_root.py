"""The state root over many leaves that come in order, by all of the spool's workers."""

from __future__ import annotations

from concurrent.futures import Future

from vault.spooling.spool import Spool
from verify.constants import HASH_BYTES
from verify.tree import root_of, subtree_roots_of

_HEIGHT = 15
_SUBTREE_BYTES = HASH_BYTES << _HEIGHT


class StateRoot:
    """A growing state tree. It holds the leaves of one subtree at most, so that memory does not grow with them."""

    def __init__(self, spool: Spool) -> None:
        self.count = 0
        self._spool = spool
        self._pending = bytearray()
        self._subtrees: list[Future[bytes]] = []

    def add(self, leaves: bytes) -> None:
        """Appends leaf hashes that lie side by side."""
        self.count += len(leaves) // HASH_BYTES
        self._pending += leaves
        while len(self._pending) >= _SUBTREE_BYTES:
            self._send(bytes(self._pending[:_SUBTREE_BYTES]))
            del self._pending[:_SUBTREE_BYTES]

    def root(self) -> bytes:
        """Returns the RFC 6962 root (32 bytes) over all leaves; nothing is added afterwards."""
        self._send(bytes(self._pending))
        self._pending.clear()
        return root_of(b"".join([subtree.result() for subtree in self._subtrees]))

    def _send(self, leaves: bytes) -> None:
        self._subtrees.append(self._spool.call(subtree_roots_of, leaves, _HEIGHT))
