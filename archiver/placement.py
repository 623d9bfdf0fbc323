"""Files that appear in several folders at once, complete or not at all, and never over existing ones."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from vault.durable import sync_folder

_STAGE_PREFIX = ".strongroom-init-"
_STAGE_MODE = 0o700


class Place(NamedTuple):
    """A folder that is to receive `names`; `mode` is that of the folder if it has to be made."""

    folder: Path
    names: tuple[str, ...]
    mode: int


def taken_by(places: Sequence[Place]) -> list[Path]:
    """Returns what exists already under the names that are to be placed."""
    return [place.folder / name for place in places for name in place.names if _exists(place.folder / name)]


@contextmanager
def placing(places: Sequence[Place]) -> Iterator[list[Path]]:
    """Gives a staging folder for each place; when the block ends well, their content is moved into place.

    A staging folder lies on the file system of its place, so that a move is one rename. When the block or a
    move fails, everything is as before.

    Raises:
        OSError: a folder can't be made or written, or a name was taken meanwhile.
    """
    made: list[Path] = []
    stages: list[Path] = []
    moved: list[Path] = []
    try:
        for place in places:
            _make_folder(place, made)
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
        folder.mkdir(mode=place.mode if folder == place.folder else 0o777)
        made.append(folder)


def _move(place: Place, stage: Path, moved: list[Path]) -> None:
    for name in place.names:
        target = place.folder / name
        if _exists(target):
            raise FileExistsError(f"{target} was made by somebody else meanwhile")
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
