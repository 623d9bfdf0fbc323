"""Keys: one spelling for one thing, in the order that every file shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.errors import MalformedError
from verify.key import OBJECT, RELATION, STREAM, KeyFields, fields_of, key_of, parts_of

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=8)
parents = st.lists(st.tuples(texts, texts), max_size=2).map(lambda pairs: tuple(one for pair in pairs for one in pair))
keys = st.one_of(
    st.builds(KeyFields, texts, texts, parents, st.just(OBJECT), st.just(""), st.just(0)),
    st.builds(KeyFields, texts, texts, parents, st.just(RELATION), texts, st.integers(0, 2**32 - 1)),
    st.builds(KeyFields, texts, texts, parents, st.just(STREAM), texts, st.just(0)),
)
_KINDS = (OBJECT, RELATION, STREAM)


@given(keys)
def test_a_key_taken_apart_and_put_together_is_the_same(fields: KeyFields) -> None:
    """Two spellings of one key would be two records of one thing."""
    assert fields_of(key_of(fields)) == fields


@given(keys)
def test_the_parts_of_a_key_are_the_bytes_of_its_fields(fields: KeyFields) -> None:
    """What takes a key's bytes sees the object that one who takes it apart sees."""
    parts = parts_of(key_of(fields))
    assert (parts.collection.decode(), parts.id.decode()) == (fields.collection, fields.id)
    assert parts.parent.decode() == "\x01".join(fields.parent)
    assert parts.kind_name.decode() == fields.kind + fields.name
    assert parts.part == (b"%08x" % fields.part if fields.kind == RELATION else b"")


@given(keys, keys)
def test_bytewise_order_is_the_order_of_the_fields(one: KeyFields, other: KeyFields) -> None:
    """COMMANDS.md section 3: collection, id, parent (absent first), kind, name, part; strings by UTF-8 bytes."""

    def order(fields: KeyFields) -> tuple[object, ...]:
        parent = tuple(part.encode() for part in fields.parent)
        return (
            fields.collection.encode(), fields.id.encode(), parent, _KINDS.index(fields.kind),
            fields.name.encode(), fields.part,
        )  # fmt: skip

    assert (key_of(one) < key_of(other)) == (order(one) < order(other))


@pytest.mark.parametrize(
    "key",
    [
        b"", b"users", b"users\x00id\x00\x00o", b"users\x00id\x00\x00o\x00\x00", b"\x00id\x00\x00o\x00",
        b"users\x00\x00\x00o\x00", b"users\x00id\x00\x00x\x00", b"users\x00id\x00\x00oname\x00",
        b"users\x00id\x00\x00o\x0000000000", b"users\x00id\x00\x00rmembers\x00",
        b"users\x00id\x00\x00rmembers\x000000000A",
        b"users\x00id\x00\x00rmembers\x00000000000", b"users\x00id\x00\x00r\x0000000000", b"users\x00id\x00\x00s\x00",
        b"users\x00id\x00\x00sphoto\x0000000000", b"users\x00i\nd\x00\x00o\x00", b"users\x00\xff\x00\x00o\x00",
        b"users\x00" + b"a" * 4096 + b"\x00\x00o\x00",
    ],
)  # fmt: skip
def test_what_is_no_key_is_malformed(key: bytes) -> None:
    """F-KEY-1: a table of a hostile bundle holds whatever it likes."""
    with pytest.raises(MalformedError):
        fields_of(key)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\x01", "\ud800", ""])
def test_a_string_that_no_key_can_hold_is_refused(text: str) -> None:
    """An id with a separator in it would be another key."""
    with pytest.raises(MalformedError):
        key_of(KeyFields("users", text))
