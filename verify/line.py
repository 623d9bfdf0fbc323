"""Lines against keys: the key of a row must be the one that the line's own members give (F-LINE-1).

A line is canonical, so a key has one possible beginning of its line, but for the number of parts of a relation
and the media type of a stream. The beginnings of a whole page are made with a few replacements in its key
text; what these do not cover is made row by row.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left

from verify.block_text import BlockText
from verify.errors import MalformedError
from verify.key import OBJECT, RELATION, STREAM, KeyFields, fields_of
from verify.page import Page

_CONTAINED = re.compile(rb"[^\x00\x01]+\x00[^\x00\x01]+\x00[^\x00\x01]+(?:\x01[^\x00\x01]+)+\x00o\x00")
"""The key of a contained object, by far the commonest key with a parent."""
_RELATION_REST = re.compile(rb'([1-9][0-9]{0,9}),"relation":')
_STREAM_REST = re.compile(rb'"[^"\\\x00-\x1f]*","value":"')
_SHOWN_BYTES = 120
_ENDINGS = {OBJECT: b"}}", RELATION: b"]}", STREAM: b'"}'}
"""How a line ends: with its value, which is its last member, so that no second `id` stands behind it."""


def check_lines(page: Page, block: BlockText, what: str) -> None:
    """Proves that line i of a block is the line of key i of its page, for all rows.

    Raises:
        MalformedError: F-LINE-1 or F-KEY-1; the message names the first key concerned.
    """
    low, rows = 0, len(page.keys)
    while low < rows:
        collection = page.keys[low][: page.keys[low].index(0)]
        high = bisect_left(page.keys, collection + b"\x01", low)
        whole = low == 0 and high == rows
        text = page.key_text if whole else b"\n".join(page.keys[low:high])
        for row in _unmatched(text, collection, block.text, block.starts[low : high + 1]):
            check_line(page.keys[low + row], block.line(low + row), what)
        low = high


def check_line(key: bytes, line: bytes, what: str) -> None:
    """Proves that `line` is the line of `key`; raises as `check_lines`."""
    try:
        fields = fields_of(key)
    except MalformedError as error:
        raise MalformedError(f"{what}: {error.message} (F-KEY-1)") from error
    if not _is_line_of(fields, line) or not line.endswith(_ENDINGS[fields.kind]):
        raise MalformedError(
            f"{what}: the line {line[:_SHOWN_BYTES]!r} is not the line of key {key[:_SHOWN_BYTES]!r} (F-LINE-1)"
        )


def _unmatched(key_text: bytes, collection: bytes, text: bytes, starts: list[int]) -> list[int]:
    """Returns the rows that the replacements do not prove; all keys are of one collection.

    `starts` says where in `text` the line of each key begins and, last, where the line after them does.
    """
    made = _beginnings_of(key_text, collection)
    if b'""' in made:  # an empty id, name or parent, which no key may have
        return list(range(len(starts) - 1))
    beginnings = made.split(b"\n")[1:-1]
    if b"[\n" in made:
        endings = [b"]}\n" if beginning.endswith(b"[") else b"}}\n" for beginning in beginnings]
    else:
        endings = [b"}}\n"] * len(beginnings)
    tails = [start - 3 for start in starts[1:]]
    if (
        b"\x00" not in made
        and all(map(text.startswith, beginnings, starts))
        and all(map(text.startswith, endings, tails))
    ):
        return []
    return [
        row
        for row, (beginning, ending) in enumerate(zip(beginnings, endings, strict=True))
        if b"\x00" in beginning
        or not text.startswith(beginning, starts[row])
        or not text.startswith(ending, tails[row])
    ]


def _beginnings_of(key_text: bytes, collection: bytes) -> bytes:
    """Returns the beginnings of the lines, each between two LF; byte 00 is left where a key is of another form.

    Exact for keys with four 00, which pages have: every replacement takes away the 00 that it stands for, so
    that a beginning without any was made in one way only.
    """
    text = b"\n" + key_text + b"\n"
    if b'"' in key_text or b"\\" in key_text:
        return text
    if b"\x01" in key_text:
        if not all(map(_CONTAINED.fullmatch, key_text.split(b"\n"))):
            return text
        text = text.replace(b"\x00o\x00\n", b'"],"value":\n').replace(b"\x01", b'","')
        text = text.replace(b"\n" + collection + b"\x00", b'\n{"collection":"' + collection + b'","id":"')
        return text.replace(b"\x00", b'","parent":["')
    text = text.replace(b"\n" + collection + b"\x00", b'\n{"collection":"' + collection + b'","id":"')
    text = text.replace(b"\x00\x00o\x00\n", b'","value":\n')
    text = text.replace(b"\x00\x00r", b'","part":0,"parts":1,"relation":"')
    return text.replace(b"\x0000000000\n", b'","value":[\n')


def _is_line_of(fields: KeyFields, line: bytes) -> bool:
    head = f'{{"collection":{_text(fields.collection)},"id":{_text(fields.id)},'
    if fields.parent:
        head += '"parent":[' + ",".join(_text(one) for one in fields.parent) + "],"
    if fields.kind == OBJECT:
        return line.startswith(f'{head}"value":'.encode())
    if fields.kind == RELATION:
        beginning = f'{head}"part":{fields.part},"parts":'.encode()
        rest = _RELATION_REST.match(line, len(beginning)) if line.startswith(beginning) else None
        if rest is None:
            return False
        parts = int(rest[1])
        ending = f'{_text(fields.name)},"value":['.encode()
        return parts & (parts - 1) == 0 and fields.part < parts and line.startswith(ending, rest.end())
    beginning = f'{head}"stream":{_text(fields.name)},"type":'.encode()
    return line.startswith(beginning) and _STREAM_REST.match(line, len(beginning)) is not None


def _text(text: str) -> str:
    """A string of a key in canonical bytes; it has no control characters, so this is JSON's own spelling."""
    return json.dumps(text, ensure_ascii=False)
