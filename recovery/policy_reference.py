"""Ids in the lists of a conditional access policy: whom and what it includes and excludes.

Source: https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset and the types of its members
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from recovery.attribute import Value

POLICIES: Final = frozenset({"conditionalAccessPolicies", "deletedConditionalAccessPolicies"})
BY_APP_ID: Final = "applications by appId"
"""Stands for the collection where a list names an application by its appId, which is no object's id."""

_APP_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LISTED: Final = {
    "Users": "users",
    "Groups": "groups",
    "Roles": "roleDefinitions",
    "Applications": BY_APP_ID,
    "Locations": "namedLocations",
    "ServicePrincipals": "servicePrincipals",
}
_COLLECTIONS: Final = {f"{way}{what}": name for way in ("include", "exclude") for what, name in _LISTED.items()}


class PolicyReference(NamedTuple):
    """The collection (or BY_APP_ID) and the id that a list names; a word such as `All` is the id of nothing."""

    collection: str
    id: str


def policy_references_of(path: str, value: Value) -> Iterator[PolicyReference]:
    """Yields what the value of a policy's attribute names; `path` is its JSON Pointer."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from policy_references_of(name, member)
    collection = _COLLECTIONS.get(path.rpartition("/")[2])
    if isinstance(value, list) and collection is not None:
        for word in value:
            if isinstance(word, str) and (collection != BY_APP_ID or _APP_ID.fullmatch(word)):
                yield PolicyReference(collection, word)
