"""Pages that hold nothing but plain targets, recognised by their bytes.

Most of what relations send is `{"@odata.type":"#microsoft.graph.user","id":"..."}`, a hundred thousand times. Such
bytes are canonical already. A page counts as plain only if what was recognised, put together again, is the
page byte for byte; everything else takes the general way (`relation`, `page`), which gives the same records.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_ID = rb"[0-9A-Za-z._~-]{1,256}"
_TARGET = rb'\{"@odata\.type":"[#0-9A-Za-z.]{1,100}","id":"' + _ID + rb'"\}'
_TARGETS = re.compile(rb'(\{"@odata\.type":"[#0-9A-Za-z.]{1,100}","id":"(' + _ID + rb')"\})')


class PlainExpansion(NamedTuple):
    """One object of an expanding pass: its id, and its targets as entries `id 00 target` in the order sent."""

    id: str
    entries: list[bytes]


def plain_targets_of(values: bytes) -> list[bytes] | None:
    """Gives the entries `id 00 target` of a page, a JSON array of targets; None if the page is not plain."""
    found = _TARGETS.findall(values)
    if b"[" + b",".join([target for target, _ in found]) + b"]" != values:
        return None
    return [id_ + b"\x00" + target for target, id_ in found]


def plain_expansions_of(values: bytes, key: str, relation: str, reference: bool) -> list[PlainExpansion] | None:
    """Gives what a page of objects says of one expanded relation; None if the page is not plain.

    `reference`: the relation has one target, which is absent or null where there is none.
    """
    found = _objects_pattern(key, relation, reference).findall(values)
    if b"[" + b",".join([whole for whole, _, _ in found]) + b"]" != values:
        return None
    return [
        PlainExpansion(id_.decode("ascii"), [one + b"\x00" + target for target, one in _TARGETS.findall(targets)])
        for _, id_, targets in found
    ]


@cache
def _objects_pattern(key: str, relation: str, reference: bool) -> re.Pattern[bytes]:
    head = rb'(\{"' + re.escape(key.encode()) + rb'":"(' + _ID + rb')"'
    name = rb',"' + re.escape(relation.encode()) + rb'":'
    if reference:
        return re.compile(head + rb"(?:" + name + rb"(" + _TARGET + rb"|null))?\})")
    return re.compile(head + name + rb"(\[(?:" + _TARGET + rb"(?:," + _TARGET + rb")*)?\])\})")
