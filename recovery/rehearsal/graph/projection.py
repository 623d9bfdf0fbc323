"""Which properties of an object go into an answer, and who may see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recovery.rehearsal.graph.properties import (
    NO_PROPERTIES,
    PERMISSION_OF_PROPERTY,
    SINGLE_ONLY,
    default_of,
    known_of,
)
from recovery.rehearsal.graph.refusal import Refusal, denied
from recovery.rehearsal.graph.surface import ROW_BY_COLLECTION
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.extensions import PREFIX
from recovery.rehearsal.population.population import DIRECTORY_TYPES, Population

Value = dict[str, Any]
Roles = frozenset[str] | None
"""Permissions of the caller; None is the process itself, which may read everything."""

ALWAYS = ("@odata.type",)
"""Kept whatever `$select` says, where the object bears it."""


class Projection:
    """Knows the properties of every entity of one tenant and cuts objects down to what was asked for.

    Directory extensions are not among those that it remembers: which there are is asked anew each time.
    """

    def __init__(self, population: Population) -> None:
        self._population = population
        self._all: dict[str, frozenset[str]] = {}
        for collection in population.collections.values():
            names: set[str] = {*self._all.get(collection.entity, ()), *collection.names}
            sample = list(collection)[:64]
            for id in sample:
                names.update(collection.value(id))
            self._all[collection.entity] = _own(names)
        for contents in population.contents.values():
            self._all[contents.entity] = self._all.get(contents.entity, frozenset()) | contents.names

    def learn(self, entity: str, names: Iterable[str]) -> None:
        """Adds to the properties of an entity those that a new object brings along."""
        self._all[entity] |= _own(names)

    def wanted_of(
        self, entity: str, version: str, select: tuple[str, ...] | None, *, single: bool, roles: Roles
    ) -> frozenset[str]:
        """The properties to send.

        Raises: Refusal 400 for an unknown property, 501 for one that only a single object has, 403 for one
        whose own permission the caller lacks.
        """
        extensions = self._population.extensions.names_of_entity(entity)
        if select is None or select == ("*",):
            unasked = extensions if version == "beta" else NO_PROPERTIES
            return default_of(entity, self._all[entity], version) | unasked | set(ALWAYS)
        known = known_of(entity, self._all[entity], version) | extensions
        for name in select:
            if name not in known:
                raise Refusal(
                    400,
                    "BadRequest",
                    "Parsing OData Select and Expand failed: "
                    f"Could not find a property named '{name}' "
                    f"on type 'microsoft.graph.{entity}'.",
                )
            if not single and name in SINGLE_ONLY.get(entity, NO_PROPERTIES):
                raise Refusal(501, "NotImplemented", "This operation target is not yet supported.")
            permission = PERMISSION_OF_PROPERTY.get(name)
            if permission and roles is not None and permission not in roles:
                raise denied()
        return frozenset(select) | set(ALWAYS)

    def is_key_alone(self, collection: Collection, wanted: frozenset[str]) -> bool:
        """Whether nothing but its key is wanted of an object, so that the rest of it need not be made."""
        is_extended = any(name.startswith(PREFIX) for name in wanted)
        return not is_extended and wanted & self._all[collection.entity] == {collection.key}

    def cut(self, value: Value, wanted: frozenset[str], *, selected: bool) -> Value:
        """`value` with only the wanted properties, in the order that the object has them.

        The bytes of certificates (`keyCredentials.key`) are sent only when `$select` names `keyCredentials`.
        """
        cut = {name: content for name, content in value.items() if name in wanted}
        if not selected and cut.get("keyCredentials"):
            cut["keyCredentials"] = [{**key, "key": None} for key in cut["keyCredentials"]]
        return cut

    def link(
        self,
        id: str,
        version: str,
        select: tuple[str, ...] | None,
        roles: Roles,
        kind: str,
        cache: dict[str, frozenset[str]],
    ) -> Value:
        """A directory object as the target of a link: with `@odata.type`, and without the rest if unreadable.

        Graph answers 200 with null properties for members of a type that the application may not read.
        """
        entity = DIRECTORY_TYPES[kind]
        if kind not in cache:
            known = known_of(entity, self._all[entity], version)
            names = None if select is None else tuple(n for n in select if n in known)
            cache[kind] = self.wanted_of(entity, version, names, single=False, roles=roles)
        tagged: Value = {"@odata.type": f"#microsoft.graph.{entity}", "id": id}
        if cache[kind] <= {"id", *ALWAYS}:
            return tagged
        readable = roles is None or not roles.isdisjoint(ROW_BY_COLLECTION[kind].permissions)
        if not readable:
            return {**tagged, **{name: None for name in cache[kind] if name not in tagged}}
        value = self._population.collections[kind].value(id)
        return {**tagged, **self.cut(value, cache[kind], selected=select is not None)}


def _own(names: Iterable[str]) -> frozenset[str]:
    """The properties of a type that are Graph's and not a tenant's."""
    return frozenset(name for name in names if not name.startswith(PREFIX))
