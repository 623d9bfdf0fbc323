"""Recycle bins in a difference: an object that moved to one is one entry, and a bin that nobody read is said."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.blind_spots import BlindSpots
from recovery.kind_of_object import BINS, RECYCLE_BINS
from recovery.object_change import ADDED, RECREATE, REMOVED, RESTORE, ObjectChange, ObjectId
from verify.key import OBJECT, KeyFields
from verify.snapshot import VerifiedSnapshot


def fold_recycle_bins(objects: dict[ObjectId, ObjectChange]) -> None:
    """Makes one entry of an object that moved to the recycle bin or came back from it."""
    for bin_id in [id_ for id_ in objects if id_.collection in BINS]:
        id_ = ObjectId(BINS[bin_id.collection], bin_id.id, bin_id.parent)
        entry, binned = objects.get(id_), objects[bin_id]
        if entry is None:
            continue
        if (entry.change, binned.change) == (REMOVED, ADDED):
            entry.action = RESTORE
            del objects[bin_id]
        elif (entry.change, binned.change) == (ADDED, REMOVED):
            del objects[bin_id]


def note_unread_bins(
    objects: dict[ObjectId, ObjectChange], after: VerifiedSnapshot, blind_spots: BlindSpots
) -> Iterator[str]:
    """Marks removed objects that may lie in a bin which the later snapshot could not read, or was not asked for.

    Yields the bins that it was not asked for.
    """
    for id_, entry in objects.items():
        if entry.action != RECREATE or (bin_ := RECYCLE_BINS.get(id_.collection)) is None:
            continue
        binned = KeyFields(bin_, id_.id, id_.parent, OBJECT)
        is_asked = after.manifest.asked_for(bin_)
        entry.recycle_bin_unread = not is_asked or blind_spots.hides(binned, was_absent=False, is_absent=True)
        if not is_asked:
            yield bin_
