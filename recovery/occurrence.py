"""Whether an object occurs in a snapshot at all: the question behind "nothing changed" and "not found"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from recovery.kind_of_object import BINS
from verify.errors import MalformedError
from verify.gap import Gap
from verify.key import fields_of
from verify.snapshot import VerifiedSnapshot


def unknown_ids_of(
    snapshots: Sequence[VerifiedSnapshot], ids: Iterable[str], collections: Collection[str] = ()
) -> list[str]:
    """Returns those of `ids` (an id, or PARENT_ID/ID) that no object of any of the snapshots has.

    `collections` narrows down where they are looked for, recycle bins with them; empty: everywhere.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    places = [(one, name) for one in snapshots for name in one.manifest.counts if is_among(name, collections)]
    return [word for word in ids if not any(has_object(one, name, word) for one, name in places)]


def is_among(collection: str, collections: Collection[str]) -> bool:
    """Whether a collection, or the one whose recycle bin it is, is among `collections` (empty: all)."""
    return not collections or collection in collections or BINS.get(collection) in collections


def has_object(snapshot: VerifiedSnapshot, collection: str, word: str) -> bool:
    """Whether a collection has an object that `word` names: an id, or PARENT_ID/ID for a contained one."""
    *parents, id_ = word.split("/")
    return _has_record(snapshot, collection, word, None) or (
        bool(parents) and _has_record(snapshot, collection, id_, tuple(parents))
    )


def gap_over(snapshots: Iterable[VerifiedSnapshot], word: str, collections: Collection[str] = ()) -> Gap | None:
    """Returns a gap that may hide an object: of its whole collection, or its own."""
    *_, id_ = word.split("/")
    gaps = (gap for one in snapshots for gap in one.manifest.gaps)
    hiding = (gap for gap in gaps if gap.relation is None and gap.id in (None, word, id_))
    return next((gap for gap in hiding if is_among(gap.collection, collections)), None)


def _has_record(snapshot: VerifiedSnapshot, collection: str, id_: str, parents: tuple[str, ...] | None) -> bool:
    try:
        records = snapshot.records_of(collection, id_)
    except MalformedError:  # no key can hold that id, so that no object has it
        return False
    return any(parents is None or fields_of(record.key).parent[1::2] == parents for record in records)
