"""The archive host's durable state: the log so far, the epoch, and what is still to be put.

    ledger/head.json             where the archive stands (Head)
    ledger/leaves                leaf hashes of the log, 32 bytes each
    ledger/table-E               the epoch table of epoch E; only the current epoch's exists
    ledger/seen-NAME             the events of stream NAME that a next reading will meet again (archiver.events.seen)
    ledger/outbox/00000413/      one commit: files to be put, and the head that it leads to

A commit is one rename of a folder that is complete and synced: it happened, or it did not. What follows
(taking over the head, putting the files) can be repeated any number of times, so that a kill at any
point is finished by the next start.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from vault.durable import create_file, remove_folder, sync_folder, write_file
from vault.errors import CommitInterruptedError, ForkRefusedError, SpoolError
from vault.ledger.commit import SEEN_PREFIX, TABLE_FILE, Commit, Staging
from vault.ledger.head import HEAD_FILE, Head
from vault.regular_file import content_of
from verify.constants import HASH_BYTES
from verify.tree import leaf_hash_of, root_of

OUTBOX_FOLDER = "outbox"
_LEAVES = "leaves"
NEW_LEAVES = "new-leaves"
_STAGING = "staging"


class Ledger:
    """The ledger in one folder. Opening it finishes what a killed process left half done.

    Only the holder of the state directory's lock opens a ledger.

    Raises:
        ForkRefusedError: the files contradict each other, or belong to another archive.
        SpoolError: the disk can't be written.
    """

    def __init__(self, folder: Path, archive_id: str) -> None:
        self._folder = folder
        self._outbox = folder / OUTBOX_FOLDER
        try:
            self._outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.head = self._stored_head(archive_id)
            for leftover in folder.glob(f"{_STAGING}*"):
                remove_folder(leftover)
            for commit in self.commits():
                self._take_over(commit)
            self._check_leaves()
        except OSError as error:
            raise SpoolError(f"the ledger at {folder} can't be used: {error.strerror}") from error

    @property
    def leaves(self) -> bytes:
        """Leaf hashes of the log so far, 32 bytes each."""
        return leaves_in(self._folder)

    @property
    def table_path(self) -> Path:
        """The epoch table of the current epoch; it may be missing, then the next run is a full."""
        return self._folder / f"{TABLE_FILE}-{self.head.epoch}"

    def seen_path(self, stream: str) -> Path:
        """The list of a stream's events that were sealed last; it may be missing, or not be the head's."""
        return self._folder / f"{SEEN_PREFIX}{stream}"

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
            create_file(staging.folder / NEW_LEAVES, leaves)
            staging.close(head, self.head.checkpoint)
            staging.folder.rename(target)
        except OSError as error:
            raise SpoolError(f"the ledger at {self._folder} can't be written: {error.strerror}") from error
        try:
            sync_folder(self._outbox)
            commit = Commit.load(target)
            self._take_over(commit)
        except OSError as error:
            raise CommitInterruptedError(
                f"the snapshot is committed, and then the disk failed: {error.strerror}"
            ) from error
        return commit

    def discard(self, commit: Commit) -> None:
        """Forgets a commit that every store has acknowledged; in one rename, so that half of it is never read."""
        leftover = self._folder / f"{_STAGING}-{commit.folder.name}"
        commit.folder.rename(leftover)
        shutil.rmtree(leftover)

    def _stored_head(self, archive_id: str) -> Head:
        try:
            head = Head.from_json(content_of(self._folder / HEAD_FILE))
        except FileNotFoundError:
            return Head(archive_id)
        require_archive_of(head, archive_id)
        return head

    def _take_over(self, commit: Commit) -> None:
        """Moves to the commit's head; does nothing when it already has."""
        head = Head.from_json(content_of(commit.folder / HEAD_FILE))
        if head.log_size <= self.head.log_size:
            return
        new_leaves = content_of(commit.folder / NEW_LEAVES)
        offset = head.log_size * HASH_BYTES - len(new_leaves)
        require_no_gap(self.head.log_size, offset)
        descriptor = os.open(self._folder / _LEAVES, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o600)
        try:
            os.pwrite(descriptor, new_leaves, offset)
            os.ftruncate(descriptor, offset + len(new_leaves))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        table = commit.folder / TABLE_FILE
        if table.exists():
            table.rename(self._folder / f"{TABLE_FILE}-{head.epoch}")
        for seen in commit.folder.glob(f"{SEEN_PREFIX}*"):
            seen.rename(self._folder / seen.name)
        sync_folder(self._folder)
        write_file(self._folder / HEAD_FILE, head.to_json())
        self.head = head
        for old in self._tables():
            if old != self.table_path:
                old.unlink()

    def _tables(self) -> Iterator[Path]:
        return self._folder.glob(f"{TABLE_FILE}-*")

    def _check_leaves(self) -> None:
        require_leaves_of(self.head, self.leaves)


def leaves_in(ledger: Path) -> bytes:
    """Returns the leaf hashes that lie in a ledger's folder, none where there are none yet. Raises OSError."""
    try:
        return content_of(ledger / _LEAVES)
    except FileNotFoundError:
        return b""


def require_archive_of(head: Head, archive_id: str) -> None:
    """Raises ForkRefusedError if the ledger is that of another archive."""
    if head.archive_id != archive_id:
        raise ForkRefusedError(
            f"the ledger belongs to archive {head.archive_id}, the trust root to {archive_id}",
            next_step="Point archive.state_dir at this archive's state, or at a new folder.",
        )


def require_no_gap(log_size: int, offset: int) -> None:
    """Raises ForkRefusedError unless a commit's leaves, which begin at byte `offset`, follow a log of this size."""
    if offset != log_size * HASH_BYTES:
        raise ForkRefusedError("a commit in the outbox does not follow the ledger's head")


def require_leaves_of(head: Head, leaves: bytes) -> None:
    """Raises ForkRefusedError unless these are the leaf hashes of the log that the head stands for."""
    if len(leaves) != head.log_size * HASH_BYTES or root_of(leaves).hex() != head.log_root:
        raise ForkRefusedError("the ledger's leaves and its head are not from the same moment, or damaged")
