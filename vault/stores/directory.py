"""A directory as a store: the embedded default, and what removable media build on.

A put writes a file of its own beside the archive, syncs it, reads it back, links it to its name (which fails
if the name exists: nothing is overwritten) and syncs the folders. A failed fsync is final: the kernel may
have dropped the pages, and asking again would lie.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vault.durable import make_folder, sync_file, sync_folder
from vault.errors import DigestRefusedError, NameTakenError, StoreError, StoreFullError, StoreUnreachableError
from vault.stores.arrival import arrival_in, sweep
from vault.stores.obstacle import obstacle_at
from vault.stores.receipt import Receipt
from verify.constants import CHECKPOINT_FOLDER
from verify.errors import LockNotEnforcedError
from verify.name import checkpoint_size_of

_COPY_BYTES = 1024 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_FILE = (errno.ELOOP, errno.ENXIO)
"""What opening says of a symbolic link and of a socket."""


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
        self._swept: set[Path] = set()

    def put(self, name: str, source: Path, sha256: str, retain_until: datetime) -> Receipt:
        """See `Store.put`. `retain_until` is not enforced here; the manifest states it."""
        return self.receive(name, _chunks_of(source), sha256)

    def receive(self, name: str, content: Iterable[bytes], sha256: str) -> Receipt:
        """Stores what `content` yields as `put` does; nothing is taken from it if the name exists.

        What `content` raises goes through, and nothing is left under the name.
        """
        target = self._folder / name
        try:
            self._require_way_to(target.parent)
            make_folder(target.parent)
            is_new = not os.path.lexists(target) and self._arrive(target, content, sha256)
            if not is_new and _sha256_of(target) != sha256:
                raise NameTakenError(f"store {self.name}: other bytes lie under {name}")
            self._settle(target, is_new)
            return Receipt(target.stat().st_size, None)
        except OSError as error:
            raise self._named(error, f"{name} can't be stored in {self._folder}") from error

    def holds(self, name: str, sha256: str) -> bool:
        """See `Store.holds`; a directory can always be looked at."""
        try:
            self._require_way_to((self._folder / name).parent)
            return _sha256_of(self._folder / name) == sha256
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self._named(error, f"{self._folder} can't be read") from error

    def log_size(self) -> int:
        """See `Store.log_size`; a directory can always be looked at."""
        try:
            self._require_way_to(self._folder / CHECKPOINT_FOLDER)
            names = [f"{CHECKPOINT_FOLDER}/{path.name}" for path in (self._folder / CHECKPOINT_FOLDER).iterdir()]
            return max((size for name in names if (size := checkpoint_size_of(name)) is not None), default=0)
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise self._named(error, f"{self._folder} can't be read") from error

    def check(self) -> str:
        """Writes, syncs and removes a probe file, and tells the room left."""
        probe = arrival_in(self._folder)
        try:
            self._require_way_to(self._folder)
            make_folder(self._folder)
            with probe.open("xb") as target:
                target.write(b"probe")
                os.fsync(target.fileno())
            probe.unlink()
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            with suppress(OSError):
                probe.unlink(missing_ok=True)
            raise self._named(error, f"{self._folder} can't be written") from error
        return f"{self._folder} can be written, {free / 1e9:.1f} GB free; it enforces no retention"

    def _require_way_to(self, folder: Path) -> None:
        """Tells a store that can't be there from one that is empty. Raises StoreUnreachableError, OSError."""
        if obstacle := obstacle_at(folder):
            raise StoreUnreachableError(f"store {self.name}: {obstacle}")

    def _arrive(self, target: Path, content: Iterable[bytes], sha256: str) -> bool:
        """Writes the content beside the archive, proves it and gives it its name; False if somebody was faster."""
        arrival = arrival_in(_same_file_system(self._folder, target.parent))
        try:
            with arrival.open("xb") as writer:
                if arrival.parent not in self._swept:
                    self._swept.add(arrival.parent)
                    sweep(arrival.parent, os.fstat(writer.fileno()).st_mtime)
                for chunk in content:
                    writer.write(chunk)
                writer.flush()
                os.fsync(writer.fileno())
            if _sha256_of(arrival) != sha256:
                raise DigestRefusedError(f"store {self.name}: {target.name} did not arrive as it was sent")
            return _linked(arrival, target)
        finally:
            with suppress(OSError):
                arrival.unlink(missing_ok=True)

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

    def _named(self, error: OSError, what: str) -> StoreError:
        """The error of this store that an operating system's error is; `what` could not be done."""
        if error.errno in _NO_ROOM:
            return StoreFullError(f"store {self.name} is full: {what}")
        return StoreUnreachableError(f"store {self.name}: {what}: {error.strerror}")


def _chunks_of(source: Path) -> Iterator[bytes]:
    with source.open("rb") as reader:
        while chunk := reader.read(_COPY_BYTES):
            yield chunk


def _same_file_system(folder: Path, target: Path) -> Path:
    """Where a file can be written that will be linked into `target`: `folder`, unless another disk is mounted below."""
    return folder if folder.stat().st_dev == target.stat().st_dev else target


def _linked(arrival: Path, target: Path) -> bool:
    """Gives the file its name, without ever replacing one; False if somebody was faster."""
    try:
        os.link(arrival, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        # A file system without hard links: one archiver writes here, under its lock, so that
        # looking first and renaming then can't race with anybody.
        if os.path.lexists(target):
            return False
        arrival.rename(target)
    return True


def _sha256_of(path: Path) -> str | None:
    """The hex digest of a regular file, None for anything else: no reader would take that for a file of the archive."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
