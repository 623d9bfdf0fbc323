"""JSON text of values whose numbers are exact: Decimal becomes the number that it is, not a float or a string."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

_ENCODER = json.JSONEncoder()
_PLAIN_ENCODER = json.JSONEncoder(ensure_ascii=False)


def exact_json_of(value: object, *, indent: int | None = None, plain: bool = False) -> str:
    """Returns JSON; members in the order given; with `indent` one member a line.

    In ASCII, or `plain` for eyes: letters of every script as they are.

    Raises:
        TypeError: a value has no JSON form.
    """
    return _text_of(value, indent, 0, _PLAIN_ENCODER if plain else _ENCODER)


def _text_of(value: object, indent: int | None, depth: int, encoder: json.JSONEncoder) -> str:
    if isinstance(value, str):
        return encoder.encode(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        space = "" if indent is None else " "
        members = [f"{encoder.encode(str(name))}:{space}{_text_of(one, indent, depth + 1, encoder)}"
                   for name, one in value.items()]  # fmt: skip
        return _joined("{", members, "}", indent, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return _joined("[", [_text_of(one, indent, depth + 1, encoder) for one in value], "]", indent, depth)
    return encoder.encode(value)


def _joined(opening: str, members: list[str], closing: str, indent: int | None, depth: int) -> str:
    if not members:
        return opening + closing
    if indent is None:
        return opening + ",".join(members) + closing
    pad = "\n" + " " * indent * (depth + 1)
    return opening + pad + f",{pad}".join(members) + "\n" + " " * indent * depth + closing
