"""The form that the objects of one collection share, learned from some of them, to read the others fast.

Objects of a collection have the same members, page after page. Read into a structure whose members are known and
sorted beforehand, an object costs half of what it costs as a dictionary. A form is a guess, and what it gives is
believed only where that provably is canonical, by the proof that stands in `canonical`: a member that the form
lacks is lost in reading, which makes the result shorter than what came, as everything does that is not canonical.
What does not fit takes the general way, which gives the same bytes.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from archiver.graph.canonical import FAST_DEPTH, is_removed

_LESSON = 64
"""Objects that did not fit, after which the form is widened by them."""
_MAX_LESSONS = 16
"""Times that a form is widened: objects that have nothing in common are left to the general way."""
_MAX_MEMBERS = 4096
"""Members of a form, at all its levels together; a user has some 150."""
_PLAIN_NAME = re.compile(r"[0-9A-Za-z_@.-]{1,256}")

_ENCODER = msgspec.json.Encoder(order="deterministic")
"""Leaves the members of a structure in the order in which they were declared."""


class FormedObject(NamedTuple):
    """An object's canonical bytes, and the value of its key member, `msgspec.UNSET` where that is absent."""

    key: object
    text: bytes


class Form:
    """The form of a collection's objects; at first nothing fits it.

    `key` names the member whose value is wanted. Objects that hold an annotation which canonical bytes leave
    out, or one of `without` as a member, never fit.
    """

    def __init__(self, key: str, without: frozenset[str]) -> None:
        self._key = key
        self._without = without
        self._seen = _Seen()
        self._misfits: list[object] = []
        self._lessons = 0
        self._key_field = ""
        self._decoder: msgspec.json.Decoder[Any] | None = None

    def object_in(self, unverified: bytes | msgspec.Raw) -> FormedObject | None:
        """Gives one object; None if it does not fit."""
        if self._decoder is None:
            return None
        try:
            formed = self._decoder.decode(unverified)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        text = _ENCODER.encode(formed)
        return FormedObject(getattr(formed, self._key_field), text) if len(text) == len(unverified) else None

    def note_misfit(self, value: object) -> None:
        """Takes note of an object that did not fit; so many of them widen the form."""
        if self._lessons == _MAX_LESSONS:
            return
        self._misfits.append(value)
        if len(self._misfits) == _LESSON:
            self._lessons += 1
            for misfit in self._misfits:
                self._seen.take(misfit, self._without)
            self._misfits.clear()
            self._cast()

    def _cast(self) -> None:
        members = self._seen.members or {}
        if self._key not in members or self._seen.size() > _MAX_MEMBERS:
            return
        self._key_field = _field_name(sorted(members).index(self._key))
        self._decoder = msgspec.json.Decoder(_structure_of(members))


class _Seen:
    """What was seen in one place of objects: members of an object there, items of an array there, or neither."""

    def __init__(self) -> None:
        self.members: dict[str, _Seen] | None = None
        self.items: _Seen | None = None

    def take(self, value: object, without: frozenset[str] = frozenset(), depth: int = FAST_DEPTH) -> None:
        """Adds what one value holds, as deep as the proof goes."""
        if depth == 0:
            return
        if isinstance(value, dict):
            self.members = self.members if self.members is not None else {}
            for name, member in value.items():
                if _PLAIN_NAME.fullmatch(name) and not is_removed(name) and name not in without:
                    self.members.setdefault(name, _Seen()).take(member, depth=depth - 1)
        elif isinstance(value, list):
            self.items = self.items or _Seen()
            for item in value:
                self.items.take(item, depth=depth - 1)

    def size(self) -> int:
        """Members at all levels."""
        below = [*(self.members or {}).values(), *([self.items] if self.items else [])]
        return len(self.members or {}) + sum(one.size() for one in below)

    def type(self) -> Any:
        """The type that admits such values, and scalars anywhere: no fraction and no exponent."""
        kind: Any = str | int | bool | None
        if self.members is not None:
            kind = _structure_of(self.members) | kind
        if self.items is not None:
            kind = list[self.items.type()] | kind  # type: ignore[misc]
        return kind


def _structure_of(members: dict[str, _Seen]) -> Any:
    names = sorted(members)
    return msgspec.defstruct(
        "Formed",
        [(_field_name(at), members[name].type() | msgspec.UnsetType, msgspec.UNSET) for at, name in enumerate(names)],
        rename={_field_name(at): name for at, name in enumerate(names)},
        gc=False,
    )


def _field_name(at: int) -> str:
    return f"f{at}"
