"""Which attributes of an object differ, as JSON Pointers (RFC 6901)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

Value = None | bool | int | float | str | Decimal | list["Value"] | dict[str, "Value"]

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ABSENT = object()


class AttributeChange(NamedTuple):
    """One attribute that differs. `before` or `after` is None where the attribute is null or absent."""

    path: str
    before: Value
    after: Value


def value_of(content: bytes) -> Value:
    """Parses canonical JSON; numbers with a fraction stay exact, as Decimal."""
    try:
        value: Value = _DECODER.decode(content)
    except (msgspec.DecodeError, ValueError):
        # What the fast decoder refuses and canonical bytes allow: lone surrogates, integers of thousands of digits.
        value = json.loads(content, parse_float=Decimal, parse_int=Decimal)
    return value


def attribute_changes_of(before: Value, after: Value, path: str = "") -> Iterator[AttributeChange]:
    """Yields what differs, in the order of names. Objects are entered; an array is one value, since its
    members have no identity that a pointer could hold on to.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
            if one is _ABSENT or other is _ABSENT:
                yield AttributeChange(
                    f"{path}/{_escaped(name)}",
                    None if one is _ABSENT else before[name],
                    None if other is _ABSENT else after[name],
                )
            elif not _same(before[name], after[name]):
                yield from attribute_changes_of(before[name], after[name], f"{path}/{_escaped(name)}")
    elif not _same(before, after):
        yield AttributeChange(path, before, after)


def has_member(value: Value, path: str) -> bool:
    """Whether the member of an object that a path of `attribute_changes_of` names is there, null counting as there."""
    for name in path.split("/")[1:]:
        member = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or member not in value:
            return False
        value = value[member]
    return True


def _same(one: Value, other: Value) -> bool:
    """Equality that tells true from 1, and 2.5 from 2.50 as the archive does (their canonical bytes differ)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        # A list, since values nest deep and a generator on each level would use up the stack sooner.
        return one.keys() == other.keys() and all([_same(value, other[name]) for name, value in one.items()])  # noqa: C419
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return str(one) == str(other) if isinstance(one, Decimal) else one == other


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
