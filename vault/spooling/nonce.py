"""Nonces under the spool's key, each used once: the number of a file, then that of its part."""

from __future__ import annotations

_PLACES = 20
"""Bits of a file's number that are the worker's own."""
ASIDE = (1 << _PLACES) - 1
"""The number of the file that a worker sets bytes aside in; runs count from 0 and never come to it."""


def number_of(worker: int, file: int) -> int:
    """Gives the number of one of a worker's files."""
    return worker << _PLACES | file


def nonce_of(number: int, index: int) -> bytes:
    """Gives the nonce of a part of a file."""
    return number.to_bytes(4, "big") + index.to_bytes(8, "big")
