"""Reading the logs: audits of the directory, sign-ins and provisioning, by their time.

Sources: Graph's pages directoryaudit-list, signin-list (v1.0 and beta) and provisioningobjectsummary-list.
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
from recovery.rehearsal.graph.surface import TYPED_SIGN_INS
from recovery.rehearsal.population.activity import Event
from recovery.rehearsal.population.daily_events import provisioning_of, sign_ins_of
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.population import Population
from recovery.rehearsal.population.unattended_sign_ins import (
    INTERACTIVE,
    MANAGED_IDENTITY,
    NON_INTERACTIVE,
    SERVICE_PRINCIPAL,
    typed_sign_ins_of,
)

Value = dict[str, Any]

AGAIN_SHARE = 200
"""Of 1,000 pages, so many begin with the event that the page before ended with."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7})\d*)?Z")
_FIRST, _LAST = "0000", "9999"
_TYPE = re.compile(r"\bsignInEventTypes/any\(\s*\w+\s*:\s*\w+\s+eq\s+'(\w+)'\s*\)")
_TYPES = (INTERACTIVE, NON_INTERACTIVE, SERVICE_PRINCIPAL, MANAGED_IDENTITY)


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
        self._sign_ins = typed_sign_ins_of(plan, population.people, population.applications, clock)

    def answer(self, question: Question) -> Answer:
        """A page of events, the newest first unless `$orderby` says otherwise. Raises: Refusal as Graph would."""
        row, query = question.address.row, question.query
        question.caller.require(row.permissions)
        is_typed = row.collection == TYPED_SIGN_INS.collection
        log = self._sign_ins[_type_of(query)] if is_typed else self._logs[row.collection]
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


def _type_of(query: Query) -> str:
    """The one type of sign-ins that a filter names; interactive ones where it names none.

    Raises: Refusal (400) for what the page does not show, or what the simulated tenant does not serve.
    """
    text = query.filter or ""
    types = _TYPE.findall(text)
    if not types and "signineventtypes" not in text.lower():
        return INTERACTIVE
    if len(types) != 1 or " or " in text or types[0] not in _TYPES:
        raise unsupported_query("$filter by one of the signInEventTypes with `any` and `eq` is served, and no other.")
    return str(types[0])


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
