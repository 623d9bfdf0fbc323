"""Forms: what fits one gives the bytes of the exact way, and what does not fit is not taken."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.graph.canonical import exact_canonical_value_of
from archiver.graph.form import Form

USER = {
    "id": "u1",
    "displayName": "Grace Núñez",
    "accountEnabled": True,
    "age": None,
    "count": 7,
    "phones": ["1", "2"],
    "plans": [{"service": "exchange", "at": "2026-01-01"}, {"service": "SharePoint", "at": None}],
    "org": {"division": None, "costCenter": {"name": "x"}},
    "none": [],
}


def compact(value: object) -> bytes:
    """JSON as Graph sends it: no white space, and text as UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def form_of(*objects: Any, without: frozenset[str] = frozenset()) -> Form:
    """A form that has seen these objects so often that it was widened."""
    form = Form("id", without)
    for at in range(64):
        form.note_misfit(objects[at % len(objects)])
    return form


def test_nothing_fits_a_form_that_has_learned_nothing() -> None:
    """A guess without a ground would be no better than the general way, and slower."""
    form = Form("id", frozenset())
    form.note_misfit(USER)
    assert form.object_in(compact(USER)) is None


def test_an_object_like_those_seen_fits_with_fewer_members_and_other_values() -> None:
    """Objects of a collection share their members; some lack some."""
    form = form_of(USER)
    other = {"plans": [], "id": "u2", "age": 3, "none": ["now some"], "org": None}
    for value in (USER, other):
        formed = form.object_in(compact(value))
        assert formed is not None
        assert formed.text == exact_canonical_value_of(compact(value)).text
        assert formed.key == value["id"]


@pytest.mark.parametrize(
    "came",
    [
        b'{"id":"u1","unknown":1}',
        b'{"id":"u1","count":2.50}',
        b'{"id":"u1","count":1e2}',
        b'{"id":"u1","count":-0}',
        b'{"id":"u1","id":"u2"}',
        b'{"id":"u1" }',
        b'{"id":"u1","displayName":"\\u00e9"}',
        b'{"id":"u1","displayName":"a\\/b"}',
        b'{"id":"u1","displayName":"\\ud800"}',
        b'{"id":"u1","displayName":"\xff"}',
        b'{"\\u0069d":"u1"}',
        b'{"id":"u1","org":["not an object"],"x":{}}',
        b'{"id":"u1","plans":[{"service":"a","service":"b"}]}',
        b'{"id":"u1","plans":[{"other":"a"}]}',
        b'{"id":"u1","manager":{"id":"u9"}}',
        b'{"id":"u1","@odata.etag":"w"}',
        b'{"id":"u1"',
        b"[]",
        b"null",
    ],
)
def test_what_could_be_lost_or_respelled_does_not_fit(came: bytes) -> None:
    """Each of these, believed, would change a record or lose a part of it."""
    seen = {**USER, "manager": {"id": "u8"}, "@odata.etag": "v"}
    form = form_of(seen, without=frozenset({"manager"}))
    assert form.object_in(compact(USER)) is not None
    assert form.object_in(came) is None


def test_an_annotation_of_type_stays_in_the_form() -> None:
    """It tells the kinds of directory objects apart, and records keep it."""
    form = form_of({"@odata.type": "#microsoft.graph.user", "id": "u"})
    came = b'{"id":"u","@odata.type":"#microsoft.graph.group"}'
    formed = form.object_in(came)
    assert formed is not None
    assert formed.text == b'{"@odata.type":"#microsoft.graph.group","id":"u"}'


def test_a_place_that_holds_now_this_and_now_that_is_learned_too() -> None:
    """Open types hold an object here and an array or text there."""
    values = [{"id": "a", "any": {"b": 1, "a": 2}}, {"id": "b", "any": [{"d": 1, "c": 2}]}, {"id": "c", "any": "x"}]
    form = form_of(*values)
    for value in values:
        formed = form.object_in(compact(value))
        assert formed is not None
        assert formed.text == exact_canonical_value_of(compact(value)).text


def test_objects_without_anything_in_common_are_left_alone() -> None:
    """Members named by an attacker must not make structures without end."""
    form = Form("id", frozenset())
    for at in range(64 * 40):
        form.note_misfit({"id": "x", f"member{at}": {f"inner{at}": {}}})
    assert form.object_in(b'{"id":"x","member5":{"inner5":{}}}') is not None
    assert form.object_in(b'{"id":"x","member%d":{}}' % (64 * 40 - 1)) is None
    wide = form_of({"id": "x"} | {f"member{at}": 0 for at in range(5000)})
    assert wide.object_in(b'{"id":"x"}') is None


_SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=6)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdé@"), inner, max_size=4),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "@odata.type", "@odata.etag"]), _VALUES, max_size=5)


@settings(max_examples=300)
@given(st.lists(_OBJECTS, min_size=1, max_size=4), _OBJECTS)
def test_what_fits_has_the_bytes_of_the_exact_way(seen: list[dict[str, object]], value: dict[str, object]) -> None:
    """The one property that matters: a form may refuse, and never gives other bytes."""
    form = form_of(*[{"id": "x", **one} for one in seen])
    for one in [*seen, value]:
        came = compact({"id": "y", **one})
        formed = form.object_in(came)
        assert formed is None or formed.text == exact_canonical_value_of(came).text


def test_the_key_of_an_object_without_one_is_unset() -> None:
    """The caller refuses such an object by name; the form only says what is there."""
    form = form_of(USER)
    formed = form.object_in(b'{"count":1}')
    assert formed is not None
    assert formed.key is msgspec.UNSET
