"""Puts what earlier runs left behind, between runs: a store that comes back is filled the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archiver.state.ledger_view import view_of
from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting, open_vaulting
from config.settings import Settings
from vault.ledger.delivery import Delivery, deliver


def finish_outbox(
    settings: Settings, state: StateFolder, clock: Callable[[], datetime], say: Callable[[str], None]
) -> int:
    """Delivers every waiting commit, oldest first, and returns how many still wait for a store.

    Takes the state's lock only if something waits: a run that starts meanwhile would be refused.
    Raises:
        AnotherRunError: a run holds the state, and finishes the outbox itself.
        StrongroomError: the keys or the ledger are not what they should be.
    """
    if not view_of(state.ledger).waiting:
        return 0
    with state.locked():
        vaulting = open_vaulting(settings, state, clock)
        deliver_waiting(vaulting, say)
        return len(vaulting.ledger.commits())


def deliver_waiting(vaulting: Vaulting, say: Callable[[str], None]) -> list[Delivery]:
    """Delivers what waits, oldest first, and forgets what every store holds. Says which stores could not take it.

    A store that is still down is told about, and is no reason not to go on. The caller holds the state's lock.
    """
    deliveries = deliver(vaulting.ledger.commits(), vaulting.stores)
    for delivery in deliveries:
        if delivery.error is not None:
            say(delivery.error.message)
    for commit in vaulting.ledger.commits():
        if all(commit.done_by(store.name) for store in vaulting.stores):
            vaulting.ledger.discard(commit)
    return deliveries
