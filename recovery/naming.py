"""Names for ids: what people call the objects that a difference speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from recovery.attribute import Value, value_of
from recovery.kind_of_object import MENTIONING, NAMED_BY_ID, NAMES
from verify.errors import MalformedError
from verify.key import KeyFields, fields_of, key_of
from verify.snapshot import VerifiedSnapshot


def name_in(value: Value) -> str | None:
    """The member of an object that names it for people, the best first; None if it has none."""
    if not isinstance(value, Mapping):
        return None
    return next((name for member in NAMES if isinstance(name := value.get(member), str) and name), None)


def mentioned_ids_of(value: Value) -> Iterator[str]:
    """Ids of other objects that say what a nameless object is about: a role and who holds it, a grant and to whom."""
    if isinstance(value, Mapping):
        for member in MENTIONING:
            id_ = value.get(member)
            if isinstance(id_, str) and id_:
                yield id_


class Names:
    """Names looked up in snapshots; the first that knows one wins."""

    def __init__(
        self,
        ids: Iterable[str],
        objects: Iterable[tuple[str, str, tuple[str, ...]]],
        snapshots: Sequence[VerifiedSnapshot],
    ) -> None:
        """Reads what is needed to name `ids`, of whatever collection, and `objects` (collection, id, parent)."""
        wanted = {key for id_ in set(ids) for collection in NAMED_BY_ID if (key := _key(collection, id_, ()))}
        wanted |= {key for one in objects if (key := _key(*one))}
        self._names: dict[bytes, str] = {}
        self._by_id: dict[str, str] = {}
        for snapshot in snapshots:
            for record in snapshot.lines(sorted(wanted - self._names.keys())):
                line = value_of(record.line)
                name = name_in(line.get("value")) if isinstance(line, dict) else None
                if name:
                    self._names[record.key] = name
                    self._by_id.setdefault(fields_of(record.key).id, name)

    def of_id(self, id_: str) -> str | None:
        """The name of the object with this id, if a snapshot has it."""
        return self._by_id.get(id_)

    def of_object(self, collection: str, id_: str, parent: tuple[str, ...]) -> str | None:
        """The name of one object, if a snapshot has it."""
        key = _key(collection, id_, parent)
        return self._names.get(key) if key else None


def _key(collection: str, id_: str, parent: tuple[str, ...]) -> bytes | None:
    """The key, or None for an id that no key can hold: ids inside attributes are whatever somebody wrote there."""
    try:
        return key_of(KeyFields(collection, id_, parent))
    except MalformedError:
        return None
