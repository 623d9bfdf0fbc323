"""What the results of a command must stay away from: what it reads, what its settings name, and whole folders."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings_file import LOCAL_FILE, usual_files
from strongroom.private_key import file_with_private_key_in
from verify.errors import OccupiedPlaceError
from verify.identity_file import is_stream
from verify.output_place import Occupied

if TYPE_CHECKING:
    from config.section import Section
    from config.settings import Settings

KEY_FOLDERS = ("keys", "credentials")
"""Beside the settings file: where `strongroom init` puts what the archive host signs with, and systemd finds it."""
STATE_FOLDER = "state"
_RESULTS = ("to", "report", "remember", "html", "out")
"""Options that say where a result goes."""


def occupied_by(arguments: argparse.Namespace, settings: Settings | None, archive: Path) -> Occupied:
    """The places that no report and no memory may take, for a command that opens the archive in folder `archive`."""
    files = [(path, "the settings file") for path in _settings_files(arguments)]
    if arguments.trust is not None:
        files.append((Path(arguments.trust), "the file that --trust names"))
    if arguments.identity is not None and not is_stream(arguments.identity):
        files.append((Path(arguments.identity), "the identity file"))
    folders = [(archive, "the archive"), *_folders_beside([*_settings_files(arguments), *_settings_around(arguments)])]
    if settings is not None:
        files += _files_named_in(settings, "")
        folders += [(store.directory, f"the store {store.name!r}") for store in settings.stores]
        folders.append((settings.archive.state_dir, "the state folder"))
        folders += [(folder, "the folder of keys") for folder in _key_folders(settings)]
    return Occupied(tuple(files), tuple(folders))


def identity_folder_of(arguments: argparse.Namespace, settings: Settings | None) -> Path | None:
    """The folder in which the identity lies that a command uses; None without one, or if it comes from a stream."""
    word = arguments.identity
    if word is None and settings is not None:
        word = settings.keys.identity_file
    return None if word is None or is_stream(str(word)) else Path(os.path.realpath(word)).parent


def lies_beside_identity(target: Path, identity_folder: Path | None) -> bool:
    """Whether a folder of results lies in the identity's folder, where whoever takes that folder has both.

    Raises:
        OccupiedPlaceError: it is that folder, or it or a folder between them holds a private key.
    """
    if identity_folder is None:
        return False
    place = Path(os.path.realpath(target))
    if place == identity_folder:
        raise OccupiedPlaceError(f"{target} is the folder of the identity, where no result belongs")
    if not place.is_relative_to(identity_folder):
        return False
    between = place.relative_to(identity_folder).parts
    for number in range(len(between)):
        folder = identity_folder.joinpath(*between[: number + 1])
        if key := file_with_private_key_in(folder):
            raise OccupiedPlaceError(f"{target} lies in {folder}, which holds a private key, {key.name}")
    return True


def _settings_files(arguments: argparse.Namespace) -> list[Path]:
    """Also those that can't be read as settings: a command that does without them must not replace them."""
    return [arguments.config] if arguments.config is not None else usual_files(os.environ)


def _settings_around(arguments: argparse.Namespace) -> Iterator[Path]:
    """The settings files in whose folder, or below it, a result would lie, also of a host that nothing else names."""
    for name in _RESULTS:
        if (word := getattr(arguments, name, None)) is not None:
            place = Path(os.path.realpath(word))
            files = (folder / LOCAL_FILE for folder in (place, *place.parents))
            yield from (file for file in files if os.path.lexists(file))


def _folders_beside(settings_files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """What `strongroom init` puts beside a settings file, taken also where that can't be read as settings."""
    for file in settings_files:
        if _may_be_there(file):
            yield from ((file.parent / name, "the folder of keys") for name in KEY_FOLDERS)
            yield file.parent / STATE_FOLDER, "the state folder"


def _may_be_there(file: Path) -> bool:
    """Whether a settings file lies there, as far as this account can tell."""
    try:
        os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _files_named_in(section: Section, prefix: str) -> Iterator[tuple[Path, str]]:
    from config.section import Section

    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from _files_named_in(value, f"{prefix}{name}.")
        elif name.endswith("_file") and isinstance(value, Path):
            yield value, f"the file that {prefix}{name} names"


def _key_folders(settings: Settings) -> Iterator[Path]:
    """A signer file that lies beside the settings, or above them, makes no folder of keys of what else is there."""
    yield from (settings.source.parent / name for name in KEY_FOLDERS)
    if settings.keys.signer_file is not None:
        folder = settings.keys.signer_file.parent
        if not settings.source.is_relative_to(folder):
            yield folder
