"""What stands around the objects of an answer: context, count and next link."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from recovery.rehearsal.graph.cursor import Cursor
from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import bad_request

Value = dict[str, Any]

JSON_MEDIA_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

LINKS_PAGE, LARGEST_LINKS_PAGE = 100, 999
"""Default and largest page of a relation (Graph's list-group-members page)."""

SIGN_IN_PAGE = 500
"""Largest page when `signInActivity` is selected (Graph's list-users page)."""

_encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """`body` in bytes; `records` in it; `next_link` if there is more."""

    body: bytes
    records: int
    next_link: str | None = None
    media_type: str = JSON_MEDIA_TYPE


class Envelope:
    """Wraps objects the way Graph does, and knows where a page begins and how long it is."""

    def __init__(self, seed: int) -> None:
        self._cursor = Cursor(seed)

    def start_of(self, question: Question) -> int:
        """The place where the page begins. Raises: Refusal 400 for a skip token of another request."""
        token = question.query.skip_token
        return 0 if token is None else self._cursor.place_of(question.identity, token)

    def size_of(self, question: Question) -> int:
        """Objects on the page at most. Raises: Refusal 400 when `$top` is more than Graph allows."""
        row, top = question.address.row, question.query.top
        largest, default = row.largest_page, row.page or row.largest_page
        if question.address.relation is not None:
            largest, default = LARGEST_LINKS_PAGE, LINKS_PAGE
        if top is not None and top > largest:
            raise bad_request(f"Invalid page size specified: '{top}'. Must be between 1 and {largest} inclusive.")
        size = top or default
        return min(size, SIGN_IN_PAGE) if "signInActivity" in (question.query.select or ()) else size

    def page(
        self,
        question: Question,
        values: list[Value],
        place: int | None,
        count: int | None,
        name: str | None = None,
    ) -> Answer:
        """A page of `values`; `place` is where the next one begins, None at the end; `name` is the set's."""
        head: Value = {"@odata.context": self._context(question, name or question.address.path)}
        if count is not None:
            head["@odata.count"] = count
        link = None
        if place is not None:
            address, text = question.address, question.query.text
            token = self._cursor.token_of(question.identity, place)
            link = (
                f"{question.caller.origin}/{address.version}/{address.path}?{text}{'&' if text else ''}"
                f"$skiptoken={token}"
            )
            head["@odata.nextLink"] = link
        return Answer(_encode({**head, "value": values}), len(values), link)

    def object(self, question: Question, value: Value, name: str) -> Answer:
        """One object; `name` is its set with `/$entity`, or a singleton's path."""
        return Answer(_encode({"@odata.context": self._context(question, name), **value}), 1)

    def number(self, count: int) -> Answer:
        """The plain text of a `/$count`."""
        return Answer(str(count).encode(), 1, media_type="text/plain")

    def _context(self, question: Question, name: str) -> str:
        select = f"({','.join(question.query.select)})" if question.query.select else ""
        head, slash, tail = name.partition("/$entity")
        return f"{question.caller.origin}/{question.address.version}/$metadata#{head}{select}{slash}{tail}"
