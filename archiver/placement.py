"""Files that appear in several folders at once, complete or not at all, and never over existing ones."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from vault.durable import sync_folder

_STAGE_PREFIX = ".strongroom-init-"
_STAGE_MODE = 0o700


class PlaceTakenError(Exception):
    """Another process places into the folder, or has taken the name, at the same time."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was taken by another process meanwhile")
        self.path = path


class Place(NamedTuple):
    """A folder that is to receive `names`; `mode` is that of the folder if it has to be made."""

    folder: Path
    names: tuple[str, ...]
    mode: int


def taken_by(places: Sequence[Place]) -> list[Path]:
    """Returns what exists already under the names that are to be placed."""
    return [place.folder / name for place in places for name in place.names if _exists(place.folder / name)]


def leftovers_in(places: Sequence[Place]) -> list[Path]:
    """Returns staging folders with something in them: of a process that was killed, or of one that still works."""
    found = []
    for place in places:
        with suppress(OSError):
            found += [stage for stage in sorted(place.folder.glob(f"{_STAGE_PREFIX}*")) if any(stage.iterdir())]
    return found


@contextmanager
def placing(places: Sequence[Place], swept: list[Path] | None = None) -> Iterator[list[Path]]:
    """Gives a staging folder for each place; when the block ends well, their content is moved into place.

    One process at a time places into a folder: it holds the folder's lock (flock), so that a staging folder that it
    finds there is one of a process that was killed. It is removed, and added to `swept`.

    A staging folder lies on the file system of its place, so that a move is one rename. When the block or a
    move fails, everything is as before.

    Raises:
        PlaceTakenError: another process places there, or a name was taken meanwhile.
        OSError: a folder can't be made or written.
    """
    with ExitStack() as locks, _staged(places, locks, [] if swept is None else swept) as stages:
        yield stages


@contextmanager
def _staged(places: Sequence[Place], locks: ExitStack, swept: list[Path]) -> Iterator[list[Path]]:
    made: list[Path] = []
    stages: list[Path] = []
    moved: list[Path] = []
    try:
        for place in places:
            _make_folder(place, made)
            try:
                is_locked = _lock(place.folder, locks)
            except PlaceTakenError:
                # Whoever holds it is at work there, also where this process was the one that made the folder.
                made = [folder for folder in made if not place.folder.is_relative_to(folder)]
                raise
            if is_locked:
                _sweep(place.folder, swept)
            stage = place.folder / f"{_STAGE_PREFIX}{secrets.token_hex(8)}"
            stage.mkdir(mode=_STAGE_MODE)
            stages.append(stage)
        yield stages
        for place, stage in zip(places, stages, strict=True):
            _move(place, stage, moved)
    except BaseException:
        for target in reversed(moved):
            _remove(target)
        for stage in stages:
            shutil.rmtree(stage, ignore_errors=True)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise
    for stage in stages:
        stage.rmdir()
    for folder in {place.folder for place in places} | {folder.parent for folder in made}:
        sync_folder(folder)


def _make_folder(place: Place, made: list[Path]) -> None:
    """Makes the place's folder and those above it; adds the new ones to `made`, outermost first."""
    missing = [folder for folder in (place.folder, *place.folder.parents) if not folder.exists()]
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=place.mode if folder == place.folder else 0o777)
        except FileExistsError:
            continue  # another process made it meanwhile
        made.append(folder)


def _lock(folder: Path, locks: ExitStack) -> bool:
    """Holds the folder for this process until `locks` closes; False where the file system knows no such lock.

    Raises: PlaceTakenError, if another process holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    locks.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PlaceTakenError(folder) from error
    except OSError:
        return False
    return True


def _sweep(folder: Path, swept: list[Path]) -> None:
    for stage in sorted(folder.glob(f"{_STAGE_PREFIX}*")):
        if stat.S_ISDIR(stage.lstat().st_mode):  # whatever else bears such a name is none that was made here
            shutil.rmtree(stage)
            swept.append(stage)


def _move(place: Place, stage: Path, moved: list[Path]) -> None:
    for name in place.names:
        target = place.folder / name
        if _exists(target):
            raise PlaceTakenError(target)
        (stage / name).rename(target)
        moved.append(target)
    sync_folder(place.folder)


def _remove(target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target, ignore_errors=True)
    else:
        target.unlink(missing_ok=True)


def _exists(path: Path) -> bool:
    """Also true of a symbolic link that leads nowhere."""
    return os.path.lexists(path)
