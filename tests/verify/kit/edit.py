"""Edits: the places where a story may break one value on its way into the archive."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

Edit = Callable[[T], T]
"""Takes the right value and gives the one that is written instead."""

Json = dict[str, Any]
"""A JSON object as the standard library reads it."""


def keep(value: T) -> T:
    """The edit that changes nothing."""
    return value


def always(value: T) -> Edit[T]:
    """Writes `value`, whatever was right."""
    return lambda right: value


def fields(**changes: Any) -> Edit[Any]:
    """Replaces fields of a frozen dataclass."""
    return lambda right: dataclasses.replace(right, **changes)


def member(path: str, value: Any) -> Edit[Json]:
    """Sets the member at a dotted path; a number steps into an array."""

    def edited(document: Json) -> Json:
        holder, last = _holder_of(document, path)
        holder[last] = value
        return document

    return edited


def without(path: str) -> Edit[Json]:
    """Removes the member at a dotted path."""

    def edited(document: Json) -> Json:
        holder, last = _holder_of(document, path)
        del holder[last]
        return document

    return edited


def flipped(at: int, bit: int = 0) -> Edit[bytes]:
    """Flips one bit of the byte at `at`, which may count from the end."""

    def edited(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[at] ^= 1 << bit
        return bytes(changed)

    return edited


def swapped(old: bytes, new: bytes) -> Edit[bytes]:
    """Replaces the first `old`, which must be there."""

    def edited(content: bytes) -> bytes:
        assert old in content, f"{old!r} is not in the bytes to be edited"
        return content.replace(old, new, 1)

    return edited


def _holder_of(document: Any, path: str) -> tuple[Any, Any]:
    steps: list[Any] = [int(step) if step.isdecimal() else step for step in path.split(".")]
    for step in steps[:-1]:
        document = document[step]
    return document, steps[-1]
