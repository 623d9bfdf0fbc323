"""Canonical bytes: the same object always gives the same bytes, and two ways of making them agree."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.graph.canonical import canonical_value_of, exact_canonical_value_of
from archiver.graph.errors import MalformedPageError

EXACT = [
    (b"-0", b"0"),
    (b"0", b"0"),
    (b"-0.0", b"-0.0"),
    (b"2.50", b"2.50"),
    (b"1e2", b"1E+2"),
    (b"1E+02", b"1E+2"),
    (b"0.0000001", b"1E-7"),
    (b"0.000001", b"0.000001"),
    (b"1e999999", b"1E+999999"),
    (b"1e-999999", b"1E-999999"),
    (b"0e0000000000000000005", b"0E+5"),
    (b"123456789012345678901234567890", b"123456789012345678901234567890"),
    (b"9" * 5000, b"9" * 5000),
    (b"-" + b"9" * 5000, b"-" + b"9" * 5000),
    (b'{"b":1,"a":2}', b'{"a":2,"b":1}'),
    (b'{ "b" : [ 1 , 2 ] }', b'{"b":[1,2]}'),
    (
        '{"é":1,"z":2,"\U0001f600":3,"\ufffd":4,"":5}'.encode(),
        '{"":5,"z":2,"é":1,"\ufffd":4,"\U0001f600":3}'.encode(),
    ),
    (b'"\\u001F\\b\\t\\n\\f\\r\\/\\u00e9"', '"\\u001f\\b\\t\\n\\f\\r/é"'.encode()),
    (b'"\\u007f\\u2028"', '"\x7f\u2028"'.encode()),
    (b'"\\"\\\\"', b'"\\"\\\\"'),
    (b'"\\uD83D\\uDE00"', '"\U0001f600"'.encode()),
    (b'"\\uD83D"', b'"\\ud83d"'),
    (b'"\\uDE00\\uD83D"', b'"\\ude00\\ud83d"'),
    (b'{"\\ud800":1,"\\ud7ff":2,"\\ue000":3}', '{"\ud7ff":2,"\\ud800":1,"\ue000":3}'.encode()),
    (b"[" * 128 + b"]" * 128, b"[" * 128 + b"]" * 128),
    (b"[true,false,null]", b"[true,false,null]"),
]


def canonicalise(came: bytes, without: frozenset[str] = frozenset()) -> bytes:
    return canonical_value_of(came, without).text


@pytest.mark.parametrize(("came", "canonical"), EXACT, ids=lambda value: value[:24].decode("utf-8", "replace"))
def test_canonical_bytes_are_exactly_these(came: bytes, canonical: bytes) -> None:
    """Record hashes of ten years hang on every one of these spellings."""
    assert canonicalise(came) == canonical
    assert exact_canonical_value_of(came).text == canonical


@pytest.mark.parametrize(("came", "canonical"), EXACT, ids=lambda value: value[:24].decode("utf-8", "replace"))
def test_canonical_bytes_are_their_own_canonical_bytes(came: bytes, canonical: bytes) -> None:
    """A record that is read again, from an archive or from a page that was spelled anew, must not change."""
    assert canonicalise(canonical) == canonical


@pytest.mark.parametrize(
    "came",
    [
        b"",
        b"{",
        b'{"a":1',
        b"[1,]",
        b"01",
        b"+1",
        b"1.",
        b".5",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"nul",
        b"'a'",
        b'"a\nb"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf1",
        b"1 2",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":1,"\\u0061":2}',
        b"1e1000000",
        b"1e-1000000",
        b"10e999999",
        b"1e99999999999999999999999",
        b"0." + b"0" * 1_000_001 + b"1",
        b"[" * 129 + b"]" * 129,
        b'{"a":' * 129 + b"1" + b"}" * 129,
        b"[" * 200_000,
    ],
    ids=lambda value: value[:24].decode("utf-8", "replace"),
)
def test_what_is_no_clean_json_makes_the_page_malformed(came: bytes) -> None:
    """A guess at what broken bytes meant would be archived as if Graph had said it."""
    with pytest.raises(MalformedPageError):
        canonicalise(came)


def test_annotations_of_transport_are_removed_at_every_depth() -> None:
    """Contexts and tags differ between two readings of an unchanged object."""
    came = {
        "@odata.context": "x",
        "@odata.etag": "x",
        "@odata.id": "x",
        "@odata.editLink": "x",
        "@odata.count": 1,
        "@odata.nextLink": "x",
        "@odata.deltaLink": "x",
        "@odata.type": "#microsoft.graph.user",
        "a@odata.type": "kept",
        "a@odata.context": "x",
        "a@odata.nextLink": "x",
        "a@odata.count": 1,
        "a@odata.navigationLink": "x",
        "a@odata.associationLink": "x",
        "a@odata.delta": [],
        "a@odata.bind": "kept",
        "members@delta": "kept",
        "a": [{"@odata.id": "x", "b": {"c@odata.context": "x", "d": "@odata.context"}}],
    }
    assert json.loads(canonicalise(json.dumps(came).encode())) == {
        "@odata.type": "#microsoft.graph.user",
        "a@odata.type": "kept",
        "a@odata.bind": "kept",
        "members@delta": "kept",
        "a": [{"b": {"d": "@odata.context"}}],
    }


def test_an_annotation_that_is_spelled_with_an_escape_is_removed_too() -> None:
    """An escape is the same name; a fast look for bytes must not miss it."""
    assert canonicalise(b'{"\\u0040odata.etag":"x","a":1}') == b'{"a":1}'


def test_named_members_are_left_out_of_the_outermost_object_alone() -> None:
    """`members` of a group is a relation; a property of that name deeper down belongs to somebody else."""
    came = b'{"id":"1","members":[1],"rule":{"members":[2]}}'
    assert canonicalise(came, frozenset({"members"})) == b'{"id":"1","rule":{"members":[2]}}'


JSON_TEXT = st.recursive(
    st.one_of(
        st.sampled_from(["null", "true", "false", "-0", "1e2", "2.50", "1E-7", "0.0", "12345678901234567890123"]),
        st.integers().map(str),
        st.decimals(allow_nan=False, allow_infinity=False).map(str),
        st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
        st.text().map(json.dumps),
        st.text().map(lambda text: json.dumps(text, ensure_ascii=False)),
    ),
    lambda inner: st.one_of(
        st.tuples(st.lists(inner, max_size=4), st.sampled_from([",", ", ", " ,\n"])).map(
            lambda pair: f"[{pair[1].join(pair[0])}]"
        ),
        st.lists(
            st.tuples(
                st.sampled_from(["id", "a", "é", "@odata.type", "@odata.etag", "a@odata.context", "\U0001f600", ""])
                | st.text(max_size=3),
                inner,
                st.booleans(),
            ),
            max_size=5,
        ).map(
            lambda members: (
                "{"
                + ",".join(f"{json.dumps(name, ensure_ascii=ascii)}:{value}" for name, value, ascii in members)
                + "}"
            )
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=600, deadline=None)
@given(JSON_TEXT)
def test_the_fast_way_and_the_exact_way_agree(text: str) -> None:
    """The fast way may refuse work, but never differ: a changed library would change every record."""
    try:
        came = text.encode("utf-8")
    except UnicodeEncodeError:
        came = json.dumps(text).encode()
    try:
        exact = exact_canonical_value_of(came).text
    except MalformedPageError:
        with pytest.raises(MalformedPageError):
            canonicalise(came)
        return
    assert canonicalise(came) == exact
    assert canonicalise(exact) == exact


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123.eE-+ntf\\u d8', max_size=40).map(str.encode))
def test_any_bytes_give_canonical_bytes_or_a_named_error(came: bytes) -> None:
    """Answers are hostile input: nothing but the named error may come out."""
    try:
        canonical = canonicalise(came)
    except MalformedPageError:
        return
    assert json.loads(canonical, parse_float=Decimal) == json.loads(came, parse_float=Decimal)


def test_numbers_keep_their_exact_value() -> None:
    """A float would turn 0.1 into something else, and 123456789012345678 into its neighbour."""
    for token in ("0.1", "123456789012345678", "1.7976931348623157e309", "4.9e-400", "100.00"):
        assert Decimal(canonicalise(token.encode()).decode()) == Decimal(token)
    assert not math.isinf(float(canonicalise(b"1e308")))


def test_documented_answers_keep_everything_but_annotations(shared_data: Path) -> None:
    """1,753 answers that Microsoft documents: each must be archived without loss."""
    count = 0
    for line in (shared_data / "graph_examples.jsonl").read_text(encoding="utf-8").splitlines():
        body = json.loads(line)["response_body"] if line.strip() else None
        if not isinstance(body, dict):
            continue
        came = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        canonical = canonical_value_of(came)
        assert canonical.text == exact_canonical_value_of(came).text
        assert json.loads(canonical.text) == _without_annotations(body)
        count += 1
    assert count > 500


def _without_annotations(value: object) -> object:
    removed = ("context", "count", "nextLink", "deltaLink", "etag", "id", "editLink")
    of_properties = ("context", "nextLink", "count", "navigationLink", "associationLink", "delta")
    if isinstance(value, dict):
        return {
            name: _without_annotations(member)
            for name, member in value.items()
            if name not in {f"@odata.{word}" for word in removed}
            and not any(name.endswith(f"@odata.{word}") and name[0] != "@" for word in of_properties)
        }
    if isinstance(value, list):
        return [_without_annotations(item) for item in value]
    return value
