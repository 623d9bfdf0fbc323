"""Reading links: the targets of one object, as pages, as one reference, or sent along by `$expand`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from recovery.rehearsal.graph.address import Address
from recovery.rehearsal.graph.envelope import Answer, Envelope
from recovery.rehearsal.graph.projection import Projection
from recovery.rehearsal.graph.query import Expansion
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.refusal import bad_request, not_found, unsupported_query
from recovery.rehearsal.graph.row import Relation, Row
from recovery.rehearsal.graph.surface import CONTAINED_BY_NAME, HIDDEN_MEMBERS_PERMISSION, RELATION_BY_NAME
from recovery.rehearsal.population.population import Population

Value = dict[str, Any]

LARGEST_EXPANSION = 20
"""Targets that `$expand` sends along at most, without a next link (Graph's query parameters page)."""


Expanded = Relation | Row | None
"""What `$expand` names: links, objects that are contained, or a part that the object bears itself."""


class Relations:
    """Answers questions about links from a population."""

    def __init__(self, population: Population, projection: Projection, envelope: Envelope) -> None:
        self._population = population
        self._projection = projection
        self._envelope = envelope

    def answer(self, question: Question, relation: Relation) -> Answer:
        """The answer to a GET of a relation of one object. Raises: Refusal where Graph would refuse."""
        address, query, caller = question
        id = str(address.id)
        caller.require(relation.permissions)
        if id not in self._population.collections[address.row.collection]:
            raise not_found(id)
        if query.expand or query.filter:
            raise unsupported_query("$expand and $filter on a relation are not simulated.")
        self._permit_hidden(address, relation, id, caller)
        targets, shown = self._links(address, relation, id)
        if address.counts:
            return self._envelope.number(sum(map(shown, targets)))
        if relation.kind == "reference" or address.item is not None:
            return self._one(question, relation, targets, shown)
        place, size = self._envelope.start_of(question), self._envelope.size_of(question)
        values: list[Value] = []
        cache: dict[str, frozenset[str]] = {}
        while place < len(targets) and len(values) < size:
            target = targets[place]
            place += 1
            if shown(target):
                values.append(self._target(target, relation, query.select, address, caller, cache))
        more = any(shown(targets[n]) for n in range(place, len(targets)))
        counted = query.counted and caller.eventual and not query.skip_token
        count = sum(map(shown, targets)) if counted else None
        name = f"{address.row.paths[0]}('{id}')/{relation.name}" if relation.target else "directoryObjects"
        return self._envelope.page(question, values, place if more else None, count, name)

    def expansions_of(self, question: Question) -> list[tuple[Expansion, Expanded]]:
        """What `$expand` names. Raises: Refusal 400 for an unknown name, 403 for a forbidden one."""
        row = question.address.row
        found: list[tuple[Expansion, Expanded]] = []
        for expansion in question.query.expand:
            key = (row.collection, expansion.relation.lower())
            expanded = RELATION_BY_NAME.get(key) or CONTAINED_BY_NAME.get(key)
            if expanded is not None:
                question.caller.require(expanded.permissions)
            elif expansion.relation not in row.embeds:
                raise bad_request(f"Could not find a property named '{expansion.relation}'.")
            found.append((expansion, expanded))
        return found

    def withheld_of(self, question: Question) -> frozenset[str]:
        """The parts of the row's objects that `$expand` would have to name and does not."""
        return frozenset(question.address.row.embeds) - {each.relation for each in question.query.expand}

    def expand(self, value: Value, id: str, expansion: Expansion, expanded: Expanded, question: Question) -> None:
        """Puts the first targets of a relation into `value`; service principals too, in any version."""
        if expanded is None:
            _narrow(value, expansion)
        elif isinstance(expanded, Row):
            held = self._population.collection(expanded.collection, (*question.address.above, id))
            wanted = self._wanted(held.entity, expansion, question)
            cuts = [self._projection.cut(held.value(child), wanted, selected=False) for child in held]
            value[expansion.relation] = cuts[:LARGEST_EXPANSION]
        else:
            self._expand_links(value, id, expansion, expanded, question)

    def _expand_links(
        self, value: Value, id: str, expansion: Expansion, relation: Relation, question: Question
    ) -> None:
        address = question.address
        held, shown = self._links(address._replace(version="beta", cast=None), relation, id)
        cache: dict[str, frozenset[str]] = {}
        values = [
            self._target(target, relation, expansion.select, address, question.caller, cache)
            for target in islice(filter(shown, held), LARGEST_EXPANSION)
        ]
        if relation.kind != "reference":
            value[relation.name] = values
        elif values:
            value[relation.name] = values[0]

    def _wanted(self, entity: str, expansion: Expansion, question: Question) -> frozenset[str]:
        version, roles = question.address.version, question.caller.roles
        return self._projection.wanted_of(entity, version, expansion.select, single=False, roles=roles)

    def _permit_hidden(self, address: Address, relation: Relation, id: str, caller: Caller) -> None:
        if address.row.collection == "groups" and relation.name == "members":
            group = self._population.collections["groups"].value(id)
            if group["visibility"] == "HiddenMembership":
                caller.require(frozenset((HIDDEN_MEMBERS_PERMISSION,)))

    def _links(self, address: Address, relation: Relation, id: str) -> tuple[list[str], Callable[[str], bool]]:
        """Target ids in place order, and whether one is shown: it exists, and this version lists it."""
        population = self._population
        targets = population.links.of(address.row.collection, relation.name, id)
        if relation.target is not None:
            return targets, population.collections[relation.target].__contains__
        hide = relation.principals_only_in_beta and address.version != "beta"

        def shown(target: str) -> bool:
            kind = population.kind_of(target) if target else None
            return kind is not None and address.cast in (None, kind) and not (hide and kind == "servicePrincipals")

        return targets, shown

    def _one(self, question: Question, relation: Relation, targets: list[str], shown: Callable[[str], bool]) -> Answer:
        wanted = question.address.item
        target = next((t for t in targets if shown(t) and wanted in (None, t)), None)
        if target is None:
            raise not_found(wanted or relation.name)
        value = self._target(target, relation, question.query.select, question.address, question.caller, {})
        name = relation.name if relation.target else "directoryObjects"
        return self._envelope.object(question, value, f"{name}/$entity")

    def _target(
        self,
        target: str,
        relation: Relation,
        select: tuple[str, ...] | None,
        address: Address,
        caller: Caller,
        cache: dict[str, frozenset[str]],
    ) -> Value:
        if relation.target is None:
            kind = str(self._population.kind_of(target))
            return self._projection.link(target, address.version, select, caller.roles, kind, cache)
        held = self._population.collections[relation.target]
        if "" not in cache:
            cache[""] = self._projection.wanted_of(
                held.entity, address.version, select, single=False, roles=caller.roles
            )
        return self._projection.cut(held.value(target), cache[""], selected=select is not None)


def _narrow(value: Value, expansion: Expansion) -> None:
    """Leaves of a part that the object bears what `$select` inside `$expand` names."""
    if expansion.select is None or expansion.relation not in value:
        return
    wanted = {*expansion.select, "@odata.type"}
    part = value[expansion.relation]
    cuts = [{n: c for n, c in item.items() if n in wanted} for item in (part if isinstance(part, list) else [part])]
    value[expansion.relation] = cuts if isinstance(part, list) else cuts[0]
