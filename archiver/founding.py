"""Founding an archive: its keys, trust root and settings in one folder, the keys that leave in another.

What is made:
    FOLDER   strongroom.toml, keys/ (signer.json, trust-root.json, FINGERPRINT.canary.age), state/
    OFFLINE  root.json (seeds of the root's private keys), identity.txt, fingerprint.txt; leaves this machine
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from archiver.canary_proof import prove_canaries
from archiver.placement import Place, PlaceTakenError, leftovers_in, placing, taken_by
from archiver.state.state_folder import StateFolder
from archiver.vaulting import open_vaulting
from config.example import EXAMPLE_VALUES, settings_text
from config.loading import load_settings
from config.store_word import DIRECTORY_SCHEME
from vault.durable import create_file
from vault.errors import RecipientRefusedError, SpoolError
from vault.signing.signer import Signer, StatementKey
from vault.trust import Canary, first_root_of, new_canary, new_identity
from verify.canary import canary_name_of
from verify.errors import RefusedError
from verify.identity import Identity, Recipient, identity_text_of
from verify.name import root_name_of
from verify.no_room import NO_ROOM, NO_ROOM_STEP
from verify.strict_json import text_of_time

SETTINGS, KEYS, STATE = "strongroom.toml", "keys", "state"
SIGNER, TRUST_ROOT = "signer.json", "trust-root.json"
ROOT_KEY, IDENTITY, FINGERPRINT = "root.json", "identity.txt", "fingerprint.txt"
ARCHIVE_URL = f"{DIRECTORY_SCHEME}../archive"
CERTIFICATE = f"{KEYS}/graph.pem"

_ARCHIVE_ID_BYTES = 16
_SECRET_MODE, _PUBLIC_MODE = 0o600, 0o644
_FOLDER_MODE, _OFFLINE_MODE = 0o755, 0o700


@dataclass(frozen=True)
class FoundingPlan:
    """What is to be founded. Without `recipients` an identity is made; `settings` override what is written.

    `settings`: dotted path (`tenant.graph_url`) to the value as TOML has it.
    """

    folder: Path
    offline: Path
    recipients: tuple[Recipient, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        """What appears where."""
        made = (ROOT_KEY, FINGERPRINT) if self.recipients else (ROOT_KEY, IDENTITY, FINGERPRINT)
        return [
            Place(self.offline, made, _OFFLINE_MODE),
            Place(self.folder, (KEYS, STATE, SETTINGS), _FOLDER_MODE),
        ]


class Founded(NamedTuple):
    """A new archive. `files`: what a file is to its absolute path; "identity" is None where none was made.

    `swept`: folders with keys of no archive that a founding left which was killed; they are removed.
    """

    archive_id: str
    fingerprint: str
    recipients: tuple[str, ...]
    files: Mapping[str, Path | None]
    canary_proved: bool
    swept: tuple[Path, ...] = ()


def require_room(plan: FoundingPlan) -> None:
    """Refuses a plan that would overwrite or mix things; writes nothing.

    Raises:
        RefusedError: something is there already, or the private keys would lie in the archive host's folder.
        RecipientRefusedError: the recipients are of two kinds, or one stands twice.
    """
    apart = not plan.offline.is_relative_to(plan.folder) and not plan.folder.is_relative_to(plan.offline)
    if not apart:
        raise RefusedError(
            f"{plan.offline} and {plan.folder} lie in one another; the private keys must leave this host",
            next_step="Name another folder with --offline, best on a medium that you take out afterwards.",
        )
    archive = plan.folder.parent / "archive"
    _require_no_archive_around(plan, Path(os.path.realpath(archive)))
    taken = taken_by(plan.places)
    if os.path.lexists(archive) and not _is_empty_folder(archive):
        taken.append(archive)
    if taken:
        raise _occupied(plan, taken)
    if len({recipient.kind for recipient in plan.recipients}) > 1:
        raise RecipientRefusedError(
            "post-quantum and classical recipients are never mixed", next_step="Name recipients of one kind."
        )
    if len(set(plan.recipients)) != len(plan.recipients):
        raise RecipientRefusedError("a recipient is named twice", next_step="Name each recipient once.")


def _require_no_archive_around(plan: FoundingPlan, store: Path) -> None:
    """Refuses private keys in the new archive's own store, and anything of it in a folder of any other archive."""
    step = "Name another folder with --offline, best on a medium that you take out afterwards."
    if plan.offline.is_relative_to(store) or store.is_relative_to(plan.offline):
        raise RefusedError(
            f"{plan.offline} and the store of the new archive, {store}, lie in one another; whoever reads the store "
            "would have the private keys",
            next_step=step,
        )
    for around in (plan.offline, *plan.offline.parents):
        if found := _archive_at(around):
            raise RefusedError(
                f"{plan.offline} lies in {around}, {found}, where private keys never belong", next_step=step
            )
    place = Path(os.path.realpath(plan.folder))
    for around in (place, *place.parents):
        found = _archive_at(around) or _private_keys_at(around)
        if found and not os.path.lexists(place / KEYS):  # a host that is there already is named with all its files
            raise RefusedError(
                f"{plan.folder} lies in {around}, {found}, where no other archive's host belongs",
                next_step="Name a folder apart from it.",
            )


