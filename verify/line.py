"""Lines against keys: the key of a row must be the one that the line's own members give (F-LINE-1).

A line is canonical, so a key has one possible beginning of its line, but for the number of parts of a relation
and the media type of a stream. The beginnings of a whole page are made with a few replacements in its key
text; what these do not cover is made row by row.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left

from verify.errors import MalformedError
from verify.key import OBJECT, RELATION, KeyFields, fields_of
from verify.page import Page

_TRICKY = re.compile(rb'["\\\x01]')
_RELATION_REST = re.compile(rb'([1-9][0-9]{0,9}),"relation":')
_STREAM_REST = re.compile(rb'"[^"\\\x00-\x1f]*","value":"')
_SHOWN_BYTES = 120


def check_lines(page: Page, lines: list[bytes], what: str) -> None:
    """Proves that line i is the line of key i, for a whole page.

    Raises:
        MalformedError: F-LINE-1 or F-KEY-1; the message names the first key concerned.
    """
    low, rows = 0, len(lines)
    while low < rows:
        collection = page.keys[low][: page.keys[low].index(0)]
        high = bisect_left(page.keys, collection + b"\x01", low)
        whole = low == 0 and high == rows
        text = page.key_text if whole else b"\n".join(page.keys[low:high])
        run = lines if whole else lines[low:high]
        for row in _unmatched(text, collection, run):
            check_line(page.keys[low + row], run[row], what)
        low = high


def check_line(key: bytes, line: bytes, what: str) -> None:
    """Proves that `line` is the line of `key`; raises as `check_lines`."""
    try:
        fields = fields_of(key)
    except MalformedError as error:
        raise MalformedError(f"{what}: {error.message} (F-KEY-1)") from error
    if not _is_line_of(fields, line):
        raise MalformedError(
            f"{what}: the line {line[:_SHOWN_BYTES]!r} is not the line of key {key[:_SHOWN_BYTES]!r} (F-LINE-1)"
        )


def _unmatched(key_text: bytes, collection: bytes, lines: list[bytes]) -> list[int]:
    """Returns the rows that the replacements do not prove; all keys are of one collection."""
    every = list(range(len(lines)))
    if _TRICKY.search(key_text):
        return every
    text = b"\n" + key_text + b"\n"
    text = text.replace(b"\n" + collection + b"\x00", b'\n{"collection":"' + collection + b'","id":"')
    text = text.replace(b"\x00\x00o\x00\n", b'","value":\n')
    text = text.replace(b"\x00\x00r", b'","part":0,"parts":1,"relation":"')
    text = text.replace(b"\x0000000000\n", b'","value":[\n')
    if b'""' in text:  # an empty id or name, which no key may have
        return every
    beginnings = text.split(b"\n")[1:-1]
    if b"\x00" not in text and all(map(bytes.startswith, lines, beginnings)):
        return []
    return [
        row
        for row, (line, beginning) in enumerate(zip(lines, beginnings, strict=True))
        if b"\x00" in beginning or not line.startswith(beginning)
    ]


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
