"""The key of a record: which object, which relation part or stream, in an order that every file shares.

A key is bytes, so that sorting, comparing and hashing need no parsing:

    collection 00 id 00 parent 00 kind name 00 part

Strings are UTF-8. `parent` is empty, or the elements of the line's `parent` joined by 01. `kind` is one of
`o` (object), `r` (relation), `s` (stream); `name` is the relation's or stream's name and empty for an
object; `part` is eight lower-case hex digits for a relation and empty otherwise. No string holds a code
point below U+0020, so bytewise order is the order of FORMAT.md: collection, id, parent (an absent one
first), kind, name, part.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from verify.errors import MalformedError

MAX_KEY_BYTES = 4096
"""Bytes; Graph ids are under 200, a path of parents a few times that."""

_PARENT_SEPARATOR = "\x01"
_CONTROL = re.compile(r"[\x00-\x1f]")
_PART = re.compile(r"[0-9a-f]{8}\Z")

OBJECT, RELATION, STREAM = "o", "r", "s"

OBJECT_ENDING = b"\x00o\x00"
"""How the key of every object ends, and no other key."""


class Record(NamedTuple):
    """One record: its key, and its canonical line without the LF. The line's SHA-256 is the record hash."""

    key: bytes
    line: bytes


class KeyFields(NamedTuple):
    """A key taken apart. `part` is 0 unless `kind` is RELATION; `parent` is empty for a top-level record."""

    collection: str
    id: str
    parent: tuple[str, ...] = ()
    kind: str = OBJECT
    name: str = ""
    part: int = 0


class KeyParts(NamedTuple):
    """The bytes between a key's separators; `parent` and `part` are empty where there is none."""

    collection: bytes
    id: bytes
    parent: bytes
    kind_name: bytes
    part: bytes


def key_of(fields: KeyFields) -> bytes:
    """Returns the key's bytes.

    Raises:
        MalformedError: a string holds a control character or a lone surrogate, or the key is too long.
    """
    texts = (fields.collection, fields.id, *fields.parent, fields.name)
    if any(_CONTROL.search(text) for text in texts) or not fields.collection or not fields.id:
        raise MalformedError(f"a record of {fields.collection!r} has an id or a name that no key can hold")
    part = f"{fields.part:08x}" if fields.kind == RELATION else ""
    text = "\x00".join(
        (fields.collection, fields.id, _PARENT_SEPARATOR.join(fields.parent), fields.kind + fields.name, part)
    )
    try:
        key = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedError(f"a record of {fields.collection!r} has a lone surrogate in its id") from error
    if len(key) > MAX_KEY_BYTES:
        raise MalformedError(f"a key of {fields.collection!r} is longer than {MAX_KEY_BYTES} bytes")
    return key


def parts_of(key: bytes) -> KeyParts:
    """Splits a key that `key_of` made or that was proved, and checks nothing: `fields_of` is for any other."""
    return KeyParts._make(key.split(b"\x00"))


def fields_of(key: bytes) -> KeyFields:
    """Takes a key apart; the inverse of `key_of`.

    Raises:
        MalformedError: the bytes are not a key in its one allowed spelling.
    """
    try:
        collection, id_, parent, kind_name, part = key.decode("utf-8").split("\x00")
        fields = KeyFields(
            collection,
            id_,
            tuple(parent.split(_PARENT_SEPARATOR)) if parent else (),
            kind_name[:1],
            kind_name[1:],
            int(part, 16) if _PART.match(part) else 0,
        )
    except ValueError as error:
        raise MalformedError(f"{key[:80]!r} is not a key") from error
    if fields.kind not in (OBJECT, RELATION, STREAM) or (fields.kind == OBJECT) != (not fields.name):
        raise MalformedError(f"{key[:80]!r} is not a key: kind or name")
    if key_of(fields) != key:
        raise MalformedError(f"{key[:80]!r} is not a key in its one spelling")
    return fields
