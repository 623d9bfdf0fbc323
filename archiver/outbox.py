"""Puts what earlier runs left behind, between runs: a store that comes back is filled the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archiver.state import StateFolder
from archiver.vaulting import open_vaulting
from config.settings import Settings
from vault.delivery import deliver


def finish_outbox(
    settings: Settings, state: StateFolder, clock: Callable[[], datetime], say: Callable[[str], None]
) -> int:
    """Delivers every waiting commit, oldest first, and returns how many still wait for a store.

    Raises:
        AnotherRunError: a run holds the state, and finishes the outbox itself.
        StrongroomError: the keys or the ledger are not what they should be.
    """
    with state.locked():
        vaulting = open_vaulting(settings, state, clock)
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
