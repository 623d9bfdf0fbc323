"""Strict JSON (FORMAT.md section 2, F-JSON-1 and F-JSON-2): one spelling of trust, no second reading of a document.

Two parsers that read one document differently are a way to have something else signed than what is used. So
duplicate names, NaN, lone surrogates, fractions and integers beyond 2**53 are refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from verify.constants import MAX_CONTROL_BYTES
from verify.errors import MalformedError

MAX_DEPTH = 64
MAX_INTEGER = 2**53
MAX_CONTAINERS = 2**20
"""Arrays and objects of one document; sixteen MiB of nothing else would take fifty times as much memory."""

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_NAME_CHARACTERS = 40


class Members:
    """The members of one JSON object, each taken by name and type.

    `what` names the document in messages. Every method raises MalformedError when the member is missing or is
    not of the type asked for; members that nobody asks for are kept and ignored.
    """

    def __init__(self, members: dict[str, Any], what: str) -> None:
        self._members = members
        self._what = what

    @property
    def what(self) -> str:
        """The name of the document, for messages."""
        return self._what

    def names(self) -> frozenset[str]:
        """All names, the unknown ones too."""
        return frozenset(self._members)

    def malformed(self, name: str, need: str) -> MalformedError:
        """Returns the error that says what member `name` must be."""
        return MalformedError(f"{self._what}: {name[:_NAME_CHARACTERS]!r} must be {need}")

    def text(self, name: str) -> str:
        """A string."""
        value = self._member(name)
        if not isinstance(value, str):
            raise self.malformed(name, "a string")
        return value

    def integer(self, name: str, low: int = 0, high: int = MAX_INTEGER) -> int:
        """An integer from `low` to `high`."""
        value = self._member(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.malformed(name, f"an integer from {low} to {high}")
        return value

    def boolean(self, name: str) -> bool:
        """true or false."""
        value = self._member(name)
        if not isinstance(value, bool):
            raise self.malformed(name, "true or false")
        return value

    def hex(self, name: str, length: int) -> str:
        """Lower-case hex of `length` bytes, as text."""
        value = self.text(name)
        if len(value) != 2 * length or not _HEX.fullmatch(value):
            raise self.malformed(name, f"{2 * length} lower-case hex digits")
        return value

    def base64(self, name: str, length: int | None = None) -> bytes:
        """Canonical base64 with padding; of `length` bytes, if that is given."""
        try:
            value = bytes_of_base64(self.text(name))
        except MalformedError as error:
            raise self.malformed(name, "canonical base64") from error
        if length is not None and len(value) != length:
            raise self.malformed(name, f"base64 of {length} bytes")
        return value

    def time(self, name: str) -> datetime:
        """A UTC instant in the one spelling of the format."""
        value = self.text(name)
        try:
            return time_of(value)
        except MalformedError as error:
            raise self.malformed(name, "a time such as 2026-11-21T02:17:09Z") from error

    def members(self, name: str) -> Members:
        """An object."""
        value = self._member(name)
        if not isinstance(value, dict):
            raise self.malformed(name, "an object")
        return Members(value, f"{self._what}, {name[:_NAME_CHARACTERS]!r}")

    def items(self, name: str) -> Iterator[Members]:
        """An array of objects."""
        for number, item in enumerate(self._array(name)):
            if not isinstance(item, dict):
                raise self.malformed(name, "an array of objects")
            yield Members(item, f"{self._what}, {name}[{number}]")

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings."""
        array = self._array(name)
        if not all(isinstance(item, str) for item in array):
            raise self.malformed(name, "an array of strings")
        return tuple(array)

    def is_null(self, name: str) -> bool:
        """Whether the member, which must be there, is null."""
        return self._member(name) is None

    def _array(self, name: str) -> list[Any]:
        value = self._member(name)
        if not isinstance(value, list):
            raise self.malformed(name, "an array")
        return value

    def _member(self, name: str) -> Any:
        if name not in self._members:
            raise MalformedError(f"{self._what}: member {name!r} is missing")
        return self._members[name]


def members_of(unverified: bytes, what: str) -> Members:
    """Parses a control document: one object in strict JSON.

    Raises:
        MalformedError: too long, or not strict JSON.
    """
    if len(unverified) > MAX_CONTROL_BYTES:
        raise MalformedError(f"{what}: longer than {MAX_CONTROL_BYTES} bytes (F-LIM-1)")
    if unverified.count(b"[") + unverified.count(b"{") > MAX_CONTAINERS:
        raise MalformedError(f"{what}: more than {MAX_CONTAINERS} arrays and objects (F-LIM-1)")
    try:
        value = json.loads(
            unverified.decode("utf-8"),
            object_pairs_hook=_object_of,
            parse_int=_integer_of,
            parse_float=_refused,
            parse_constant=_refused,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, MalformedError) as error:
        raise MalformedError(f"{what}: not strict JSON: {error}") from error
    except RecursionError as error:
        raise MalformedError(f"{what}: nested deeper than {MAX_DEPTH}") from error
    if not isinstance(value, dict):
        raise MalformedError(f"{what}: not a JSON object")
    _check(value, what)
    return Members(value, what)


def base64_of(content: bytes) -> str:
    """Returns base64 with padding (RFC 4648 section 4) in its one canonical spelling."""
    return base64.b64encode(content).decode("ascii")


def bytes_of_base64(text: str) -> bytes:
    """Decodes base64 with padding (RFC 4648 section 4) in its one canonical spelling.

    Raises:
        MalformedError: another spelling, or no base64.
    """
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64") from error
    if base64_of(value) != text:
        raise MalformedError("not canonical base64")
    return value


def time_of(text: str) -> datetime:
    """Reads a time in the one spelling of the format, `2026-11-21T02:17:09Z`.

    Raises:
        MalformedError: another spelling, or no such instant.
    """
    try:
        if not _TIME.fullmatch(text):
            raise MalformedError("not a time in the spelling of the format")
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("no such instant") from error


def text_of_time(instant: datetime) -> str:
    """Returns the one spelling of an aware instant, cut to whole seconds."""
    # Not strftime, which writes the year 1 as `1` where the C library does.
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("an object has two members of the same name")
    return members


def _integer_of(token: str) -> int:
    if len(token) > 17 or not -MAX_INTEGER <= int(token) <= MAX_INTEGER:
        raise MalformedError("an integer beyond 2**53")
    return int(token)


def _refused(token: str) -> Any:
    raise MalformedError(f"the number {token[:_NAME_CHARACTERS]} is not an integer")


def _check(value: Any, what: str) -> None:
    """Refuses what is nested too deep and strings that no UTF-8 can hold, without recursion."""
    level = [value]
    for depth in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one, what)
            elif isinstance(one, (dict, list)):
                if depth == MAX_DEPTH:
                    raise MalformedError(f"{what}: nested deeper than {MAX_DEPTH}")
                below.extend(one)
                if isinstance(one, dict):
                    below.extend(one.values())
        level = below


def _check_text(text: str, what: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedError(f"{what}: a string holds a lone surrogate") from error
