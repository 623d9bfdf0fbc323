"""Loading objects that somebody else made: as Graph's create requests have them, or an export.

Source of what is required: Graph's pages on creating a conditionalAccessPolicy, a namedLocation and an
authenticationStrengthPolicy.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.altering.actor import administrator_of
from recovery.rehearsal.altering.change import Change, net_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.entropy import guid_of

Value = dict[str, Any]

MOST_OBJECTS = 10_000
"""Objects in one request; a bound on input."""
TYPE = "@odata.type"


class Loadable(NamedTuple):
    """What an object of a collection must have: all of `required`, and one of `one_of` if there are any."""

    required: tuple[str, ...]
    one_of: tuple[str, ...] = ()


LOADABLE = {
    "conditionalAccessPolicies": Loadable(("displayName", "state", "conditions"), ("grantControls", "sessionControls")),
    "namedLocations": Loadable((TYPE, "displayName")),
    "authenticationStrengthPolicies": Loadable(("displayName", "allowedCombinations")),
}
"""The collections that can be loaded."""


class Loading:
    """Adds objects to one tenant."""

    def __init__(self, tenant: SimulatedTenant, workforce: Workforce) -> None:
        self._tenant = tenant
        self._workforce = workforce

    def load(self, content: Any) -> list[Change]:
        """Adds `objects` to `collection` and returns the changes. An id that is absent is made.

        Raises: ScriptError, and nothing is added, when one of them can't be.
        """
        collection, objects = _request_of(content)
        held = self._tenant.population.collections[collection]
        values: dict[str, Value] = {}
        for number, given in enumerate(objects, start=1):
            value = self._whole_of(collection, number, given)
            if value["id"] in held or value["id"] in values:
                raise ScriptError(f"object {number} of {len(objects)}: {collection} has {value['id']} already")
            values[value["id"]] = value
        changes: list[Change] = []
        with self._tenant.alteration.door.acting(administrator_of(self._tenant.population)):
            for value in values.values():
                self._tenant.reader.projection.learn(held.entity, value)
                changes += self._tenant.alteration.add(collection, value)
        return net_of(changes)

    def _whole_of(self, collection: str, number: int, given: Any) -> Value:
        """The object as Graph would send it once it was made."""
        if not isinstance(given, dict):
            raise ScriptError(f"object {number} is no object")
        value: Value = _without_control_information(given)
        required, one_of = LOADABLE[collection]
        lacking = [name for name in required if value.get(name) in (None, "")]
        if one_of and all(value.get(name) is None for name in one_of):
            lacking.append(" or ".join(one_of))
        if lacking:
            raise ScriptError(f"object {number} of {collection} lacks {', '.join(lacking)}")
        place = len(self._tenant.population.collections[collection].places) + number
        made: Value = {
            "id": guid_of(self._tenant.population.plan.seed, "loaded", collection, place),
            "createdDateTime": self._workforce.now(),
            "modifiedDateTime": None,
        }
        if not isinstance(value.get("id", ""), str):
            raise ScriptError(f"object {number} of {collection} has an id that is no text")
        return {**made, **value}


def _request_of(content: Any) -> tuple[str, list[Any]]:
    if not isinstance(content, dict) or content.keys() != {"collection", "objects"}:
        raise ScriptError("what is loaded is a `collection` and its `objects`")
    collection, objects = content["collection"], content["objects"]
    if not isinstance(collection, str) or collection not in LOADABLE:
        raise ScriptError(f"nothing can be loaded into {collection!r}; it takes {', '.join(LOADABLE)}")
    if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
        raise ScriptError(f"objects are a list of at most {MOST_OBJECTS:,}")
    return collection, objects


def _without_control_information(value: Any) -> Any:
    """What a server sends whose client asks for as little metadata as can be: types, and no links or actions."""
    if isinstance(value, list):
        return [_without_control_information(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_control_information(member)
        for name, member in value.items()
        if name == TYPE or not ("@odata." in name or name.startswith("#"))
    }
