"""Hands the pages of a day to the archiver's workers, as `archiver.gathering.gather` does when Graph answers.

Only what pages pass through is imported: a seal from pages has no use for the client, whose modules take most of
a second to load. `strongroom run`, which the rows of the export time, has both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import cache
from itertools import count
from threading import Semaphore
from typing import Any

from archiver.gathering.page_work import (
    keep_expanded_objects,
    keep_expanded_relations,
    keep_large_relation,
    keep_objects,
    keep_relations,
    keep_single,
)
from archiver.gathering.sink import RecordSink, RecordWriter
from archiver.graph.catalogue import load_catalogue
from archiver.graph.page import packed, page_of
from archiver.graph.record import RecordShape
from archiver.graph.relation import RelationShape
from archiver.graph.row import Row
from tests.bench.day import Day, Work

MAX_WAITING_PAGES = 4
"""As many as `archiver.gathering.reading` lets wait; a test compares the two."""

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def replay(day: Day, sink: RecordSink, wrap: Callable[..., Any] | None = None) -> None:
    """Sends all pages to workers, with as many waiting as a run allows; `wrap(writer, work, *args)` may time them."""
    waiting: deque[Future[Any]] = deque()
    turns = Semaphore(MAX_WAITING_PAGES)
    for order, (work, bodies) in enumerate(day.works()):
        for function, arguments in _calls_of(work, bodies, order):
            turns.acquire()
            future = sink.submit(*((function,) if wrap is None else (wrap, function)), *arguments)
            future.add_done_callback(lambda _: turns.release())
            waiting.append(future)
            while waiting and waiting[0].done():
                waiting.popleft().result()
    for future in waiting:
        future.result()


def do_work(writer: RecordWriter, work: Work, bodies: Iterable[bytes]) -> None:
    """Does one piece of work in this process."""
    for function, arguments in _calls_of(work, bodies, next(_orders)):
        function(writer, *arguments)


_orders = count()


def _calls_of(work: Work, bodies: Iterable[bytes], order: int) -> list[Call]:
    row = _row(work.collection)
    if work.kind == "single":
        return [(keep_single, (shape_of(row), next(iter(bodies)), order))]
    if work.kind == "relations" and _is_large(ids := [body.id for body in work.bodies]):
        relation = _relation_shape(row, work.name)
        return [(keep_large_relation, (relation, ids[0], [packed(page_of(body).values) for body in bodies], order))]
    values = [page_of(body).values for body in bodies]
    if work.kind == "objects":
        return [(keep_objects, (shape_of(row), values[0], (), order))]
    if work.kind == "expanded":
        reference = any(one.kind == "reference" for one in row.relations if one.name == work.name)
        return [(keep_expanded_relations, (_relation_shape(row, work.name), row.key, reference, values[0], order))]
    if work.kind == "relations":
        return [(keep_relations, (_relation_shape(row, work.name), list(zip(ids, values, strict=True)), order))]
    child = _row(work.name)
    shape = RecordShape(child.collection, child.key, frozenset())
    if work.kind == "expanded-objects":
        return [(keep_expanded_objects, (shape, row.collection, row.key, child.expand, values[0], order))]
    return [(keep_objects, (shape, values[0], (row.collection, work.bodies[0].id), order))]


def _is_large(ids: list[str]) -> bool:
    """Whether all pages are of one object's relation."""
    return len(ids) > 1 and len(set(ids)) == 1


@cache
def _row(collection: str) -> Row:
    return load_catalogue().row_of(collection)


@cache
def shape_of(row: Row) -> RecordShape:
    """The shape of a row's records, as `archiver.graph.record` makes it; a test compares the two."""
    key = "" if row.kind == "singleton" else row.key
    return RecordShape(row.collection, key, frozenset(relation.name for relation in row.relations))


@cache
def _relation_shape(row: Row, name: str) -> RelationShape:
    relation = next(one for one in row.relations if one.name == name)
    return RelationShape(row.collection, name, frozenset(relation.carries))
