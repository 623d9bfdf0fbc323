"""A client of the delta functions that keeps a copy of a collection, as Graph's pages tell clients to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.surface import ROW_BY_COLLECTION

Value = dict[str, Any]
TRACKED = {name: row for name, row in ROW_BY_COLLECTION.items() if row.tracks is not None}


def page_of(tenant: SimulatedTenant, link: str, roles: frozenset[str] | None = None) -> Value:
    """One page; `link` is a path below the version, with its query, or a link of an answer."""
    path, _, query = link.rpartition("/v1.0/")[2].partition("?")
    question = Question(address_of("v1.0", path), query_of(query), Caller(roles=roles))
    body: Value = msgspec.json.decode(tenant.reader.answer(question).body)
    return body


def round_of(
    tenant: SimulatedTenant, link: str, between: Callable[[], object] = lambda: None
) -> tuple[list[Value], str]:
    """All that a round says, and the delta link at its end; `between` is called between its pages."""
    found: list[Value] = []
    while True:
        body = page_of(tenant, link)
        found += body["value"]
        assert ("@odata.nextLink" in body) is not ("@odata.deltaLink" in body)
        if "@odata.deltaLink" in body:
            return found, body["@odata.deltaLink"]
        link = body["@odata.nextLink"]
        between()


def told(values: list[Value]) -> dict[str, Value]:
    """What a round says by object, the last word counting."""
    return {value["id"]: value for value in values}


def removals(values: list[Value]) -> dict[str, str]:
    """The reasons of what was removed, by id."""
    return {value["id"]: value["@removed"]["reason"] for value in values if "@removed" in value}


def merged(values: list[Value], relation: str = "members") -> dict[str, bool]:
    """The targets that a round names for one relation of one object, and whether they are there."""
    links = [link for value in values for link in value.get(f"{relation}@delta", [])]
    return {link["id"]: "@removed" not in link for link in links}


class Mirror:
    """A copy of one collection. Merging is idempotent: whatever comes twice changes nothing."""

    def __init__(self) -> None:
        self.objects: dict[str, Value] = {}
        self.links: dict[tuple[str, str], set[str]] = {}

    def merge(self, values: list[Value]) -> None:
        for value in values:
            id = value["id"]
            if "@removed" in value:
                self.objects.pop(id, None)
                self.links = {key: targets for key, targets in self.links.items() if key[0] != id}
                continue
            kept = self.objects.setdefault(id, {})
            for name, content in value.items():
                relation, at, word = name.partition("@")
                if at and word == "delta":
                    self._follow(id, relation, content)
                else:
                    kept[name] = content

    def _follow(self, id: str, relation: str, links: list[Value]) -> None:
        targets = self.links.setdefault((id, relation), set())
        for link in links:
            if "@removed" in link:
                targets.discard(link["id"])
            else:
                targets.add(link["id"])


def truth_of(tenant: SimulatedTenant, collection: str, properties: frozenset[str]) -> Mirror:
    """What a client should have: the properties that are not empty, and the links to what still exists somewhere."""
    truth, population = Mirror(), tenant.population
    held = population.collections[collection]
    for id in held:
        truth.objects[id] = {name: c for name, c in held.value(id).items() if name in properties and c is not None}
        for relation in TRACKED[collection].tracks or ():
            targets = {t for t in population.links.of(collection, relation, id) if t and population.type_of(t)}
            truth.links[id, relation] = targets
    return truth


def agree(mirror: Mirror, truth: Mirror) -> None:
    """Fails where a client's copy is not what the tenant is like."""
    objects = {id: {n: c for n, c in value.items() if c is not None} for id, value in mirror.objects.items()}
    assert objects == truth.objects
    assert {k: t for k, t in mirror.links.items() if t} == {k: t for k, t in truth.links.items() if t}
