"""A directory as a store: the embedded default, and what removable media build on.

A put writes a temporary file in the target folder, syncs it, reads it back, links it to its name (which
fails if the name exists: nothing is overwritten) and syncs the folder. A failed fsync is final: the kernel
may have dropped the pages, and asking again would lie.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vault.durable import sync_file, sync_folder
from vault.errors import (
    DigestRefusedError,
    LockNotEnforcedError,
    NameTakenError,
    StoreFullError,
    StoreUnreachableError,
)
from vault.receipt import Receipt

_TEMPORARY_PREFIX = ".put-"
_COPY_BYTES = 1024 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DirectoryStore:
    """Files under one folder. Enforces no retention: `mode` is "none".

    Raises:
        LockNotEnforcedError: a mode other than "none" is asked for.
    """

    def __init__(self, name: str, folder: Path, mode: str = "none") -> None:
        if mode != "none":
            raise LockNotEnforcedError(f"store {name}: a directory can't enforce retention mode {mode!r}")
        self.name = name
        self.mode = mode
        self._folder = folder

    def put(self, name: str, source: Path, sha256: str, retain_until: datetime) -> Receipt:
        """See `Store.put`. `retain_until` is not enforced here; the manifest states it."""
        target = self._folder / name
        temporary = target.with_name(f"{_TEMPORARY_PREFIX}{os.getpid()}-{target.name}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            is_new = not target.exists()
            if is_new:
                self._write(source, temporary)
                if _sha256_of(temporary) != sha256:
                    raise DigestRefusedError(f"store {self.name}: {name} did not arrive as it was sent")
                is_new = self._name(temporary, target)
            if _sha256_of(target) != sha256:
                raise NameTakenError(f"store {self.name}: other bytes lie under {name}")
            self._settle(target, is_new)
            return Receipt(self.name, name, sha256, target.stat().st_size, self.mode, None)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreFullError(f"store {self.name} is full: {name} was not stored") from error
            raise StoreUnreachableError(
                f"store {self.name}: {name} can't be stored in {self._folder}: {error.strerror}"
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def holds(self, name: str, sha256: str) -> bool:
        """See `Store.holds`; a directory can always be looked at."""
        try:
            return _sha256_of(self._folder / name) == sha256
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreUnreachableError(f"store {self.name}: {self._folder} can't be read: {error.strerror}") from error

    def check(self) -> str:
        """Writes, syncs and removes a probe file, and tells the room left."""
        probe = self._folder / f"{_TEMPORARY_PREFIX}{os.getpid()}-probe"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with probe.open("xb") as target:
                target.write(b"probe")
                os.fsync(target.fileno())
            probe.unlink()
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise StoreUnreachableError(
                f"store {self.name}: {self._folder} can't be written: {error.strerror}"
            ) from error
        return f"{self._folder} can be written, {free / 1e9:.1f} GB free; it enforces no retention"

    def _write(self, source: Path, temporary: Path) -> None:
        with source.open("rb") as reader, temporary.open("xb") as writer:
            shutil.copyfileobj(reader, writer, _COPY_BYTES)
            writer.flush()
            os.fsync(writer.fileno())

    def _name(self, temporary: Path, target: Path) -> bool:
        """Gives the file its name, without ever replacing one; False if somebody was faster."""
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                raise
            # A file system without hard links: one archiver writes here, under its lock, so that
            # looking first and renaming then can't race with anybody.
            if target.exists():
                return False
            temporary.rename(target)
        return True

    def _settle(self, target: Path, is_new: bool) -> None:
        """Makes file and name durable, also those of an earlier put that may have been cut off before it did.

        When a sync fails, a name that this put has made is taken back: what is not durable is not there.
        """
        try:
            if not is_new:
                sync_file(target)
            folder = target.parent
            while True:
                sync_folder(folder)
                if folder == self._folder:
                    return
                folder = folder.parent
        except OSError:
            if is_new:
                target.unlink(missing_ok=True)
            raise


def _sha256_of(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
