"""One answer of Graph taken apart without reading its objects: the values, and where the next page is.

The bytes of each object stay as they came, so that `canonical` sees what Graph sent.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import zstandard

from archiver.graph.errors import MalformedPageError
from archiver.graph.exact import MAX_DEPTH, parse, text_of
from archiver.graph.guid import id_as_graph_writes

_ENVELOPE_DEPTH = 8
"""Levels that an envelope adds around an object: an answer in a batch of a page of objects adds five."""
_WAITING_LEVEL = 1  # zstd
_SHOWN = 100
"""Characters of a text of Graph's in a message."""


class _Error(msgspec.Struct):
    """Graph's error, as far as it tells one from a property that is called so."""

    code: str


_MEMBERS: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT: msgspec.json.Decoder[str] = msgspec.json.Decoder(str)
_ERROR: msgspec.json.Decoder[_Error] = msgspec.json.Decoder(_Error)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises; the last where brackets are nested by the thousand."""


class Page(NamedTuple):
    """`values` is the array of objects as it came; the last page has no next link.

    `begins_anew`: the list begins with it once more, so that what came before comes again.
    """

    values: bytes
    next_link: str | None
    begins_anew: bool = False


def page_of(unverified: bytes) -> Page:
    """Takes a collection's page apart.

    Raises:
        MalformedPageError: empty, truncated, a member twice, an error in it, or no array named `value`.
    """
    members = members_of(unverified)
    refuse_error(members)
    values = members.get("value", b"")
    if not values.startswith(b"["):
        raise MalformedPageError("the answer is no page: it has no array named value")
    return Page(values, link_in(members, "@odata.nextLink"))


def single_of(unverified: bytes) -> bytes:
    """Gives the bytes of an answer that is one object, having seen that they are whole.

    Raises:
        MalformedPageError: empty, truncated, a member twice, or Graph's error in the place of an object.
    """
    _object_of(unverified)
    return unverified


def named_of(unverified: bytes, key: str, asked: str) -> dict[str, bytes]:
    """Gives the members of an answer that is the object whose `key` is `asked`.

    Raises:
        MalformedPageError: as for `single_of`, or the object is not the one that was asked for.
    """
    members = _object_of(unverified)
    try:
        came = _TEXT.decode(members.get(key, b"null"))
    except _UNREADABLE as error:
        raise MalformedPageError(f"the answer is no object with a usable {key}") from error
    if id_as_graph_writes(came) != id_as_graph_writes(asked):
        raise MalformedPageError(f"the answer is another object than was asked for: its {key} is {came[:_SHOWN]!r}")
    return members


def refuse_error(members: dict[str, bytes]) -> None:
    """Raises MalformedPageError where the members of an answer's envelope hold an error.

    It stands alone in the place of what was asked for, or behind a list that broke off (OData JSON Format 4.01,
    section 21).
    """
    if "error" not in members:
        return
    try:
        code = _ERROR.decode(members["error"]).code
    except _UNREADABLE:
        return
    raise MalformedPageError(f"the answer is 200, and in it is an error: {code[:_SHOWN]!r}")


def _object_of(unverified: bytes) -> dict[str, bytes]:
    """An object may have a property that is called error; the envelope of an error holds nothing else."""
    members = members_of(unverified)
    if all(name == "error" or "@" in name for name in members):
        refuse_error(members)
    return members


def values_of(values: bytes) -> list[msgspec.Raw]:
    """Gives the elements of a JSON array, each as its bytes.

    Raises:
        MalformedPageError: the bytes are no array.
    """
    try:
        return _ITEMS.decode(values)
    except _UNREADABLE as error:
        raise MalformedPageError(f"the answer has no array of objects: {error}") from error


def members_of(unverified: bytes) -> dict[str, bytes]:
    """Gives the members of a JSON object by name, each as its bytes.

    Raises:
        MalformedPageError: the bytes are no object, or a name stands twice.
    """
    if not unverified:
        raise MalformedPageError("the answer is empty")
    try:
        members = _MEMBERS.decode(unverified)
    except _UNREADABLE:
        members = None
    if members is not None and _is_all(members, unverified):
        return {name: bytes(raw) for name, raw in members.items()}
    value = parse(unverified, max_depth=MAX_DEPTH + _ENVELOPE_DEPTH)
    if not isinstance(value, dict):
        raise MalformedPageError("the answer is no JSON object")
    return {name: text_of(member).encode("utf-8") for name, member in value.items()}


def link_in(members: dict[str, bytes], name: str) -> str | None:
    """Gives the link that an envelope has under `name`, None where it has none.

    Raises:
        MalformedPageError: it is no text.
    """
    if name not in members:
        return None
    try:
        return _TEXT.decode(members[name])
    except _UNREADABLE as error:
        raise MalformedPageError(f"the answer's {name} is no text") from error


def packed(values: bytes) -> bytes:
    """Gives a page's array, or other text, in the form in which it waits for what belongs to it.

    The compressor's result keeps the room that incompressible input would have taken; its copy does not.
    """
    return bytes(memoryview(zstandard.ZstdCompressor(level=_WAITING_LEVEL).compress(values)))


def unpacked(page: bytes) -> bytes:
    """Gives back what was packed."""
    return zstandard.ZstdDecompressor().decompress(page)


def _is_all(members: dict[str, msgspec.Raw], unverified: bytes) -> bool:
    """Whether names and values fill the bytes: then there was no white space, no escape and no name twice."""
    punctuation = 2 + max(0, len(members) - 1) + 3 * len(members)
    filled = sum([len(name.encode("utf-8")) + len(raw) for name, raw in members.items()])
    return punctuation + filled == len(unverified)
