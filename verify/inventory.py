"""What lies in a store by name and size: what is part of the archive, what is not, and what ought to be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from verify.constants import BUNDLE_FOLDER, ENTRY_FOLDER
from verify.events_statement import EventsStatement
from verify.manifest import Manifest
from verify.name import entry_name_of, is_name_of_a_file, is_part_of_an_archive
from verify.segments import bundle_name_of, segment_list_name_of

_DIGEST_PLACE = slice(-68, -4)
"""Where the 64 hex digits stand in the name of a bundle or a segment list."""


class Inventory:
    """The files of one store. `sizes` gives bytes by name; one listing, so that nothing is asked for twice.

    `others` names what lies there and is no file, folders with a `/` at the end.
    """

    def __init__(self, sizes: Mapping[str, int], others: Sequence[str] = ()) -> None:
        self.sizes = sizes
        self._others = others

    def strays(self) -> list[str]:
        """Returns what is no part of an archive: other files, and what is none, a folder in a file's place too."""
        files = [name for name in self.sizes if not is_part_of_an_archive(name)]
        return sorted(files + [name for name in self._others if not name.endswith("/") or is_name_of_a_file(name[:-1])])

    def orphans(self, manifests: Sequence[Manifest | EventsStatement]) -> list[str]:
        """Returns bundle files that no statement names: left by a run that was cut off, and harmless."""
        named = {manifest.bundle.sha256 for manifest in manifests}
        return [name for name in self._parts_in(BUNDLE_FOLDER) if name[_DIGEST_PLACE] not in named]

    def pending(self, size: int) -> list[str]:
        """Returns entries that the checkpoint of this size does not commit to yet."""
        return [name for name in self._parts_in(ENTRY_FOLDER) if name >= entry_name_of(size)]

    def expired(self, manifests: Sequence[Manifest | EventsStatement], now: datetime) -> frozenset[str]:
        """Returns digests of bundles that are gone, with their segment lists, after their retention has passed."""
        return frozenset(
            manifest.bundle.sha256
            for manifest in manifests
            if manifest.retain_until < now
            and bundle_name_of(manifest.bundle.sha256) not in self.sizes
            and segment_list_name_of(manifest.bundle.sha256) not in self.sizes
        )

    def _parts_in(self, folder: str) -> list[str]:
        return [name for name in self.sizes if name.startswith(f"{folder}/") and is_part_of_an_archive(name)]
