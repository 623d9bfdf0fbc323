"""Delivers commits to stores: every file in order, the checkpoint last, any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vault.errors import StoreError
from vault.ledger import Commit
from vault.moment import moment_of
from vault.stores.store import Store

ACKNOWLEDGED, SPOOLED, REFUSED = "acknowledged", "spooled", "refused"


@dataclass(frozen=True)
class Delivery:
    """What one store did with a commit.

    `outcome` is acknowledged (it holds every file), spooled (it could not be reached or was full; the files
    wait) or refused (other bytes lie under a name, or a lock can't be enforced: a person has to look).
    """

    store: str
    mode: str
    outcome: str
    error: StoreError | None = None


def deliver(commit: Commit, stores: Sequence[Store]) -> list[Delivery]:
    """Puts the commit's files into each store that has not acknowledged them all yet."""
    return [_deliver_to(store, commit) for store in stores]


def _deliver_to(store: Store, commit: Commit) -> Delivery:
    if commit.done_by(store.name):
        return Delivery(store.name, store.mode, ACKNOWLEDGED)
    try:
        for put in commit.puts:
            store.put(put.name, commit.folder / put.file, put.sha256, moment_of(put.retain_until))
    except StoreError as error:
        outcome = SPOOLED if error.waits else REFUSED
        return Delivery(store.name, store.mode, outcome, error)
    commit.mark_done(store.name)
    return Delivery(store.name, store.mode, ACKNOWLEDGED)
