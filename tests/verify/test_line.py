"""Lines against keys: the fast way for a page and the exact way for a row must agree on everything."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.test_key import keys
from verify.block_text import BlockText, block_text_of
from verify.errors import MalformedError
from verify.key import OBJECT, RELATION, KeyFields, key_of
from verify.line import check_line, check_lines
from verify.page import Page, keys_of


def line_of(fields: KeyFields, parts: int = 1) -> bytes:
    """A canonical line for a key."""
    members: dict[str, object] = {"collection": fields.collection, "id": fields.id}
    if fields.parent:
        members["parent"] = list(fields.parent)
    if fields.kind == OBJECT:
        members["value"] = {"displayName": "x"}
    elif fields.kind == RELATION:
        members |= {"relation": fields.name, "part": fields.part, "parts": max(parts, 1 << fields.part.bit_length())}
        members["value"] = [{"id": "t"}]
    else:
        members |= {"stream": fields.name, "type": "image/png", "value": "aGk="}
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def page_of_rows(rows: dict[bytes, bytes]) -> tuple[Page, BlockText]:
    """A page and the text of its block."""
    ordered = sorted(rows.items())
    text = b"".join(line + b"\n" for _, line in ordered)
    key_text = b"\n".join(key for key, _ in ordered)
    hashes = b"".join(hashlib.sha256(line).digest() for _, line in ordered)
    return Page(keys_of(key_text, "page"), hashes, key_text), block_text_of(text, len(ordered), "block")


def fits(key: bytes, line: bytes) -> bool:
    """Whether the exact way accepts a row."""
    try:
        check_line(key, line, "row")
    except MalformedError:
        return False
    return True


def page_fits(page: Page, block: BlockText) -> bool:
    """Whether the fast way accepts a page."""
    try:
        check_lines(page, block, "page")
    except MalformedError:
        return False
    return True


@given(st.lists(keys, min_size=1, max_size=12))
def test_the_lines_of_their_keys_are_accepted(fields: list[KeyFields]) -> None:
    """Any id that Graph may send: quotes, backslashes, any script."""
    page, block = page_of_rows({key_of(one): line_of(one) for one in fields})
    check_lines(page, block, "page")
    assert block.hashes == page.hashes


def _edited(line: bytes, at: int, byte: int) -> bytes:
    return line[: at % len(line)] + bytes([byte]) + line[at % len(line) + 1 :]


@given(st.lists(keys, min_size=1, max_size=6), st.data())
def test_the_fast_way_refuses_what_the_exact_way_refuses(fields: list[KeyFields], data: st.DataObject) -> None:
    """One changed byte in one line, or the line of another key: both ways say the same."""
    rows = {key_of(one): line_of(one) for one in fields}
    key = data.draw(st.sampled_from(sorted(rows)))
    if data.draw(st.booleans()):
        rows[key] = line_of(data.draw(keys))
    else:
        byte = data.draw(st.integers(0, 255).filter(lambda one: one != 0x0A))
        rows[key] = _edited(rows[key], data.draw(st.integers(0, 400)), byte)
    page, block = page_of_rows(rows)
    assert page_fits(page, block) == all(fits(one, line) for one, line in rows.items())


_PART = b'{"collection":"users","id":"a","part":%d,"parts":%d,"relation":"%s","value":[{}]}'


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users","id":"b","value":{}}'),
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users", "id":"a","value":{}}'),
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users","id":"a","value":{},"id":"b"}'),
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users","id":"a","value":[]}'),
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users","id":"a","parent":["x","y"],"value":{}}'),
        (b"users\x00a\x00\x00rm\x0000000000", _PART % (0, 3, b"m")),
        (b"users\x00a\x00\x00rm\x0000000002", _PART % (2, 2, b"m")),
        (b"users\x00a\x00\x00rm\x0000000000", _PART % (0, 1, b"n")),
        (b"users\x00a\x00\x00sp\x00", b'{"collection":"users","id":"a","stream":"p","type":"a\\"b","value":""}'),
        (b"users\x00a\x00\x00o\x00", b'{"collection":"users","id":"a","value":'),
        (b"users\x00a\x00\x00o\x00", b""),
        (b"users\x00\x00\x00o\x00", b'{"collection":"users","id":"","value":{}}'),
        (b"users\x00a\x00\x00oo\x00", b'{"collection":"users","id":"a","value":{}}'),
        (b"users\x00a\x01b\x00c\x01d\x00o\x00", b'{"collection":"users","id":"a","b","parent":["c","d"],"value":{}}'),
        (b"users\x00a\x00c\x01\x00o\x00", b'{"collection":"users","id":"a","parent":["c",""],"value":{}}'),
        (b'users\x00a","x\x00\x00o\x00', b'{"collection":"users","id":"a","x","value":{}}'),
    ],
)  # fmt: skip
def test_a_line_that_is_not_its_key_s_is_refused_both_ways(key: bytes, line: bytes) -> None:
    """F-LINE-1 and F-KEY-1, one fault each."""
    assert not fits(key, line) or key == b"users\x00a\x00c\x01\x00o\x00"
    page, block = page_of_rows({key: line})
    assert page_fits(page, block) == fits(key, line)
