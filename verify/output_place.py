"""Where no result may go: the files that a command reads, and folders whose content can't be made again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from verify.errors import OccupiedPlaceError


@dataclass(frozen=True)
class Occupied:
    """Places that are taken, each with the words for what it is, such as "the identity file"."""

    files: Sequence[tuple[Path, str]] = ()
    folders: Sequence[tuple[Path, str]] = ()

    def require_free(self, *places: Path | None) -> None:
        """Finds out before the work that a result at a place would replace, or lie in, what must stay as it is.

        Symbolic links are followed first, and two names of one file count as one.

        Raises:
            OccupiedPlaceError: so it is.
        """
        for place in places:
            if place is not None:
                self._require_free(place)

    def require_apart(self, place: Path) -> None:
        """Finds out before the work that a folder of results is free, and holds none of the folders that are taken.

        Raises:
            OccupiedPlaceError: it is not, or does.
        """
        self.require_free(place)
        for folder, what in self.folders:
            if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(place)):
                raise OccupiedPlaceError(f"{place} holds {what}, {folder}, beside which no result belongs")

    def _require_free(self, place: Path) -> None:
        for file, what in self.files:
            if is_same_place(place, file):
                raise OccupiedPlaceError(f"{place} is {what}, which would be lost")
        for folder, what in self.folders:
            if Path(os.path.realpath(place)).is_relative_to(os.path.realpath(folder)):
                raise OccupiedPlaceError(f"{place} lies in {what}, {folder}, where no result belongs")


def is_same_place(one: Path, other: Path) -> bool:
    """Whether two paths name one file, which need not be there yet."""
    try:
        return os.path.realpath(one) == os.path.realpath(other) or one.samefile(other)
    except (OSError, ValueError):
        return False
