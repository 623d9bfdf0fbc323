"""Delivers commits to stores: every file in order, the checkpoint last, any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.errors import NameTakenError, StoreBehindError, StoreError
from vault.ledger.commit import Commit
from vault.ledger.head import LastCheckpoint
from vault.stores.receipt import Receipt
from vault.stores.store import Store
from verify.constants import ROOT_FOLDER
from verify.strict_json import time_of

ACKNOWLEDGED, SPOOLED, REFUSED = "acknowledged", "spooled", "refused"


@dataclass(frozen=True)
class Delivery:
    """What one store did with what waited for it.

    `outcome` is acknowledged (it holds every file), spooled (it could not be reached or was full; the files
    wait) or refused (other bytes lie under a name: a person has to look). `retain_until` is until when the store
    confirmed to keep all that it acknowledged now under lock; None where there is no lock, or nothing was put.
    """

    store: str
    mode: str
    outcome: str
    error: StoreError | None = None
    retain_until: datetime | None = None


def deliver(commits: Sequence[Commit], stores: Sequence[Store]) -> list[Delivery]:
    """Puts the commits' files, oldest commit first, into each store that has not acknowledged them all yet.

    A store gets nothing of a later commit while an earlier one waits for it: its newest checkpoint would commit to
    entries that it does not hold.
    """
    return [_deliver_to(store, commits) for store in stores]


def _deliver_to(store: Store, commits: Sequence[Commit]) -> Delivery:
    receipts: list[Receipt] = []
    try:
        for commit in commits:
            if not commit.done_by(store.name):
                _require_previous(store, commit)
                for put in commit.puts:
                    until = time_of(put.retain_until)
                    receipts.append(store.put(put.name, commit.folder / put.file, put.sha256, until))
                commit.mark_done(store.name)
    except StoreError as error:
        return Delivery(store.name, store.mode, SPOOLED if error.waits else REFUSED, error)
    return Delivery(store.name, store.mode, ACKNOWLEDGED, retain_until=_locked_until(receipts))


def _locked_until(receipts: Sequence[Receipt]) -> datetime | None:
    """The first instant at which one of the files is free; None if one is from the start."""
    instants = [receipt.retain_until for receipt in receipts if receipt.retain_until is not None]
    return min(instants, default=None) if len(instants) == len(receipts) else None


def _require_previous(store: Store, commit: Commit) -> None:
    """A store gets the next commit only if it holds the checkpoint of the one before.

    Raises:
        StoreBehindError: it does not: it is new, emptied, rolled back, or another archive's.
        NameTakenError: nothing of this archive was ever put, and another one lies there.
    """
    if commit.follows is not None:
        require_held(store, commit.follows)
        return
    root = next(put for put in commit.puts if put.name.startswith(f"{ROOT_FOLDER}/"))
    if store.log_size() and store.holds(root.name, root.sha256) is False:
        raise NameTakenError(
            f"store {store.name} holds another archive",
            next_step="Give this archive a store of its own: correct the store's url in the settings.",
        )


def require_held(store: Store, checkpoint: LastCheckpoint) -> None:
    """Raises StoreBehindError if the store lacks a checkpoint that it should hold; some stores can't say."""
    if store.holds(checkpoint.name, checkpoint.sha256) is False:
        raise StoreBehindError(
            f"store {store.name} lacks {checkpoint.name}, on which its next files build: "
            "it is new, or was emptied, rolled back or exchanged"
        )
