"""Canonical bytes of a JSON value, as COMMANDS.md section 3 fixes them, and what is removed on the way.

Two ways give the same bytes. The fast one lets msgspec decode and encode with sorted names, and is trusted
only where its result provably is canonical; everything else takes the exact one. The proof: the decoder's
type admits no fraction and no exponent and at most `FAST_DEPTH` levels; msgspec sorts names by UTF-8 bytes,
which is the order of code points; it escapes exactly what is canonical. Encoding then never makes a token
longer than it came, and a second member of one name, white space, a foreign escape and `-0` each make the
result shorter. So if it is as long as what was read, nothing was lost and nothing respelled but the case
of hexadecimal digits, which the encoder sets right.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from archiver.graph.exact import parse, text_of

FAST_DEPTH = 8
"""Levels that the fast path admits; a user has four, a conditional access policy five."""


def _shallow(levels: int) -> Any:
    shallow: Any = str | int | bool | None
    for _ in range(levels):
        shallow = dict[str, shallow] | list[shallow] | str | int | bool | None
    return shallow


_DECODER: msgspec.json.Decoder[object] = msgspec.json.Decoder(_shallow(FAST_DEPTH))
_ENCODER = msgspec.json.Encoder(order="sorted")

_NO_NAMES: frozenset[str] = frozenset()
_OF_THE_OBJECT = frozenset({"context", "count", "nextLink", "deltaLink", "etag", "id", "editLink"})
_OF_A_PROPERTY = frozenset({"context", "nextLink", "count", "navigationLink", "associationLink", "delta"})


class CanonicalValue(NamedTuple):
    """A value and its canonical bytes. Numbers in `value` may be `exact.Number`, their canonical text."""

    value: object
    text: bytes


def canonical_value_of(unverified: bytes | msgspec.Raw, without: frozenset[str] = _NO_NAMES) -> CanonicalValue:
    """Gives one JSON value with its canonical bytes; members of the outermost object in `without` are left out.

    Raises:
        MalformedPageError: the bytes are not what COMMANDS.md section 3 allows.
    """
    fast = _fast(unverified)
    if fast is None:
        return exact_canonical_value_of(unverified, without)
    annotated = b"@odata." in fast.text and fast.text.count(b"@odata.") != fast.text.count(b'@odata.type":')
    if annotated or (without and isinstance(fast.value, dict) and not without.isdisjoint(fast.value)):
        value = _stripped(fast.value, without)
        return CanonicalValue(value, _ENCODER.encode(value))
    return fast


def exact_canonical_value_of(unverified: bytes | msgspec.Raw, without: frozenset[str] = _NO_NAMES) -> CanonicalValue:
    """What `canonical_value_of` gives, by the exact path alone: the measure that the fast path is held to.

    Raises:
        MalformedPageError: the bytes are not what COMMANDS.md section 3 allows.
    """
    value = _stripped(parse(bytes(unverified)), without)
    return CanonicalValue(value, text_of(value).encode("utf-8"))


def _fast(unverified: bytes | msgspec.Raw) -> CanonicalValue | None:
    try:
        value = _DECODER.decode(unverified)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    text = _ENCODER.encode(value)
    return CanonicalValue(value, text) if len(text) == len(unverified) else None


def is_removed(name: str) -> bool:
    """Whether a member is an annotation of OData that canonical bytes leave out."""
    owner, annotation, word = name.rpartition("@odata.")
    return bool(annotation) and word in (_OF_A_PROPERTY if owner else _OF_THE_OBJECT)


def _stripped(value: object, without: frozenset[str] = _NO_NAMES) -> object:
    if isinstance(value, dict):
        return {
            name: _stripped(member) for name, member in value.items() if name not in without and not is_removed(name)
        }
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    return value
