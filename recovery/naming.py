"""Names for ids: what people call the objects that a difference speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from recovery.attribute import Value
from recovery.kind_of_object import COLLECTIONS_OF_TYPE, MENTIONING, NAMED_BY_ID, NAMES, RECYCLE_BINS
from recovery.side import Side
from verify.errors import MalformedError
from verify.key import KeyFields, key_of


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


def app_roles_of(resource: Value) -> dict[str, str]:
    """The words of the application roles that a service principal offers, by their ids."""
    roles = resource.get("appRoles") if isinstance(resource, Mapping) else None
    found: dict[str, str] = {}
    for role in roles if isinstance(roles, list) else ():
        if isinstance(role, dict) and isinstance(id_ := role.get("id"), str):
            word = role.get("value") or role.get("displayName")
            found |= {id_: word} if isinstance(word, str) else {}
    return found


class Target(NamedTuple):
    """The target of a link: its `@odata.type` and its id."""

    type: str
    id: str


def key_of_target(target: Target) -> bytes | None:
    """The key of the object that a link leads to; None if its type is archived in no collection."""
    collection = COLLECTIONS_OF_TYPE.get(target.type)
    return _key(collection, target.id, ()) if collection else None


class Names:
    """Names found in what both sides have read; what is not there yet is read when it is asked for.

    `sides` are before and after; the name after counts where there are two.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = sides
        self._found: dict[str | tuple[str, ...], str | None] = {}
        self._app_roles: dict[bytes, dict[str, str]] = {}

    def read_parents(self, parents: Iterable[tuple[str, ...]]) -> None:
        """Reads in one pass what `of_parent` will be asked for."""
        self._read(_key_of_parent(parent) for parent in set(parents))

    def read_resources(self, assignments: Iterable[Value]) -> None:
        """Reads in one pass what `app_role_in` will be asked for."""
        self._read(_key_of_resource(assignment) for assignment in assignments)

    def read_objects(self, objects: Iterable[tuple[str, str]]) -> None:
        """Reads in one pass what `of_live_or_deleted` will be asked for: collections and ids."""
        self._read(key for collection, id_ in set(objects) for key in _keys_live_or_deleted(collection, id_))

    def of_parent(self, parent: tuple[str, ...]) -> str | None:
        """The name of the object that contains another, by the `parent` of that; None where there is none."""
        if parent not in self._found:
            key = _key_of_parent(parent)
            self._found[parent] = self._named([key]) if key else None
        return self._found[parent]

    def app_role_in(self, assignment: Value) -> dict[str, str]:
        """What the `appRoleId` of an assignment stands for; empty where the resource does not list it."""
        key = _key_of_resource(assignment)
        id_ = assignment.get("appRoleId") if isinstance(assignment, Mapping) else None
        if key is None or not isinstance(id_, str):
            return {}
        if key not in self._app_roles:
            self._app_roles[key] = app_roles_of(self._sides[0].value(key)) | app_roles_of(self._sides[1].value(key))
        word = self._app_roles[key].get(id_)
        return {id_: word} if word else {}

    def of_target(self, target: Target) -> str | None:
        """The name of what a link leads to."""
        key = key_of_target(target)
        return self._named([key]) if key else None

    def of_id(self, id_: str) -> str | None:
        """The name of the object with this id, of whatever collection."""
        if id_ not in self._found:
            keys = [key for collection in NAMED_BY_ID if (key := _key(collection, id_, ()))]
            self._found[id_] = self._named(keys)
        return self._found[id_]

    def of_object(self, collection: str, id_: str, parent: tuple[str, ...]) -> str | None:
        """The name of one object."""
        key = _key(collection, id_, parent)
        return self._named([key]) if key else None

    def of_live_or_deleted(self, collection: str, id_: str) -> str | None:
        """The name of one object of a collection, or of its recycle bin."""
        return self._named(_keys_live_or_deleted(collection, id_))

    def _read(self, keys: Iterable[bytes | None]) -> None:
        wanted = [key for key in keys if key]
        for side in self._sides:
            side.read(wanted)

    def _named(self, keys: Sequence[bytes]) -> str | None:
        """The first name that one of the sides has; first in what was read, then by reading."""
        for side in reversed(self._sides):
            if name := self._name_on(side, keys):
                return name
        for side in reversed(self._sides):
            side.read(keys)
            if name := self._name_on(side, keys):
                return name
        return None

    def _name_on(self, side: Side, keys: Sequence[bytes]) -> str | None:
        names = (name_in(side.value(key)) for key in keys if side.line(key) is not None)
        return next((name for name in names if name), None)


def _keys_live_or_deleted(collection: str, id_: str) -> list[bytes]:
    places = [collection, *([RECYCLE_BINS[collection]] if collection in RECYCLE_BINS else [])]
    return [key for place in places if (key := _key(place, id_, ()))]


def _key_of_parent(parent: tuple[str, ...]) -> bytes | None:
    return _key(parent[-2], parent[-1], parent[:-2]) if len(parent) > 1 else None


def _key_of_resource(assignment: Value) -> bytes | None:
    id_ = assignment.get("resourceId") if isinstance(assignment, Mapping) else None
    return _key("servicePrincipals", id_, ()) if isinstance(id_, str) else None


def _key(collection: str, id_: str, parent: tuple[str, ...]) -> bytes | None:
    """The key, or None for an id that no key can hold: ids inside attributes are whatever somebody wrote there."""
    try:
        return key_of(KeyFields(collection, id_, parent))
    except MalformedError:
        return None
