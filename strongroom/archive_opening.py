"""From the words ARCHIVE, --trust and --identity to an archive that is open."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings_file import usual_files
from config.store_word import DIRECTORY_SCHEME, LATER_SCHEMES, STORE_NAME
from strongroom.console import Console
from strongroom.occupied_places import identity_folder_of, lies_beside_identity, occupied_by
from strongroom.private_key import require_no_private_key
from verify.archive import Archive
from verify.errors import NoIdentityError, StrongroomError, UnreachableArchiveError, UsageError
from verify.identity import Identity
from verify.identity_file import identities_in
from verify.output_place import Occupied
from verify.snapshot import VerifiedSnapshot
from verify.store import DirectoryReader
from verify.trust import fingerprint_of

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True)
class Opening:
    """What the words name: where the archive lies, whom to trust, and which identities there are.

    `occupied` are the places that no result may take, `identity_folder` is where the identity lies (None: in no
    file), `stores` are the folders of the configured stores.
    """

    folder: Path
    fingerprint: str
    identities: Sequence[Identity]
    occupied: Occupied
    identity_folder: Path | None
    stores: Sequence[Path]

    @property
    def reader(self) -> DirectoryReader:
        """Reads the archive's files. Raises UnreachableArchiveError."""
        return DirectoryReader(self.folder)

    def require_free_folder(self, target: Path, console: Console) -> None:
        """Finds out before the work that a folder of results is none, and warns where it lies beside the identity.

        Raises:
            OccupiedPlaceError: it is taken, or it is a place of keys.
        """
        self.occupied.require_apart(target)
        beside = lies_beside_identity(target, self.identity_folder)
        require_no_private_key(target)
        if beside:
            console.warn(
                f"warning: {target} lies beside the identity; take them apart, since whoever takes that folder has both"
            )

    def archive(self) -> Archive:
        """Opens the archive: trust roots, checkpoint and log proved. Raises StrongroomError."""
        return Archive.open(self.reader, self.fingerprint)

    def snapshot(self, archive: Archive, word: str) -> VerifiedSnapshot:
        """Opens the snapshot that a SNAPSHOT word names.

        Raises:
            NoIdentityError: there is no identity to open it with.
            StrongroomError: as `Archive.select` and `Archive.open_snapshot`.
        """
        if not self.identities:
            raise NoIdentityError("opening a snapshot needs an identity")
        return archive.open_snapshot(archive.select(word), self.identities)


def opening_of(arguments: argparse.Namespace, console: Console) -> Opening:
    """Reads the words.

    Raises:
        UsageError: a word names nothing, or a kind of store that this version does not have.
        SettingsError, MalformedError, NoIdentityError: a file that is named is not what it should be.
        UnreachableArchiveError: the first run has yet to fill the store that is named.
    """
    settings = _settings(arguments)
    folder = folder_of(arguments.archive, settings)
    opening = Opening(
        folder,
        fingerprint_of(_trust_of(arguments, settings)),
        _identities_of(arguments, settings, console),
        occupied_by(arguments, settings, folder),
        identity_folder_of(arguments, settings),
        [store.directory for store in settings.stores] if settings else [],
    )
    if settings is not None:
        _require_begun(settings, folder)
    return opening


def folder_of(word: str, settings: Settings | None) -> Path:
    """The folder that an ARCHIVE word names: a configured store, a directory, or a `dir:` URL."""
    for store in settings.stores if settings else ():
        if store.name == word:
            return store.directory
    if word.startswith(DIRECTORY_SCHEME):
        return _folder(word.removeprefix(DIRECTORY_SCHEME))
    scheme = word.partition(":")[0]
    if word.startswith(LATER_SCHEMES):
        raise UsageError(
            f"{word}: this version has no stores of the kind {scheme}",
            next_step="Mirror the archive into a directory with the store's own tools, and name that.",
        )
    if _is_folder(word) or not re.fullmatch(STORE_NAME, word):
        return _folder(word)
    known = ", ".join(store.name for store in settings.stores) if settings else ""
    raise UsageError(
        f"{word} is neither a directory nor a configured store",
        next_step=f"Configured stores: {known}." if known else "Name the folder that holds root/ and log/.",
    )


