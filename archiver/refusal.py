"""What the next run would refuse to go on from, found by a look at the state and at the stores."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from archiver.state.ledger_view import require_sound, view_of
from archiver.state.process_lock import holder_of
from archiver.state.state_paths import StatePaths
from archiver.vaulting import require_state_of
from vault.errors import ForkRefusedError
from vault.signing.log_writer import TrustFiles
from vault.stores.store import Store

_LOOKS = 2
"""A run that begins and ends within one look shows two moments of the state at once."""


def refusal_of(
    state: Path, archive_id: str, files: TrustFiles, stores: Iterable[Store] = ()
) -> ForkRefusedError | None:
    """Returns why the next run would refuse this state, or None; also None while a run holds it.

    Raises:
        OSError: the state can't be read.
    """
    paths, refusal = StatePaths(state), None
    for _ in range(_LOOKS):
        if holder_of(paths.lock) is not None:
            return None
        refusal = _seen(paths.ledger, archive_id, files, stores)
        if refusal is None:
            return None
    return refusal


def _seen(ledger: Path, archive_id: str, files: TrustFiles, stores: Iterable[Store]) -> ForkRefusedError | None:
    try:
        require_sound(ledger, archive_id)
        head = view_of(ledger).head
        for store in stores:
            require_state_of(store, files, head.log_size if head else 0)
    except ForkRefusedError as error:
        return error
    return None
