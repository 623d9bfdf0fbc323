"""Puts what earlier runs left behind, between runs: a store that comes back is filled the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archiver.ledger_view import view_of
from archiver.state import StateFolder
from archiver.vaulting import Vaulting, open_vaulting
from config.settings import Settings
from vault.delivery import deliver


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
        return deliver_waiting(open_vaulting(settings, state, clock), say)


def deliver_waiting(vaulting: Vaulting, say: Callable[[str], None]) -> int:
    """Delivers every waiting commit, oldest first, and returns how many still wait for a store.

    A store that is still down is told about, and is no reason not to go on. The caller holds the state's lock.
    """
    waiting = 0
    for commit in vaulting.ledger.commits():
        errors = [one.error for one in deliver(commit, vaulting.stores) if one.error is not None]
        for error in errors:
            say(error.message)
        if errors:
            waiting += 1
        else:
            vaulting.ledger.discard(commit)
    return waiting
