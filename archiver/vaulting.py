"""Opens what the settings name: trust root, canaries, signer, ledger, stores. One place, so that `run`,
`keys prove`, `init` and `doctor` agree on what fails closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.state.state_folder import StateFolder
from archiver.state.state_trouble import with_its_step
from config.errors import SettingsError
from config.settings import Settings
from vault.errors import ForkRefusedError, SpoolError, StoreError
from vault.ledger.ledger import Ledger
from vault.regular_file import opened
from vault.sealing.sealer import Sealer, SealingRules
from vault.signing.log_writer import TrustFiles
from vault.signing.signer import Signer
from vault.stores.directory import DirectoryStore
from vault.stores.store import Store
from verify.canary import canary_name_of
from verify.constants import MAX_CONTROL_BYTES
from verify.errors import RefusedError
from verify.identity import recipient_of
from verify.name import root_name_of
from verify.trust_root import RootChain, root_chain_of
from verify.wording import counted


@dataclass(frozen=True)
class Vaulting:
    """Everything that sealing needs, opened. The caller holds the state's lock."""

    chain: RootChain
    ledger: Ledger
    sealer: Sealer
    rules: SealingRules
    stores: tuple[Store, ...]


def open_vaulting(settings: Settings, state: StateFolder, clock: Callable[[], datetime]) -> Vaulting:
    """Opens trust root, signer, ledger and stores.

    Raises:
        SettingsError: a file is not named, or is missing.
        RefusedError: the sealer is revoked, or not the one that the trust root names.
        ForkRefusedError, SignatureError, WrongArchiveError: they don't belong together.
        SpoolError: the ledger can't be read or written.
    """
    chain, files = open_trust(settings)
    if settings.keys.signer_file is None:
        raise SettingsError(
            "keys.signer_file is not set: this host can't sign what it seals.",
            next_step="Set keys.signer_file to the signer.json that `strongroom init` wrote.",
        )
    try:
        ledger = Ledger(state.ledger, chain.archive_id)
    except SpoolError as error:
        raise with_its_step(error) from error.__cause__
    signer = Signer.load(settings.keys.signer_file)
    sealer = Sealer(signer, chain, files, ledger, clock)
    require_unrevoked(chain, signer, ledger.head.log_size)
    stores = open_stores(settings)
    for store in stores:
        require_state_of(store, files, ledger.head.log_size)
    return Vaulting(chain, ledger, sealer, sealing_rules_of(settings), stores)


def require_state_of(store: Store, files: TrustFiles, log_size: int) -> None:
    """Refuses to go on from a state that knows less of the log than a store holds: it would be written twice.

    Raises:
        ForkRefusedError: this host's state was lost, or put back from an older day.
    """
    try:
        stored = store.log_size() or 0
        number, root = min(files.roots.items())
        is_ours = stored > log_size and store.holds(root_name_of(number), hashlib.sha256(root).hexdigest())
    except StoreError:
        return  # a store that is away is told about when something is put
    if is_ours:
        raise ForkRefusedError(
            f"store {store.name} holds {counted(stored, 'log entry', 'log entries')} of this archive, and the state of "
            f"this host knows {log_size or 'none'}: the state was lost, or is of an older day",
            next_step="Put the newest archive.state_dir of this host back. Without it this archive is whole and can be "
            "verified and opened, and no longer be added to: found a new one beside it with `strongroom init`.",
        )


def require_unrevoked(chain: RootChain, signer: Signer, log_size: int) -> None:
    """Refuses a sealer whose next statement would count for nothing: better at once than after hours of reading.

    Raises:
        RefusedError: the newest trust root revokes its key from here on.
    """
    if signer.sealer.id in chain.signers("manifest", log_size).holders:
        return
    reason = next((one.reason for one in chain.newest.revocations if one.pair_id == signer.sealer.id), "")
    raise RefusedError(
        f"trust root {chain.newest.number} revokes the sealer key of keys.signer_file: {reason or 'no reason given'}",
        next_step="Have the root's holder name a new sealer key, and set keys.signer_file to it.",
    )


def open_trust(settings: Settings) -> tuple[RootChain, TrustFiles]:
    """Reads the trust root and the canaries beside it (`FINGERPRINT.canary.age` in the same folder)."""
    path = settings.keys.trust_root_file
    if path is None:
        raise SettingsError(
            "keys.trust_root_file is not set: nothing says whom to trust.",
            next_step="Set keys.trust_root_file to the trust-root.json that `strongroom init` wrote.",
        )
    root = _read(path)
    chain = root_chain_of([root], hashlib.sha256(root).hexdigest(), [str(path)])
    canaries = {}
    for one in chain.newest.recipients:
        fingerprint = one.recipient.fingerprint
        canaries[fingerprint] = _read(path.parent / Path(canary_name_of(fingerprint)).name)
    return chain, TrustFiles({chain.newest.number: root}, canaries)


def sealing_rules_of(settings: Settings) -> SealingRules:
    """What the settings ask of every snapshot. It is kept as long as the store that keeps it longest."""
    return SealingRules(
        recipients=[recipient_of(text) for text in settings.keys.recipients],
        epoch=settings.schedule.epoch,
        retention_days=max((store.retention_days for store in settings.stores), default=1),
        events_retention_days=settings.logs.retention_days,
    )


def open_stores(settings: Settings) -> tuple[Store, ...]:
    """The stores of the settings, in their order."""
    return tuple(DirectoryStore(store.name, store.directory, store.mode) for store in settings.stores)


def _read(path: Path) -> bytes:
    try:
        with opened(path) as source:
            return source.read(MAX_CONTROL_BYTES)
    except OSError as error:
        raise SettingsError(
            f"{path} can't be read: {error.strerror}.",
            next_step="Put the keys folder that `strongroom init` wrote back, or correct keys.trust_root_file.",
        ) from error
