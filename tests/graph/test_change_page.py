"""Pages of Graph's change query: all that is taken from them are ids, and which relations changed."""

from __future__ import annotations

import json

import pytest

from archiver.graph.change_page import Change, change_page_of
from archiver.graph.errors import MalformedPageError


@pytest.mark.parametrize(
    "body",
    [
        {"value": []},
        {"value": [], "@odata.deltaLink": "https://a", "@odata.nextLink": "https://b"},
        {"value": {}, "@odata.deltaLink": "https://a"},
        {"value": [{"displayName": "x"}], "@odata.deltaLink": "https://a"},
        {"value": [{"id": ""}], "@odata.deltaLink": "https://a"},
        {"value": [{"id": 5}], "@odata.deltaLink": "https://a"},
        {"value": [{"id": "a\nb"}], "@odata.deltaLink": "https://a"},
        {"value": [5], "@odata.deltaLink": "https://a"},
        {"value": [], "@odata.deltaLink": 5},
        [],
    ],
)
def test_a_page_of_changes_that_is_none_is_refused(body: object) -> None:
    """Half of an answer would leave changes out for the rest of the epoch."""
    with pytest.raises(MalformedPageError):
        change_page_of(json.dumps(body).encode())


def test_a_guid_in_a_change_is_in_small_letters() -> None:
    """The object is known by the id that its list has; another way of writing it would be a second object."""
    body = {"value": [{"id": "AAAAAAAA-BBBB-4CCC-8DDD-00000000000A"}, {"id": "Ab"}], "@odata.deltaLink": "https://a"}
    page = change_page_of(json.dumps(body).encode())
    assert [change.id for change in page.changes] == ["aaaaaaaa-bbbb-4ccc-8ddd-00000000000a", "Ab"]


def test_a_page_of_changes_is_taken_apart() -> None:
    """An id, whether it was removed, and the relations whose targets changed."""
    page = change_page_of(
        b'{"@odata.context":"x","value":[{"id":"a","members@delta":[],"owners@delta":[{"id":"b"}]},'
        b'{"id":"c","@removed":{"reason":"deleted"}}],"@odata.nextLink":"https://n"}'
    )
    assert page.changes == (Change("a", False, ("members", "owners")), Change("c", True, ()))
    assert (page.next_link, page.delta_link) == ("https://n", None)
