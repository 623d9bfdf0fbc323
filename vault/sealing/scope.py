"""What was read again of a collection in which Graph named the changes; all else of it stands in the epoch's full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from verify.key import OBJECT


class ReadAgain(NamedTuple):
    """Ids of what was read again in one collection, as UTF-8.

    `objects`: those whose record was read again. `parts`: the relations and streams whose changes Graph names, by
    kind and name as a key has them, each with the ids for which it was read again. What hangs on objects and is not
    named here was read for all of them.
    """

    objects: frozenset[bytes]
    parts: Mapping[bytes, frozenset[bytes]]


class Scope:
    """Tells the records of the epoch's full that still stand, though no reading has met them."""

    def __init__(self, collections: Mapping[str, ReadAgain]) -> None:
        self._collections = {name.encode(): read_again for name, read_again in collections.items()}

    def keeps(self, key: bytes) -> bool:
        """Whether the record of this key was not looked at again, so that the full's is as good as a reading."""
        # By hand: this is asked of every record of the full, and `verify.key.parts_of` makes comparing 13 % slower.
        collection, id_, parent, kind_name, _ = key.split(b"\x00")
        read_again = self._collections.get(collection)
        if read_again is None or parent:
            return False
        if kind_name == OBJECT.encode():
            return id_ not in read_again.objects
        ids = read_again.parts.get(kind_name)
        return ids is not None and id_ not in ids
