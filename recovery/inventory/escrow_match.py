"""Which escrowed file is for which entry, and what becomes of a file whose object or key is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from recovery.inventory.entry import Entry
from recovery.inventory.escrowed_file import EscrowedFile
from recovery.inventory.unknown_part import covers
from recovery.kind_of_object import RECYCLE_BINS
from recovery.occurrence import has_object
from verify.escrow_place import Place
from verify.snapshot import VerifiedSnapshot

MATCHED: Final = "matched"
OBJECT: Final = "object"
KEY_GONE: Final = "key gone"
OBJECT_GONE: Final = "object gone"
UNKNOWN: Final = "unknown"
MALFORMED: Final = "malformed"
STATES: Final = frozenset((MATCHED, OBJECT, KEY_GONE, OBJECT_GONE, UNKNOWN, MALFORMED))
"""It is for an entry; for an object, of whose entries it names none; for a key, or an object, that the snapshot does
not have; for one that it may have behind a gap, or did not archive; for nothing that can be read.
"""


class EscrowState(NamedTuple):
    """An escrowed file and what it is for in this snapshot."""

    file: EscrowedFile
    state: str

    def document(self) -> dict[str, Any]:
        """As COMMANDS.md section 4 has it."""
        return {**self.file.document(), "state": self.state}


def match(
    files: Sequence[EscrowedFile],
    entries: Sequence[Entry],
    snapshot: VerifiedSnapshot,
    lacking: Collection[tuple[str, str]] = (),
) -> list[EscrowState]:
    """Gives each entry its file, and says of each file what it is for.

    A file for an object without a key is for its one entry without a key id, or else for its only entry: which of
    several keys is meant can't be known. An entry answers to its own place and, where it is contained, to the object
    that contains it. One that names the key counts before one that does not. `lacking` are objects, by collection and
    id, that came without the member in which their keys would be.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    by_object: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        places = [(entry.place.collection, entry.id)]
        places += [(entry.parent[-2], entry.parent[-1])] if entry.parent else []
        for place in places:
            by_object[place].append(entry)
    states = {}
    for file in sorted(files, key=lambda one: not (one.place and one.place.key_id)):
        wanted = _wanted(file.place, by_object[file.place.collection, file.place.id]) if file.place else []
        for entry in wanted:
            entry.escrowed = entry.escrowed or file
        states[file] = MATCHED if wanted else _state_of(file.place, snapshot, lacking)
    return [EscrowState(file, states[file]) for file in files]


def _wanted(place: Place, entries: Sequence[Entry]) -> Sequence[Entry]:
    if place.key_id:
        return [entry for entry in entries if place.key_id in entry.credential.key_ids]
    without_key = [entry for entry in entries if entry.credential.key_id is None]
    candidates = without_key or entries
    return candidates if len(candidates) == 1 else []


def _state_of(place: Place | None, snapshot: VerifiedSnapshot, lacking: Collection[tuple[str, str]]) -> str:
    if place is None:
        return MALFORMED
    collections = [place.collection, *([RECYCLE_BINS[place.collection]] if place.collection in RECYCLE_BINS else [])]
    if place.key_id and any((collection, place.id) in lacking for collection in collections):
        return UNKNOWN
    if any(has_object(snapshot, collection, place.id) for collection in collections):
        return KEY_GONE if place.key_id else OBJECT
    manifest = snapshot.manifest
    hidden = place.collection not in manifest.counts or any(
        covers(gap, place.id) for gap in manifest.gaps if gap.collection in collections
    )
    return UNKNOWN if hidden else OBJECT_GONE
