"""Reading the logs: audits of the directory, sign-ins and provisioning, by their time.

Sources: Graph's pages directoryaudit-list, signin-list and provisioningobjectsummary-list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from recovery.rehearsal.graph.envelope import Answer, Envelope
from recovery.rehearsal.graph.filter import filter_of
from recovery.rehearsal.graph.query import Query
from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import unsupported_query
from recovery.rehearsal.population.activity import Event
from recovery.rehearsal.population.daily_events import provisioning_of, sign_ins_of
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.population import Population

Value = dict[str, Any]

AGAIN_SHARE = 200
"""Of 1,000 pages, so many begin with the event that the page before ended with."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7})\d*)?Z")
_FIRST, _LAST = "0000", "9999"


class Log(Protocol):
    """A stream of events; `time` is the property by which it is ordered."""

    @property
    def time(self) -> str: ...

    def events(self, *, ascending: bool, start: int, earliest: str, latest: str) -> Iterator[Event]:
        """What can be read by now, from place `start` on, of the span that the two instants bound."""


class EventLogs:
    """Answers lists of events; single ones are not served."""

    def __init__(self, population: Population, envelope: Envelope) -> None:
        plan, clock = population.plan, population.clock
        self._seed, self._envelope = plan.seed, envelope
        self._logs: dict[str, Log] = {
            "directoryAudits": population.activities,
            "signIns": sign_ins_of(plan, population.people, clock),
            "provisioning": provisioning_of(plan, population.people, population.applications, clock),
        }

    def answer(self, question: Question) -> Answer:
        """A page of events, the newest first unless `$orderby` says otherwise. Raises: Refusal as Graph would."""
        row, query = question.address.row, question.query
        question.caller.require(row.permissions)
        log = self._logs[row.collection]
        if query.expand or query.counted:
            raise unsupported_query("Logs take $filter, $orderby, $select and $top.")
        ascending = _ascending_of(query, log.time)
        text = _INSTANT.sub(_fine, query.filter or "")
        passing = filter_of(text, "id") if query.filter else None
        earliest, latest = _span_of(text, log.time)
        events = log.events(
            ascending=ascending, start=self._start_of(question, ascending), earliest=earliest, latest=latest
        )
        size = self._envelope.size_of(question)
        found = list(islice((event for event in events if passing is None or passing.test(event.value)), size + 1))
        page = found[:size]
        values = [_cut(event.value, query) for event in page]
        return self._envelope.page(question, values, page[-1].place if len(found) > size else None, None)

    def _start_of(self, question: Question, ascending: bool) -> int:
        """The place after the page before; now and then that page's last event comes again."""
        last = self._envelope.start_of(question)
        if not last:
            return 0
        again = Draw(self._seed, "event again", question.identity, last).chance(AGAIN_SHARE)
        if again and question.query.top != 1:
            return last
        return last + 1 if ascending else last - 1


def _ascending_of(query: Query, time: str) -> bool:
    words = (query.order or f"{time} desc").split()
    if words[0] != time or words[1:] not in ([], ["asc"], ["desc"]):
        raise unsupported_query(f"$orderby by anything but {time} is not served by the simulated tenant.")
    return words[1:] != ["desc"]


def _span_of(text: str, time: str) -> tuple[str, str]:
    """The instants that a filter without alternatives bounds the log's time with; the filter decides in the end."""
    earliest, latest = _FIRST, _LAST
    for operator, instant in re.findall(rf"\b{time} (ge|gt|le|lt) (\S+Z)", text):
        if operator in ("ge", "gt"):
            earliest = max(earliest, instant)
        else:
            latest = min(latest, instant)
    return (_FIRST, _LAST) if " or " in text else (earliest, latest)


def _fine(instant: re.Match[str]) -> str:
    """An instant with the seven fraction digits that those of the logs have, so that text compares as time does."""
    return f"{instant[1]}.{instant[2] or '':0<7}Z"


def _cut(value: Value, query: Query) -> Value:
    if query.select is None:
        return value
    return {name: content for name, content in value.items() if name in query.select}
