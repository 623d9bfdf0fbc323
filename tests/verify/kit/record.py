"""Lines and keys of FORMAT.md section 4, made from plain values."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, NamedTuple


class ForgedRecord(NamedTuple):
    """A key and the line without its LF. Nothing makes the two agree but the functions below."""

    key: bytes
    line: bytes

    @property
    def hash(self) -> bytes:
        """The record hash."""
        return hashlib.sha256(self.line).digest()


def key_of(collection: str, id_: str, parent: tuple[str, ...] = (), kind_name: str = "o", part: str = "") -> bytes:
    """The key's bytes, without any check of what goes in."""
    return b"\x00".join(text.encode("utf-8") for text in (collection, id_, "\x01".join(parent), kind_name, part))


def object_of(collection: str, id_: str, value: dict[str, Any], parent: tuple[str, ...] = ()) -> ForgedRecord:
    """The record of an object."""
    members: dict[str, Any] = {"collection": collection, "id": id_, "value": value}
    return ForgedRecord(key_of(collection, id_, parent), _line_of(members, parent))


def part_of(
    collection: str,
    id_: str,
    relation: str,
    targets: list[dict[str, Any]],
    *,
    part: int = 0,
    parts: int = 1,
) -> ForgedRecord:
    """The record of one part of a relation; targets are sorted by id here."""
    value = sorted(targets, key=lambda target: str(target["id"]))
    members = {
        "collection": collection,
        "id": id_,
        "relation": relation,
        "part": part,
        "parts": parts,
        "value": value,
    }
    return ForgedRecord(key_of(collection, id_, (), "r" + relation, f"{part:08x}"), _line_of(members, ()))


def stream_of(collection: str, id_: str, stream: str, media_type: str, content: bytes) -> ForgedRecord:
    """The record of a stream."""
    value = base64.b64encode(content).decode("ascii")
    members = {"collection": collection, "id": id_, "stream": stream, "type": media_type, "value": value}
    return ForgedRecord(key_of(collection, id_, (), "s" + stream), _line_of(members, ()))


def _line_of(members: dict[str, Any], parent: tuple[str, ...]) -> bytes:
    if parent:
        members["parent"] = list(parent)
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
