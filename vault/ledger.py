"""The archive host's durable state: the log so far, the epoch, and what is still to be put.

    ledger/head.json             where the archive stands (Head)
    ledger/leaves                leaf hashes of the log, 32 bytes each
    ledger/table-E               the epoch table of epoch E; only the current epoch's exists
    ledger/outbox/00000413/      one commit: files to be put, and the head that it leads to

A commit is one rename of a folder that is complete and synced: it happened, or it did not. What follows
(taking over the head, putting the files) can be repeated any number of times, so that a kill at any
point is finished by the next start.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from vault.durable import create_file, sync_folder, write_file
from vault.errors import CommitInterruptedError, ForkRefusedError, SpoolError
from verify.constants import HASH_BYTES
from verify.tree import EMPTY_ROOT, leaf_hash_of, root_of

_HEAD = "head.json"
_PUTS = "puts.json"
_TABLE = "table"
_STAGING = "staging"


@dataclass(frozen=True)
class EpochFull:
    """The full on which the epoch's deltas lean. `secret` is hex; times are text (FORMAT.md section 2).

    `table_sha256` is the digest of the epoch table: a damaged table would make deltas that leave changes out.
    """

    sequence: int
    manifest_sha256: str
    bundle_sha256: str
    bundle_bytes: int
    table_sha256: str
    secret: str = field(repr=False)
    recipients: list[str]
    taken_at: str
    retain_until: str


@dataclass(frozen=True)
class LastCheckpoint:
    """The checkpoint of the commit before: its name in the archive and the digest of its file."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Head:
    """Where the archive stands after the last commit.

    `checkpoint` is the newest one. `log_root` is the hex root over the log's leaves.
    `previous` is the SHA-256 of the newest manifest's file. `objects` counts objects per collection in the
    newest snapshot, for drop alarms. `proved` lists fingerprints of recipients whose canary was opened.
    """

    archive_id: str
    log_size: int = 0
    log_root: str = EMPTY_ROOT.hex()
    checkpoint: LastCheckpoint | None = None
    sequence: int = 0
    previous: str | None = None
    epoch: int = 0
    tenant: str | None = None
    simulated: bool | None = None
    full: EpochFull | None = None
    objects: Mapping[str, int] = field(default_factory=dict)
    proved: Sequence[str] = ()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Reads `head.json`. Raises ForkRefusedError if it is damaged: going on could fork the log."""
        try:
            document: dict[str, Any] = json.loads(content)
            full, checkpoint = document.pop("full"), document.pop("checkpoint")
            return cls(
                **document,
                full=EpochFull(**full) if full else None,
                checkpoint=LastCheckpoint(**checkpoint) if checkpoint else None,
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ForkRefusedError(f"the ledger's head is damaged: {error}") from error


@dataclass(frozen=True)
class Put:
    """One file to be put: its name in the archive, its file in the commit's folder, its digest."""

    name: str
    file: str
    sha256: str
    retain_until: str


@dataclass(frozen=True)
class Commit:
    """A committed set of files, in the order in which they are put: the checkpoint is last."""

    folder: Path
    puts: tuple[Put, ...]
    follows: LastCheckpoint | None

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads a commit back from the outbox."""
        try:
            document = json.loads((folder / _PUTS).read_bytes())
            follows = LastCheckpoint(**document["follows"]) if document["follows"] else None
            return cls(folder, tuple(Put(**put) for put in document["puts"]), follows)
        except (ValueError, TypeError, KeyError) as error:
            raise ForkRefusedError(f"the outbox is damaged: {folder / _PUTS}: {error}") from error

    def done_by(self, store: str) -> bool:
        """Whether the store has acknowledged all files."""
        return (self.folder / f"done-{store}").exists()

    def mark_done(self, store: str) -> None:
        """Remembers that the store has acknowledged all files."""
        marker = self.folder / f"done-{store}"
        if not marker.exists():
            create_file(marker, b"")
            sync_folder(self.folder)


class Staging:
    """A commit being prepared in a folder that nobody looks at until it is renamed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._puts: list[Put] = []

    def add(self, name: str, content: bytes, retain_until: str) -> None:
        """Adds a file by its content. Raises SpoolError when the disk does not take it."""
        file = f"put-{len(self._puts):04d}"
        try:
            create_file(self.folder / file, content)
        except OSError as error:
            raise SpoolError(f"{self.folder} can't be written: {error}") from error
        self._puts.append(Put(name, file, hashlib.sha256(content).hexdigest(), retain_until))

    def add_file(self, name: str, file: str, sha256: str, retain_until: str) -> None:
        """Adds a file that already lies, synced, in the staging folder."""
        self._puts.append(Put(name, file, sha256, retain_until))

    def close(self, head: Head, follows: LastCheckpoint | None) -> None:
        """Writes the list of puts and the head that the commit leads to, and syncs the folder."""
        document = {
            "follows": asdict(follows) if follows else None,
            "puts": [asdict(put) for put in self._puts],
        }
        create_file(self.folder / _PUTS, json.dumps(document).encode())
        create_file(self.folder / _HEAD, _head_json(head))
        sync_folder(self.folder)


