"""A small part of OData's `$filter`: what directory clients use, and a refusal for the rest.

expression := term ( "and" term )* | term ( "or" term )*
term       := path ( eq | ne | ge | le | gt | lt ) literal | path in ( literal, ... )
            | startswith ( path , literal ) | path / any ( x : x eq literal )
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from recovery.rehearsal.graph.refusal import Refusal, unsupported_query

Value = dict[str, Any]
Test = Callable[[Value], bool]

LONGEST_FILTER_CHARACTERS = 4096
"""Bound before parsing; Graph's own limit is the URL's length."""

_INSTANT = r"\d{4}-\d\d-\d\dT[0-9:.]+Z"
_TOKEN = re.compile(
    rf"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<instant>{_INSTANT})|(?P<punctuation>[(),:])|(?P<word>[^\s(),:']+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "ge": lambda a, b: a is not None and bool(a >= b),
    "le": lambda a, b: a is not None and bool(a <= b),
    "gt": lambda a, b: a is not None and bool(a > b),
    "lt": lambda a, b: a is not None and bool(a < b),
}
_CONSTANTS = {"true": True, "false": False, "null": None}


class Filter(NamedTuple):
    """A parsed filter. `ids` are the only ids that can pass, if it says so; `advanced` needs ConsistencyLevel."""

    test: Test
    ids: tuple[str, ...] | None
    advanced: bool


def filter_of(text: str, key: str) -> Filter:
    """Parses `$filter`; `key` is the property that names an object.

    Raises: Refusal (400 Request_UnsupportedQuery) for anything outside the grammar above.
    """
    if len(text) > LONGEST_FILTER_CHARACTERS:
        raise unsupported_query("The filter is too long.")
    parser = _Parser(text, key)
    terms = [parser.term()]
    joiner = None
    while (word := parser.peek()) in ("and", "or"):
        if joiner not in (None, word):
            raise unsupported_query("A filter that mixes 'and' and 'or' is not served by the simulated tenant.")
        joiner = parser.take()
        terms.append(parser.term())
    if parser.peek() is not None:
        raise unsupported_query(f"Unexpected '{parser.peek()}' in the filter.")
    tests = [term.test for term in terms]
    ids = next((term.ids for term in terms if term.ids is not None), None) if joiner != "or" else None
    combine = any if joiner == "or" else all
    return Filter(lambda value: combine(test(value) for test in tests), ids, any(term.advanced for term in terms))


class _Parser:
    def __init__(self, text: str, key: str) -> None:
        self._key = key
        self._tokens: list[str] = []
        at = 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise unsupported_query(f"The filter can't be read from character {at}.")
            self._tokens.append(match.group().strip())
            at = match.end()

    def peek(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def take(self, expected: str | None = None) -> str:
        if not self._tokens or (expected is not None and self._tokens[0] != expected):
            raise unsupported_query(f"The filter lacks {expected or 'a word'}.")
        return self._tokens.pop(0)

    def term(self) -> Filter:
        word = self.take()
        if word == "startswith":
            return self._startswith()
        if word.endswith("/any"):
            return self._any(word.removesuffix("/any"))
        if word in ("not", "endswith", "contains", "(") or self.peek() == "(":
            raise unsupported_query(f"Operator '{word}' is not supported.")
        operator = self.take()
        if operator == "in":
            return self._in(word)
        compare = _COMPARE.get(operator)
        if compare is None:
            raise unsupported_query(f"Operator '{operator}' is not supported.")
        wanted = self._literal()
        ids = (wanted,) if operator == "eq" and word == self._key and isinstance(wanted, str) else None
        return Filter(_guarded(lambda value: compare(_at(value, word), wanted)), ids, operator == "ne")

    def _startswith(self) -> Filter:
        self.take("(")
        path = self.take()
        self.take(",")
        start = str(self._literal()).lower()
        self.take(")")
        return Filter(lambda value: str(_at(value, path) or "").lower().startswith(start), None, False)

    def _any(self, path: str) -> Filter:
        self.take("(")
        name = self.take()
        self.take(":")
        self.take(name)
        self.take("eq")
        wanted = self._literal()
        self.take(")")
        return Filter(lambda value: wanted in (_at(value, path) or ()), None, False)

    def _in(self, path: str) -> Filter:
        self.take("(")
        wanted = [self._literal()]
        while self.peek() == ",":
            self.take()
            wanted.append(self._literal())
        self.take(")")
        ids = tuple(str(w) for w in wanted) if path == self._key else None
        return Filter(lambda value: _at(value, path) in wanted, ids, False)

    def _literal(self) -> Any:
        word = self.take()
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if re.fullmatch(r"-?\d{1,18}", word):
            return int(word)
        if re.fullmatch(rf"[0-9a-fA-F-]{{36}}|{_INSTANT}", word):
            return word
        raise unsupported_query(f"'{word}' is not a value.")


def _at(value: Value, path: str) -> Any:
    found: Any = value
    for name in path.split("/"):
        if not isinstance(found, dict):
            return None
        if name not in found and found is value:
            raise Refusal(400, "BadRequest", f"Could not find a property named '{name}'.")
        found = found.get(name)
    return found


def _guarded(test: Test) -> Test:
    def guarded(value: Value) -> bool:
        try:
            return test(value)
        except TypeError as error:
            raise unsupported_query("The filter compares values of different types.") from error

    return guarded
