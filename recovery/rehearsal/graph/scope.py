"""Lists that answer only to a `$filter`, and collections that share a path: which one a question means."""

from __future__ import annotations

import re

from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import bad_request
from recovery.rehearsal.graph.row import Row
from recovery.rehearsal.graph.surface import rows_on
from recovery.rehearsal.population.population import Population

_EQUALITY = re.compile(r"(?P<name>\w+) eq '(?P<value>(?:[^']|'')*)'")


def scoped(question: Question, population: Population) -> Question:
    """The question with the row that its filter means, or that holds the object it names.

    Raises: Refusal 400 for a list without the filter that its service needs.
    """
    address, row = question.address, question.address.row
    if not row.filtered:
        return question
    if address.id is not None:
        holders = [other for other in rows_on(row.paths[0]) if address.id in population.collections[other.collection]]
        return _with(question, holders[0]) if holders else question
    said = {m["name"]: m["value"].replace("''", "'") for m in _EQUALITY.finditer(question.query.filter or "")}
    missing = [name for name in row.filtered if name not in said]
    if missing:
        raise bad_request(f"The filter must say the {' and the '.join(missing)}, as in {missing[0]} eq 'VALUE'.")
    for other in rows_on(row.paths[0]):
        if other.when is None or said.get(other.when[0]) == other.when[1]:
            return _with(question, other)
    return question


def _with(question: Question, row: Row) -> Question:
    return question._replace(address=question.address._replace(row=row))