def _head_json(head: Head) -> bytes:
    return (json.dumps(asdict(head), indent=1, sort_keys=True) + "\n").encode()


class Ledger:
    """The ledger in one folder. Opening it finishes what a killed process left half done.

    Only the holder of the state directory's lock opens a ledger.

    Raises:
        ForkRefusedError: the files contradict each other, or belong to another archive.
        SpoolError: the disk can't be written.
    """

    def __init__(self, folder: Path, archive_id: str) -> None:
        self._folder = folder
        self._outbox = folder / "outbox"
        try:
            self._outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.head = self._stored_head(archive_id)
            for leftover in folder.glob(f"{_STAGING}*"):
                shutil.rmtree(leftover)
            for commit in self.commits():
                self._take_over(commit)
            self._check_leaves()
        except OSError as error:
            raise SpoolError(f"the ledger at {folder} can't be used: {error}") from error

    @property
    def leaves(self) -> bytes:
        """Leaf hashes of the log so far, 32 bytes each."""
        path = self._folder / "leaves"
        return path.read_bytes() if path.exists() else b""

    @property
    def table_path(self) -> Path:
        """The epoch table of the current epoch; it may be missing, then the next run is a full."""
        return self._folder / f"table-{self.head.epoch}"

    def commits(self) -> list[Commit]:
        """What is still in the outbox, oldest first."""
        return [Commit.load(folder) for folder in sorted(self._outbox.iterdir()) if folder.is_dir()]

    def stage(self) -> Staging:
        """A new, empty staging folder."""
        folder = self._folder / _STAGING
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return Staging(folder)

    def commit(self, staging: Staging, head: Head, entries: Sequence[bytes]) -> Commit:
        """Makes the staged files and the new head happen, in one rename.

        `entries` are the log entries that the commit adds; `head.log_size` counts them.
        """
        if head.log_size != self.head.log_size + len(entries):
            raise ForkRefusedError("the commit's log size does not follow from its entries")
        target = self._outbox / f"{head.log_size:08d}"
        try:
            leaves = b"".join(leaf_hash_of(entry) for entry in entries)
            create_file(staging.folder / "new-leaves", leaves)
            staging.close(head, self.head.checkpoint)
            staging.folder.rename(target)
        except OSError as error:
            raise SpoolError(f"the ledger at {self._folder} can't be written: {error}") from error
        try:
            sync_folder(self._outbox)
            commit = Commit.load(target)
            self._take_over(commit)
        except OSError as error:
            raise CommitInterruptedError(f"the snapshot is committed, and then the disk failed: {error}") from error
        return commit

    def discard(self, commit: Commit) -> None:
        """Forgets a commit that every store has acknowledged; in one rename, so that half of it is never read."""
        leftover = self._folder / f"{_STAGING}-{commit.folder.name}"
        commit.folder.rename(leftover)
        shutil.rmtree(leftover)

    def _stored_head(self, archive_id: str) -> Head:
        path = self._folder / _HEAD
        head = Head.from_json(path.read_bytes()) if path.exists() else Head(archive_id)
        if head.archive_id != archive_id:
            raise ForkRefusedError(
                f"the ledger belongs to archive {head.archive_id}, the trust root to {archive_id}",
                next_step="Point archive.state_dir at this archive's state, or at a new folder.",
            )
        return head

    def _take_over(self, commit: Commit) -> None:
        """Moves to the commit's head; does nothing when it already has."""
        head = Head.from_json((commit.folder / _HEAD).read_bytes())
        if head.log_size <= self.head.log_size:
            return
        new_leaves = (commit.folder / "new-leaves").read_bytes()
        offset = head.log_size * HASH_BYTES - len(new_leaves)
        if offset != self.head.log_size * HASH_BYTES:
            raise ForkRefusedError("a commit in the outbox does not follow the ledger's head")
        descriptor = os.open(self._folder / "leaves", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, new_leaves, offset)
            os.ftruncate(descriptor, offset + len(new_leaves))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        table = commit.folder / _TABLE
        if table.exists():
            table.rename(self._folder / f"table-{head.epoch}")
        sync_folder(self._folder)
        write_file(self._folder / _HEAD, _head_json(head))
        self.head = head
        for old in self._tables():
            if old != self.table_path:
                old.unlink()

    def _tables(self) -> Iterator[Path]:
        return self._folder.glob("table-*")

    def _check_leaves(self) -> None:
        leaves = self.leaves
        if (len(leaves), root_of(leaves).hex()) != (self.head.log_size * HASH_BYTES, self.head.log_root):
            raise ForkRefusedError("the ledger's leaves and its head are not from the same moment, or damaged")
