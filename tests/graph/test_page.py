"""Pages: taken apart without reading the objects, and never half."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.graph.change_page import change_page_of
from archiver.graph.errors import MalformedPageError
from archiver.graph.page import members_of, named_of, page_of, single_of, values_of


def test_a_page_gives_its_objects_as_they_came() -> None:
    """Records are made from what Graph sent, so splitting must not touch a byte."""
    page = page_of(b'{"@odata.nextLink":"https://h/n","@odata.count":7,"value":[{"b":2.50,"a":1},{"c":"\\u00e9"}]}')
    assert [bytes(value) for value in values_of(page.values)] == [b'{"b":2.50,"a":1}', b'{"c":"\\u00e9"}']
    assert page.next_link == "https://h/n"


def test_a_page_with_white_space_and_escapes_means_the_same() -> None:
    """Graph sends compact JSON; a proxy may not."""
    page = page_of(b'{ "@odata.nextLink" : "https:\\/\\/h", "v\\u0061lue" : [ { "b" : 1e2 } ] }')
    assert page.next_link == "https://h"
    assert page.values == b'[{"b":1E+2}]'


ERROR = b'{"error":{"code":"ServiceUnavailable","message":"try again"}}'


@pytest.mark.parametrize(
    "body",
    [ERROR, b'{"@odata.context":"x",' + ERROR[1:]],
    ids=["alone", "with an annotation"],
)
def test_an_error_in_a_200_is_no_object(body: bytes) -> None:
    """Kept as a policy, it would say for years that the tenant had none."""
    with pytest.raises(MalformedPageError, match="ServiceUnavailable"):
        single_of(body)
    with pytest.raises(MalformedPageError, match="ServiceUnavailable"):
        named_of(body, "id", "a")


@pytest.mark.parametrize("body", [ERROR, b'{"value":[{"id":"a"}],' + ERROR[1:]], ids=["alone", "behind a list"])
def test_an_error_in_a_200_is_no_page(body: bytes) -> None:
    """A list that breaks off ends in an error, and what came before it is not all."""
    with pytest.raises(MalformedPageError):
        page_of(body)
    with pytest.raises(MalformedPageError):
        change_page_of(body[:-1] + b',"@odata.deltaLink":"https://h/d"}')


@pytest.mark.parametrize(
    "body",
    [b'{"error":{"code":"E"},"id":"a"}', b'{"error":{"code":"E"},"state":"failed"}', b'{"error":null}', b"{}"],
)
def test_a_property_that_is_called_error_is_kept(body: bytes) -> None:
    """Some objects tell of what went wrong with them."""
    assert single_of(body) == body


_GUID = "aaaaaaaa-bbbb-4ccc-8ddd-00000000000a"


@pytest.mark.parametrize(("came", "asked"), [("a", "a"), (_GUID, _GUID.upper()), (_GUID.upper(), _GUID)])
def test_an_object_is_the_one_that_was_asked_for(came: str, asked: str) -> None:
    """The case of a GUID means nothing."""
    assert named_of(json.dumps({"id": came}).encode(), "id", asked)["id"] == json.dumps(came).encode()


@pytest.mark.parametrize("body", [b'{"id":"b"}', b'{"id":"A"}', b'{"id":null}', b'{"id":{}}', b"{}", b"[]", b""])
def test_another_object_than_was_asked_for_is_malformed(body: bytes) -> None:
    """It would be kept as this one, or say of this one that it has no manager."""
    with pytest.raises(MalformedPageError):
        named_of(body, "id", "a")


def test_a_page_with_lone_surrogates_is_whole() -> None:
    """Display names come from users; half a pair must not cost the page."""
    page = page_of(b'{"value":[{"id":"1","displayName":"\\ud800"}]}')
    assert b"\\ud800" in page.values


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"value":null}',
        b'{"value":{}}',
        b'{"value":[{"id":"1"}',
        b'{"value":[{"id":"1"},',
        b'{"value":[],"value":[]}',
        b'{"value":[{"id":"1"}]}}',
        b'{"value":[],"@odata.nextLink":7}',
        b"\xef\xbb\xbf{}",
        b"<html>busy</html>",
    ],
)
def test_a_page_that_is_not_whole_is_malformed(body: bytes) -> None:
    """A page cut short would otherwise look like a smaller tenant."""
    with pytest.raises(MalformedPageError):
        page_of(body)


@pytest.mark.parametrize("depth", [1_100, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
def test_brackets_nested_by_the_thousand_make_the_page_malformed(brackets: tuple[bytes, bytes], depth: int) -> None:
    """Whoever answers for Graph must get a gap for it, and not end the run."""
    deep = brackets[0] * depth + b"1" + brackets[1] * depth
    item = b'{"id":"1","x":%b}' % deep
    for take in (page_of, single_of, members_of):
        with pytest.raises(MalformedPageError):
            take(b'{"value":[%b]}' % item)
    with pytest.raises(MalformedPageError):
        values_of(b"[%b]" % item)
    with pytest.raises(MalformedPageError):
        page_of(b'{"value":[],"@odata.nextLink":%b}' % deep)


@given(st.integers(min_value=0, max_value=200))
def test_a_page_cut_anywhere_is_malformed(at: int) -> None:
    """Truncation is what a dropped connection looks like behind a careless proxy."""
    body = json.dumps({"@odata.context": "c", "value": [{"id": str(n), "x": [1, {"y": None}]} for n in range(6)]})
    cut = body.encode()[: min(at, len(body) - 1)]
    with pytest.raises(MalformedPageError):
        page_of(cut)


def test_an_answer_that_is_one_object_must_be_whole() -> None:
    """A policy cut short must be read again, not archived."""
    assert single_of(b'{"id":"1"}') == b'{"id":"1"}'
    for body in (b"", b"[]", b'{"id":"1"', b'{"id":"1","id":"2"}'):
        with pytest.raises(MalformedPageError):
            single_of(body)


def test_members_that_stand_twice_are_refused_however_they_are_spelled() -> None:
    """Which of the two a parser takes is chance."""
    with pytest.raises(MalformedPageError):
        members_of(b'{"a":1,"\\u0061":2}')
    assert members_of(b'{"a":1,"b":[2,3]}') == {"a": b"1", "b": b"[2,3]"}
