"""The ledger as it lies on disk, looked at without the state's lock and without changing anything."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from vault.ledger.commit import Commit
from vault.ledger.head import HEAD_FILE, Head, LastCheckpoint
from vault.ledger.ledger import (
    NEW_LEAVES,
    OUTBOX_FOLDER,
    leaves_in,
    require_archive_of,
    require_leaves_of,
    require_no_gap,
)
from vault.regular_file import content_of, opened
from verify.constants import BUNDLE_FOLDER, HASH_BYTES

MAX_HEAD_BYTES = 1024 * 1024
"""Bytes of head.json that are read; it counts objects of some dozens of collections and is under 8 KiB."""


class LedgerView(NamedTuple):
    """`head`: where the archive stands, None before the first commit; `waiting`: the outbox, oldest first."""

    head: Head | None
    waiting: tuple[Commit, ...]

    def due_in(self, store: str) -> LastCheckpoint | None:
        """The checkpoint that the store must hold for what comes next, None if nothing was put yet."""
        for commit in self.waiting:
            if not commit.done_by(store):
                return commit.follows
        return self.head.checkpoint if self.head else None

    def lag_of(self, store: str) -> int:
        """How many snapshots wait for the store."""
        return sum(_holds_snapshot(commit) and not commit.done_by(store) for commit in self.waiting)


def view_of(ledger: Path) -> LedgerView:
    """Looks at the ledger's folder, which need not exist.

    A commit that a run discards while this looks counts as delivered.
    Raises:
        ForkRefusedError: a head is damaged.
        OSError: the folder can't be read.
    """
    waiting = []
    heads = [head for head in [_head_in(ledger)] if head]
    outbox = ledger / OUTBOX_FOLDER
    for folder in sorted(outbox.iterdir()) if outbox.is_dir() else ():
        try:
            commit, head = Commit.load(folder), _head_in(folder)
        except FileNotFoundError:
            continue
        waiting.append(commit)
        heads += [head] if head else []
    return LedgerView(max(heads, key=lambda head: head.log_size, default=None), tuple(waiting))


def _head_in(folder: Path) -> Head | None:
    try:
        with opened(folder / HEAD_FILE) as source:
            return Head.from_json(source.read(MAX_HEAD_BYTES))
    except FileNotFoundError:
        return None


def require_sound(ledger: Path, archive_id: str) -> None:
    """Refuses a ledger that a run would refuse, in the same words; what a run finishes first counts as finished.

    Whoever looks while a run is under way may see two moments at once.
    Raises:
        ForkRefusedError: the files contradict each other, or belong to another archive.
        OSError: the folder can't be read.
    """
    head, leaves = _head_in(ledger) or Head(archive_id), leaves_in(ledger)
    require_archive_of(head, archive_id)
    outbox = ledger / OUTBOX_FOLDER
    for folder in sorted(outbox.iterdir()) if outbox.is_dir() else ():
        following = _head_in(folder)
        if following is not None and following.log_size > head.log_size:
            new_leaves = content_of(folder / NEW_LEAVES)
            offset = following.log_size * HASH_BYTES - len(new_leaves)
            require_no_gap(head.log_size, offset)
            head, leaves = following, leaves[:offset] + new_leaves
    require_leaves_of(head, leaves)


def _holds_snapshot(commit: Commit) -> bool:
    return any(put.name.startswith(f"{BUNDLE_FOLDER}/") for put in commit.puts)
