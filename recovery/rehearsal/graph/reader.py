"""Reading a population: the answer to every GET."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.graph.actions import Actions
from recovery.rehearsal.graph.delta import Deltas
from recovery.rehearsal.graph.envelope import Answer, Envelope
from recovery.rehearsal.graph.event_logs import EventLogs
from recovery.rehearsal.graph.filter import Filter, filter_of
from recovery.rehearsal.graph.projection import Projection
from recovery.rehearsal.graph.query import Query
from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import bad_request, no_picture, not_found, unsupported_query
from recovery.rehearsal.graph.relations import Relations
from recovery.rehearsal.graph.row import Stream
from recovery.rehearsal.graph.scope import scoped
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.pictures import has_picture, picture_of
from recovery.rehearsal.population.population import Population

Value = dict[str, Any]


class Reader:
    """Answers GET requests: lists, counts, single objects and singletons; others answer links, changes and logs."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self.projection = Projection(population)
        self._envelope = Envelope(population.plan.seed)
        self._relations = Relations(population, self.projection, self._envelope)
        self._logs = EventLogs(population, self._envelope)
        self.deltas = Deltas(population, self.projection)
        self.actions = Actions(population)

    def answer(self, question: Question) -> Answer:
        """The answer to a GET. Raises: Refusal for everything that Graph would refuse."""
        address = question.address
        if address.delta:
            return self.deltas.answer(question)
        if address.row.timed is not None:
            return self._logs.answer(question)
        _refuse_options(question.query)
        if address.relation is not None:
            return self._relations.answer(question, address.relation)
        if address.stream is not None:
            return self._stream(question, address.stream)
        question = scoped(question, self._population)
        address = question.address
        question.caller.require(address.row.permissions)
        collection = self._collection_at(question)
        if address.id is not None or address.row.singleton:
            return self._single(question, collection)
        if address.row.may_be_absent and not len(collection):
            raise not_found(address.path)
        passing = self._filter(question, collection)
        if address.counts:
            if address.row.directory and not question.caller.eventual:
                raise bad_request("$count is not supported without the header ConsistencyLevel: eventual.")
            return self._envelope.number(_count(collection, passing))
        return self._list(question, collection, passing)

    def _collection_at(self, question: Question) -> Collection:
        address = question.address
        try:
            return self._population.collection(address.row.collection, address.above)
        except KeyError as error:
            raise not_found(str(error.args[0])) from error

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
        shown = wanted - self._relations.withheld_of(question) - frozenset(address.row.left_out_of_lists)
        place, size = self._envelope.start_of(question), self._envelope.size_of(question)
        places: list[str | None] = collection.places
        if passing is not None and passing.ids is not None:
            places = [id for id in passing.ids if id in collection]
        is_bare = passing is None and self.projection.is_key_alone(collection, shown)
        values: list[Value] = []
        while place < len(places) and len(values) < size:
            id = places[place]
            place += 1
            if id is None:
                continue
            value = {collection.key: id} if is_bare and collection.is_as_made(id) else collection.value(id)
            if passing is not None and not passing.test(value):
                continue
            cut = self.projection.cut(value, shown, selected=query.select is not None)
            for expansion, expanded in expansions:
                self._relations.expand(cut, id, expansion, expanded, question)
            values.append(cut)
        more = any(places[n] is not None for n in range(place, len(places)))
        counted = query.counted and (caller.eventual or not address.row.directory)
        count = _count(collection, passing) if counted and query.skip_token is None else None
        return self._envelope.page(question, values, place if more else None, count)

    def _single(self, question: Question, collection: Collection) -> Answer:
        address, query, caller = question
        id = self._resolved(collection, str(address.id))
        if address.row.singleton:
            id = next(iter(collection), address.path)
        if id not in collection:
            raise not_found(id)
        wanted = self.projection.wanted_of(
            collection.entity, address.version, query.select, single=True, roles=caller.roles
        )
        shown = wanted - self._relations.withheld_of(question)
        cut = self.projection.cut(collection.value(id), shown, selected=query.select is not None)
        for expansion, expanded in self._relations.expansions_of(question):
            self._relations.expand(cut, id, expansion, expanded, question)
        name = address.path if address.row.singleton else f"{address.row.paths[0]}/$entity"
        return self._envelope.object(question, cut, name)

    def _stream(self, question: Question, stream: Stream) -> Answer:
        address = question.address
        question.caller.require(stream.permissions)
        id = str(address.id)
        collection = self._collection_at(question)
        if id not in collection:
            raise not_found(id)
        seed, place = self._population.plan.seed, (*address.above, id)
        if stream.address_in:
            found: Any = collection.value(id)
            for name in stream.address_in:
                found = found[name]
            if found is None:
                raise no_picture()
            place = (*place, found)
        elif not has_picture(seed, stream.collection, stream.name, place, stream.share):
            raise no_picture()
        body = picture_of(seed, stream.collection, stream.name, place, stream.media_type)
        return Answer(body, 1, media_type=stream.media_type)

    def _resolved(self, collection: Collection, id: str) -> str:
        """The id behind a user principal name, which Graph takes in place of an id."""
        if collection.entity != "user" or "@" not in id:
            return id
        wanted = id.lower()
        return next((i for i in collection if collection.value(i)["userPrincipalName"].lower() == wanted), id)


def _refuse_options(query: Query) -> None:
    for name, given in (("$orderby", query.order), ("$deltatoken", query.delta_token)):
        if given is not None:
            raise unsupported_query(f"Query option '{name}' is not supported.")


def _count(collection: Collection, passing: Filter | None) -> int:
    if passing is None:
        return len(collection)
    return sum(1 for id in collection if passing.test(collection.value(id)))