def _require_begun(settings: Settings, folder: Path) -> None:
    """Tells a store that is empty because nothing was archived yet from one that was lost, by what the state says."""
    store = next((store for store in settings.stores if store.directory == folder), None)
    state_dir = settings.archive.state_dir
    if store is None or not _is_empty(folder) or not _is_folder(str(state_dir)):
        return
    from archiver.state.ledger_view import view_of
    from archiver.state.state_folder import StateFolder

    try:
        head = view_of(StateFolder(state_dir).ledger).head
    except (OSError, StrongroomError):  # an account that may not look there is told what is wrong with the folder
        return
    if head is None or head.sequence == 0:
        raise UnreachableArchiveError(
            f"nothing is archived yet: no run has filled the store {store.name!r} in {folder}",
            next_step="Run `strongroom run`.",
        )


def _is_empty(folder: Path) -> bool:
    try:
        return next(folder.iterdir(), None) is None
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _folder(word: str) -> Path:
    if not word:
        raise UsageError("an empty word names no archive", next_step="Name the folder that holds root/ and log/.")
    return Path(word).absolute()


def _is_folder(word: str) -> bool:
    """Whether a folder lies there that this account can see; opening it says what is wrong with any other."""
    try:
        return Path(word).is_dir()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _settings(arguments: argparse.Namespace) -> Settings | None:
    """Settings where there are any: opening an archive works without them, given --trust.

    Their model is imported only then: it takes longer than a point read does.
    """
    complete = arguments.trust is not None and _is_folder(arguments.archive)
    if complete and arguments.config is None and not any(map(_is_there, usual_files(os.environ))):
        return None
    from config.errors import SettingsError, SettingsNotFoundError
    from config.loading import load_settings

    try:
        return load_settings(arguments.config, os.environ, require_files=False)
    except SettingsNotFoundError as error:
        if arguments.config is not None:
            raise
        if arguments.trust is not None:
            return None
        raise UsageError(
            "nothing says whom to trust, or where the archive lies",
            next_step="Name the archive's folder, and give --trust with the fingerprint that you wrote down.",
        ) from error
    except SettingsError:
        if complete and arguments.config is None:
            return None
        raise


def _trust_of(arguments: argparse.Namespace, settings: Settings | None) -> str:
    if arguments.trust is not None:
        return str(arguments.trust)
    if settings is not None and settings.keys.trust_root_file is not None:
        return str(settings.keys.trust_root_file)
    raise UsageError(
        "nothing says whom to trust",
        next_step="Give --trust sha256:FINGERPRINT or --trust FILE, or set keys.trust_root_file.",
    )


def _identities_of(arguments: argparse.Namespace, settings: Settings | None, console: Console) -> Sequence[Identity]:
    word = arguments.identity
    if word is None and settings is not None and settings.keys.identity_file is not None:
        word = str(settings.keys.identity_file)
    if word is None:
        return ()
    if settings is not None and settings.keys.signer_file is not None and arguments.identity is not None:
        console.say(
            "warning: an identity is used beside settings that seal; whoever takes over this host could open the past"
        )
    identities = identities_in(word)
    if settings is not None and arguments.identity is not None:
        try:
            _remember_identity(settings, word, identities)
        except OSError as error:  # an auditor's account reads with the archiver's settings, and not in its state
            console.say(f"warning: `doctor` can't be told where this identity lies: {error.strerror}")
    return identities


def _remember_identity(settings: Settings, word: str, identities: Sequence[Identity]) -> None:
    """Lets `doctor` fail for as long as an identity of this archive stays readable on this host. Raises OSError."""
    from archiver.state.identity_trace import IdentityTrace, lies_here

    if lies_here(word, identities, settings.keys.recipients) and settings.archive.state_dir.is_dir():
        IdentityTrace(settings.archive.state_dir).remember(Path(word).resolve())
