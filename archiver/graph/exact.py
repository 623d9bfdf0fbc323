"""JSON taken apart and put together again without losing anything: the slow, exact path of `canonical`.

Numbers stay text, so that neither their length nor Python's limit on digits matters. Names must be unique,
nesting is bounded, and what is not RFC 8259 JSON in UTF-8 without a byte order mark is refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from archiver.graph.errors import MalformedPageError

MAX_DEPTH = 128
"""Containers inside each other, the outermost counted as 1 (COMMANDS.md section 3)."""
MAX_EXPONENT = 999_999
"""Greatest absolute exponent, as written and as it comes out (COMMANDS.md section 3)."""

_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Number(str):
    """A number in its canonical text."""

    __slots__ = ()


def parse(unverified: bytes, *, max_depth: int = MAX_DEPTH) -> object:
    """Gives the value as dict, list, str, `Number`, bool and None.

    Raises:
        MalformedPageError: not UTF-8, a byte order mark, not JSON, a name twice, too deep, or a number that
            is out of range.
    """
    try:
        value: object = _DECODER.decode(unverified.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedPageError(f"the answer is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise MalformedPageError(f"the answer is not JSON: {error}") from error
    except RecursionError as error:
        raise MalformedPageError(f"the answer is nested deeper than {max_depth}") from error
    _check_depth(value, max_depth)
    return value


def text_of(value: object) -> str:
    """Gives the canonical text of a value that `parse` gave; it holds no lone surrogate."""
    if isinstance(value, dict):
        return "{" + ",".join([f"{string_of(name)}:{text_of(value[name])}" for name in sorted(value)]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([text_of(item) for item in value]) + "]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return string_of(value)
    if value is None:
        return "null"
    if isinstance(value, int):
        return ("true" if value else "false") if isinstance(value, bool) else str(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def string_of(text: str) -> str:
    """Gives a string in quotes: only `"`, `\\`, U+0000 to U+001F and lone surrogates are escaped."""
    return f'"{_TO_ESCAPE.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def _integer(token: str) -> Number:
    return Number("0" if token == "-0" else token)


def _decimal(token: str) -> Number:
    written = token.lower().partition("e")[2].lstrip("+-").lstrip("0")
    if len(written) > len(str(MAX_EXPONENT)):
        raise MalformedPageError("the answer has a number whose exponent is out of range")
    try:
        text = str(Decimal(token))
    except InvalidOperation as error:
        raise MalformedPageError("the answer has a number that no decimal can hold") from error
    if abs(int(text.partition("E")[2] or "0")) > MAX_EXPONENT or int(written or "0") > MAX_EXPONENT:
        raise MalformedPageError("the answer has a number whose exponent is out of range")
    return Number(text)


def _constant(token: str) -> NoReturn:
    raise MalformedPageError(f"the answer has {token}, which is not JSON")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedPageError("the answer has an object with the same name twice")
    return members


def _check_depth(value: object, max_depth: int) -> None:
    containers = [value] if isinstance(value, (dict, list)) else []
    for _ in range(max_depth):
        containers = [
            child
            for container in containers
            for child in (container.values() if isinstance(container, dict) else container)
            if isinstance(child, (dict, list))
        ]
        if not containers:
            return
    raise MalformedPageError(f"the answer is nested deeper than {max_depth}")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_int=_integer,
    parse_float=_decimal,
    parse_constant=_constant,
    strict=True,
)
