"""Whether an object occurs in a snapshot at all: the question behind "nothing changed" and "not found"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from recovery.kind_of_object import BINS
from verify.errors import MalformedError
from verify.gap import Gap
from verify.key import KeyFields, Record, fields_of
from verify.snapshot import VerifiedSnapshot

MAX_SPLITS = 32
"""Slashes of a word at which an id may begin: a contained object has a parent or two, and ids hold hardly any."""


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
    return any(True for _ in records_at(snapshot, collection, word))


def records_at(snapshot: VerifiedSnapshot, collection: str, word: str) -> Iterator[tuple[KeyFields, Record]]:
    """Yields what is archived of the objects that `word` names, with where it is: by id, else by PARENT_ID/ID.

    An id may hold slashes, of which the parent's and the object's own are not told apart: every split counts.
    """
    found = False
    for fields, record in _records_of(snapshot, collection, word):
        found = True
        yield fields, record
    if found:
        return
    for parents, id_ in _splits_of(word):
        for fields, record in _records_of(snapshot, collection, id_):
            if "/".join(fields.parent[1::2]) == parents:
                yield fields, record


def gap_over(snapshots: Iterable[VerifiedSnapshot], word: str, collections: Collection[str] = ()) -> Gap | None:
    """Returns a gap that may hide an object: of its whole collection, or its own."""
    ids = {None, word, *(id_ for _, id_ in _splits_of(word))}
    gaps = (gap for one in snapshots for gap in one.manifest.gaps)
    hiding = (gap for gap in gaps if gap.relation is None and gap.id in ids)
    return next((gap for gap in hiding if is_among(gap.collection, collections)), None)


def _splits_of(word: str) -> Iterator[tuple[str, str]]:
    """Yields (PARENT_ID, ID) for every slash between them."""
    slashes = [place for place, character in enumerate(word) if character == "/"]
    for place in slashes[-MAX_SPLITS:]:
        yield word[:place], word[place + 1 :]


def _records_of(snapshot: VerifiedSnapshot, collection: str, id_: str) -> Iterator[tuple[KeyFields, Record]]:
    try:
        records = snapshot.records_of(collection, id_)
    except MalformedError:  # no key can hold that id, so that no object has it
        return
    for record in records:
        yield fields_of(record.key), record