def _archive_at(folder: Path) -> str | None:
    """What of another archive a folder is, and by which file that shows; None if it is none."""
    for name, what in ((f"{KEYS}/{SIGNER}", "the host of another archive"), (root_name_of(1), "another archive")):
        if os.path.lexists(folder / name):
            return f"{what} ({name} is there)"
    return None


def _private_keys_at(folder: Path) -> str | None:
    """Whether `init` put an archive's private keys into a folder, in words; None if not."""
    if all(os.path.lexists(folder / name) for name in (ROOT_KEY, FINGERPRINT)):
        return f"the private keys of another archive ({ROOT_KEY} is there)"
    return None


def _occupied(plan: FoundingPlan, taken: list[Path]) -> RefusedError:
    """Tells an archive that is whole from one whose founding was killed between its first move and its last."""
    lines = ["nothing is overwritten, and these exist already:", *map(str, taken)]
    leftovers = leftovers_in(plan.places)
    is_whole = all(os.path.lexists(place.folder / name) for place in plan.places for name in place.names)
    if is_whole or not leftovers:
        return RefusedError("\n".join(lines), next_step="Choose other folders, or move these away first.")
    lines += ["and an init that was killed in its middle, or still works, has keys in:", *map(str, leftovers)]
    return RefusedError(
        "\n".join(lines),
        next_step="If no init works there, no archive was founded, and nothing is sealed with these keys: look at the "
        "dates of all these, remove those of the killed init, and run it again.",
    )


def found(plan: FoundingPlan, clock: Callable[[], datetime]) -> Founded:
    """Makes the archive's keys and files, all of them or none.

    While it has the identity, it opens the canary with it and records the proof as the log's first entry,
    which waits in the state for the first run.

    Raises:
        RefusedError, RecipientRefusedError: see `require_room`; somebody else founds there at the same time.
        SettingsError: `settings` of the plan are not valid.
        SpoolError: a folder can't be written.
    """
    require_room(plan)
    archive_id = secrets.token_hex(_ARCHIVE_ID_BYTES)
    identity = None if plan.recipients else new_identity()
    recipients = plan.recipients if identity is None else (identity.recipient,)
    root_key, signer, founded_at = StatementKey.generate(), Signer.generate(), clock()
    canaries = [new_canary(archive_id, recipient) for recipient in recipients]
    root = first_root_of(archive_id, root_key, signer, canaries, founded_at)
    fingerprint = hashlib.sha256(root).hexdigest()
    swept: list[Path] = []
    try:
        with placing(plan.places, swept) as (offline, folder):
            _write_offline(offline, archive_id, root_key, fingerprint, identity, founded_at)
            _write_host(folder, signer, root, canaries, {**_settings_of(recipients), **plan.settings})
            _open_once(folder, identity, clock)
    except PlaceTakenError as error:
        raise RefusedError(
            f"somebody else founds, or has just founded, an archive at the same place: {error.path}; "
            "nothing of this one is left",
            next_step=f"Look whose it is ({plan.folder / SETTINGS}), and use that one, or choose other folders.",
        ) from error
    except OSError as error:
        raise _unmade(plan, error) from error
    except SpoolError as error:
        if isinstance(error.__cause__, OSError):
            raise _unmade(plan, error.__cause__) from error
        raise
    texts = tuple(recipient.text for recipient in recipients)
    return Founded(archive_id, fingerprint, texts, _files_of(plan), identity is not None, tuple(swept))


