"""Strict JSON: what two parsers could read in two ways is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.errors import MalformedError
from verify.strict_json import MAX_INTEGER, members_of, text_of_time, time_of

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), values, max_size=5))
def test_strict_json_is_read(document: dict[str, object]) -> None:
    """Everything that a writer may write, with and without white space, is read."""
    for separators in ((",", ":"), (", ", ": ")):
        members = members_of(json.dumps(document, separators=separators).encode(), "it")
        assert members.names() == set(document)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(content: bytes) -> None:
    """No other exception, whatever lies in a file."""
    try:
        members_of(content, "it")
    except MalformedError:
        return


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}', '{"a":{"b":1,"b":2}}', '{"a":1.0}', '{"a":1e2}', '{"a":NaN}', '{"a":-Infinity}',
        '{"a":9007199254740993}', '{"a":-9007199254740993}', '{"a":"\\ud800"}', '{"\\udc00":1}', "[]", "1", "", "{}{}",
        '\ufeff{"a":1}', "{'a':1}", '{"a":01}', '{"a":"\x01"}', '{"a":' + "9" * 5000 + "}",
        '{"a":' + "[" * 64 + "]" * 64 + "}", '{"a":' * 100_000, '{"a":' + "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_not_strict_is_malformed(text: str) -> None:
    """F-JSON-1, one fault each."""
    with pytest.raises(MalformedError):
        members_of(text.encode(), "it")


def test_nesting_of_64_is_allowed() -> None:
    """The limit is on the document as a whole, its own braces counted."""
    assert members_of(('{"a":' + "[" * 63 + "]" * 63 + "}").encode(), "it").names() == {"a"}


def test_a_member_of_another_type_names_itself() -> None:
    """F-JSON-2: true is no integer, and the message says which member of which document."""
    members = members_of(b'{"n":true,"t":"2026-02-30T00:00:00Z","h":"AB","b":"aGk"}', "the manifest")
    for read in (
        lambda: members.integer("n"),
        lambda: members.time("t"),
        lambda: members.hex("h", 1),
        lambda: members.base64("b"),
        lambda: members.text("missing"),
        lambda: members.members("n"),
        lambda: list(members.items("n")),
        lambda: members.texts("n"),
        lambda: members.text("n"),
        lambda: members.boolean("t"),
    ):
        with pytest.raises(MalformedError, match="the manifest"):
            read()


@pytest.mark.parametrize("text", ["2026-11-21T02:17:09Z", "2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_time_has_one_spelling(text: str) -> None:
    """What is read and written again is the same text."""
    assert text_of_time(time_of(text)) == text


@pytest.mark.parametrize(
    "text", ["2026-11-21T02:17:09+00:00", "2026-11-21 02:17:09Z", "2026-11-21T02:17:09.0Z", "2026-11-21T24:00:00Z",
        "٢٠٢٦-11-21T02:17:09Z"]
)  # fmt: skip
def test_another_spelling_of_a_time_is_malformed(text: str) -> None:
    """Two spellings of one instant would compare as different."""
    with pytest.raises(MalformedError):
        time_of(text)
