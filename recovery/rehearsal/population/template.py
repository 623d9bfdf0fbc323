"""Objects with places in them that the tenant fills: `{user 3}` is the id of user number 3.

| place | what comes there |
|---|---|
| `{id}` | the object's own id, of this collection, number and containing object |
| `{n}` | its number, from 0 |
| `{above}` | the id of the object that contains it |
| `{guid NAME}` | a GUID that depends on the seed and NAME |
| `{user 3}`, `{group 3}`, `{application 3}`, `{principal 3}` | the id of that directory object |
| `{graph}`, `{gallery 1}` | the ids of Microsoft Graph's service principal, and of a vendor's |
| `{object COLLECTION 0}` | the id of an object of another collection |
| `{tenant}`, `{client}` | the id of the tenant, and the appId of the application that reads it |
| `{domain}`, `{initial}` | the default and the first domain |
| `{past 300}` | an instant of the last 300 days |
| `{base64 20 NAME}`, `{digits 8 NAME}` | 20 random-looking bytes, 8 blocks of six digits |
| `{plain GUID}` | the GUID without hyphens |

Places stand in each other; the innermost are filled first.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of, guid_of
from recovery.rehearsal.population.principals import FIRST_PARTY

Value = dict[str, Any]
Above = tuple[str, ...]
"""Ids of the objects that contain an object, from the outermost down."""

LINKS = "@links"
"""The member of a template that is no property: targets by relation."""

DEEPEST_PLACES = 4
"""Places in places; a bound on what a table may say."""


class Spot(NamedTuple):
    """Where a template is filled: object number `n` of `collection`, below `above`."""

    collection: str
    n: int
    above: Above = ()


class Template:
    """Fills the places of declared objects for one tenant."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._plan = blueprint
        self._words: dict[str, Callable[[str, Spot], str]] = {
            "id": lambda _, spot: self.id_of(spot),
            "n": lambda _, spot: str(spot.n),
            "above": lambda _, spot: spot.above[-1],
            "guid": lambda text, _: guid_of(blueprint.seed, *text.split(" ")),
            "user": lambda text, _: self._numbered("users", text, blueprint.users),
            "group": lambda text, _: self._numbered("groups", text, blueprint.groups),
            "application": lambda text, _: self._numbered("applications", text, blueprint.applications),
            "principal": lambda text, _: self._numbered("servicePrincipals", text, blueprint.principals),
            "graph": lambda _, __: blueprint.id_of("servicePrincipals", blueprint.applications),
            "gallery": lambda text, _: blueprint.id_of("servicePrincipals", self._first_gallery + int(text)),
            "object": lambda text, _: self._object(*text.split(" ")),
            "tenant": lambda _, __: blueprint.tenant_id,
            "client": lambda _, __: blueprint.client_id,
            "domain": lambda _, __: blueprint.domain,
            "initial": lambda _, __: blueprint.initial_domain,
            "past": lambda text, spot: Draw(blueprint.seed, *spot[:2], *spot.above, "past").past(int(text)),
            "base64": self._base64,
            "digits": self._digits,
            "plain": lambda text, _: text.replace("-", ""),
        }
        self._place = re.compile(r"\{(" + "|".join(self._words) + r")(?: ([^{}]*))?\}")

    def id_of(self, spot: Spot) -> str:
        """The id that `{id}` stands for; of objects that nothing contains, the tenant's own numbering."""
        if not spot.above:
            return self._plan.id_of(spot.collection, spot.n)
        return guid_of(self._plan.seed, spot.collection, *spot.above, spot.n)

    def text(self, template: str, spot: Spot) -> str:
        """A filled text."""
        for _ in range(DEEPEST_PLACES):
            filled = self._place.sub(lambda match: self._words[match[1]](match[2] or "", spot), template)
            if filled == template:
                break
            template = filled
        return template

    def value(self, template: Value, spot: Spot) -> Value:
        """A filled object, a new mapping at every depth; `@links` stays in it."""
        return {name: self._filled(content, spot) for name, content in template.items()}

    def _filled(self, content: Any, spot: Spot) -> Any:
        if isinstance(content, str):
            return self.text(content, spot) if "{" in content else content
        if isinstance(content, dict):
            return self.value(content, spot)
        if isinstance(content, list):
            return [self._filled(item, spot) for item in content]
        return content

    @property
    def _first_gallery(self) -> int:
        return self._plan.applications + len(FIRST_PARTY)

    def _numbered(self, collection: str, text: str, count: int) -> str:
        return self._plan.id_of(collection, int(text) % count)

    def _object(self, collection: str, number: str) -> str:
        return self._plan.id_of(collection, int(number))

    def _base64(self, text: str, spot: Spot) -> str:
        count, name = text.split(" ", 1)
        return b64encode(bytes_of(int(count), self._plan.seed, name, *spot.above, spot.n)).decode()

    def _digits(self, text: str, spot: Spot) -> str:
        count, name = text.split(" ", 1)
        draw = Draw(self._plan.seed, name, spot.n)
        return "-".join(f"{draw.below(720_896):06d}" for _ in range(int(count)))