def _unmade(plan: FoundingPlan, error: OSError) -> SpoolError:
    """Names the folder that a person knows, and not the one in which files wait for their place."""
    place = str(error.filename or f"{plan.folder} or {plan.offline}")
    for folder in (plan.folder, plan.offline):
        if Path(place).is_relative_to(folder):
            place = str(folder)
    has_room = error.errno not in NO_ROOM
    return SpoolError(
        f"nothing was made: {place}: {error.strerror or error}",
        next_step="Make the folders writable for this account, then run it again." if has_room else NO_ROOM_STEP,
    )


def _settings_of(recipients: tuple[Recipient, ...]) -> dict[str, Any]:
    return {
        **EXAMPLE_VALUES,
        "archive.state_dir": STATE,
        "tenant.credential.certificate_file": CERTIFICATE,
        "keys.signer_file": f"{KEYS}/{SIGNER}",
        "keys.recipients": [recipient.text for recipient in recipients],
        "keys.trust_root_file": f"{KEYS}/{TRUST_ROOT}",
        "stores.0.url": ARCHIVE_URL,
    }


def _write_offline(
    folder: Path,
    archive_id: str,
    root_key: StatementKey,
    fingerprint: str,
    identity: Identity | None,
    founded_at: datetime,
) -> None:
    document = {"type": "root-key", "version": 1, "archive_id": archive_id, "root": root_key.seeds}
    create_file(folder / ROOT_KEY, (json.dumps(document, indent=2) + "\n").encode("ascii"), _SECRET_MODE)
    create_file(folder / FINGERPRINT, f"{fingerprint}\n".encode("ascii"), _PUBLIC_MODE)
    if identity is not None:
        lines = (
            f"# Strongroom archive {archive_id}",
            f"# created: {text_of_time(founded_at)}",
            f"# public key: {identity.recipient.text}",
            identity_text_of(identity),
        )
        create_file(folder / IDENTITY, "".join(f"{line}\n" for line in lines).encode("ascii"), _SECRET_MODE)


def _write_host(folder: Path, signer: Signer, root: bytes, canaries: list[Canary], settings: Mapping[str, Any]) -> None:
    keys = folder / KEYS
    keys.mkdir()
    create_file(keys / SIGNER, signer.to_json(), _SECRET_MODE)
    create_file(keys / TRUST_ROOT, root, _PUBLIC_MODE)
    for canary in canaries:
        create_file(keys / Path(canary_name_of(canary.recipient.fingerprint)).name, canary.file, _PUBLIC_MODE)
    create_file(folder / SETTINGS, settings_text(settings).encode("utf-8"), _PUBLIC_MODE)


def _open_once(folder: Path, identity: Identity | None, clock: Callable[[], datetime]) -> None:
    """Opens what was written as a run does, and proves the canary while the identity is at hand.

    Only the tenant's own credential is still to come, so that its file may be absent.
    """
    settings = load_settings(folder / SETTINGS, {}, require_files=False)
    state = StateFolder(folder / STATE)
    if identity is None:
        open_vaulting(settings, state, clock)
    else:
        prove_canaries(settings, state, [identity], clock)


def _files_of(plan: FoundingPlan) -> dict[str, Path | None]:
    return {
        "settings": plan.folder / SETTINGS,
        "signer": plan.folder / KEYS / SIGNER,
        "trust_root": plan.folder / KEYS / TRUST_ROOT,
        "root": plan.offline / ROOT_KEY,
        "identity": None if plan.recipients else plan.offline / IDENTITY,
        "fingerprint": plan.offline / FINGERPRINT,
    }


def _is_empty_folder(path: Path) -> bool:
    try:
        return next(path.iterdir(), None) is None
    except OSError:
        return False


def absolute(path: Path) -> Path:
    """The path without `..` and relative parts; symbolic links of its existing part are followed."""
    return Path(os.path.realpath(path))
