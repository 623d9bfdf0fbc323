"""Reading a population: the answer to every GET."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.graph.envelope import Answer, Envelope
from recovery.rehearsal.graph.filter import Filter, filter_of
from recovery.rehearsal.graph.projection import Projection
from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import bad_request, not_found, unsupported_query
from recovery.rehearsal.graph.relations import Relations
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.population import Population

Value = dict[str, Any]


class Reader:
    """Answers GET requests: lists, counts, single objects, singletons and, through Relations, links."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self.projection = Projection(population)
        self._envelope = Envelope(population.plan.seed)
        self._relations = Relations(population, self.projection, self._envelope)

    def answer(self, question: Question) -> Answer:
        """The answer to a GET. Raises: Refusal for everything that Graph would refuse."""
        address = question.address
        if address.relation is not None:
            return self._relations.answer(question, address.relation)
        question.caller.require(address.row.permissions)
        if address.id is not None or address.row.singleton:
            return self._single(question)
        collection = self._population.collections[address.row.collection]
        passing = self._filter(question, collection)
        if address.counts:
            if address.row.directory and not question.caller.eventual:
                raise bad_request("$count is not supported without the header ConsistencyLevel: eventual.")
            return self._envelope.number(_count(collection, passing))
        return self._list(question, collection, passing)

    def _filter(self, question: Question, collection: Collection) -> Filter | None:
        address, query, caller = question
        if query.filter is None:
            return None
        parsed = filter_of(query.filter, collection.key)
        if parsed.advanced and address.row.directory and not (caller.eventual and query.counted):
            raise unsupported_query(
                "This query needs the header ConsistencyLevel: eventual and the query option $count=true."
            )
        return parsed

    def _list(self, question: Question, collection: Collection, passing: Filter | None) -> Answer:
        address, query, caller = question
        wanted = self.projection.wanted_of(
            collection.entity, address.version, query.select, single=False, roles=caller.roles
        )
        expansions = self._relations.expansions_of(question)
        place, size = self._envelope.start_of(question), self._envelope.size_of(question)
        places: list[str | None] = collection.places
        if passing is not None and passing.ids is not None:
            places = [id for id in passing.ids if id in collection]
        values: list[Value] = []
        while place < len(places) and len(values) < size:
            id = places[place]
            place += 1
            if id is None:
                continue
            value = collection.value(id)
            if passing is not None and not passing.test(value):
                continue
            cut = self.projection.cut(value, wanted, selected=query.select is not None)
            for expansion, relation in expansions:
                self._relations.expand(cut, id, expansion, relation, question)
            values.append(cut)
        more = any(places[n] is not None for n in range(place, len(places)))
        counted = query.counted and (caller.eventual or not address.row.directory)
        count = _count(collection, passing) if counted and query.skip_token is None else None
        return self._envelope.page(question, values, place if more else None, count)

    def _single(self, question: Question) -> Answer:
        address, query, caller = question
        collection = self._population.collections[address.row.collection]
        id = self._resolved(collection, str(address.id))
        if address.row.singleton:
            id = next(iter(collection))
        if id not in collection:
            raise not_found(id)
        wanted = self.projection.wanted_of(
            collection.entity, address.version, query.select, single=True, roles=caller.roles
        )
        cut = self.projection.cut(collection.value(id), wanted, selected=query.select is not None)
        for expansion, relation in self._relations.expansions_of(question):
            self._relations.expand(cut, id, expansion, relation, question)
        name = address.path if address.row.singleton else f"{address.row.paths[0]}/$entity"
        return self._envelope.object(question, cut, name)

    def _resolved(self, collection: Collection, id: str) -> str:
        """The id behind a user principal name, which Graph takes in place of an id."""
        if collection.entity != "user" or "@" not in id:
            return id
        wanted = id.lower()
        return next((i for i in collection if collection.value(i)["userPrincipalName"].lower() == wanted), id)


def _count(collection: Collection, passing: Filter | None) -> int:
    if passing is None:
        return len(collection)
    return sum(1 for id in collection if passing.test(collection.value(id)))
