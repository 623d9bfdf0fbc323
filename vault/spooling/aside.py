"""Bytes that a worker process sets aside for itself: on disk, encrypted, gone with the spool."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import SpoolError
from vault.spooling.nonce import ASIDE, nonce_of, number_of


class _Place(NamedTuple):
    offset: int
    end: int


class Aside:
    """One file of one worker, which is made when it is first needed."""

    def __init__(self, path: Path, cipher: AESGCM, worker: int) -> None:
        self._path = path
        self._cipher = cipher
        self._number = number_of(worker, ASIDE)
        self._places: list[_Place] = []
        self._descriptor: int | None = None

    def put(self, content: bytes) -> int:
        """Keeps bytes and gives their number, from 0. Raises SpoolError: they can't be written."""
        number = len(self._places)
        sealed = self._cipher.encrypt(nonce_of(self._number, number), content, None)
        offset = self._places[-1].end if self._places else 0
        self._places.append(_Place(offset, offset + len(sealed)))
        try:
            written = 0
            while written < len(sealed):
                written += os.pwrite(self._opened(), sealed[written:], offset + written)
        except OSError as error:
            raise SpoolError(f"the spool at {self._path.parent} can't be written: {error.strerror}") from error
        return number

    def content_of(self, number: int) -> bytes:
        """Gives what was kept under a number. Raises SpoolError: it can't be read."""
        offset, end = self._places[number]
        try:
            sealed = os.pread(self._opened(), end - offset, offset)
        except OSError as error:
            raise SpoolError(f"the spool at {self._path.parent} can't be read: {error.strerror}") from error
        return self._cipher.decrypt(nonce_of(self._number, number), sealed, None)

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        return self._descriptor
