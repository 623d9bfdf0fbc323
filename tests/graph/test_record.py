"""Records: the line that is hashed, and the key that it is found by."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.graph.errors import MalformedPageError
from archiver.graph.record import RecordShape, records_of
from verify.key import KeyFields, fields_of, key_of

USERS = RecordShape("users", "id", frozenset({"manager"}))


def array(*objects: bytes) -> bytes:
    """The objects as a page's values."""
    return b"[" + b",".join(objects) + b"]"


def test_an_object_becomes_one_canonical_line() -> None:
    """The line's bytes are the record; every space in it would be hashed."""
    (record,) = records_of(USERS, array(b'{"id":"u1","b":2.50,"a":null,"manager":{"id":"u2"},"@odata.etag":"x"}'))
    assert record.line == b'{"collection":"users","id":"u1","value":{"a":null,"b":2.50,"id":"u1"}}'
    assert record.key == key_of(KeyFields("users", "u1"))


def test_a_contained_object_names_its_parents() -> None:
    """Its id is unique under its parent only."""
    shape = RecordShape("appRoleAssignments", "id", frozenset())
    (record,) = records_of(shape, array(b'{"id":"a1"}'), ("servicePrincipals", "sp1"))
    assert record.line == (
        b'{"collection":"appRoleAssignments","id":"a1","parent":["servicePrincipals","sp1"],"value":{"id":"a1"}}'
    )
    assert record.key == key_of(KeyFields("appRoleAssignments", "a1", ("servicePrincipals", "sp1")))


def test_a_singleton_bears_its_collections_name_and_keeps_its_id() -> None:
    """Some have an id, some have none, and Graph has changed its mind before."""
    (record,) = records_of(RecordShape("authorizationPolicy", "", frozenset()), array(b'{"id":"x","a":1}'))
    assert json.loads(record.line) == {
        "collection": "authorizationPolicy",
        "id": "authorizationPolicy",
        "value": {"a": 1, "id": "x"},
    }


def test_a_row_may_name_another_key_property() -> None:
    """Cross-tenant partners have no id."""
    shape = RecordShape("crossTenantAccessPolicyPartners", "tenantId", frozenset())
    (record,) = records_of(shape, array(b'{"tenantId":"t1"}'))
    assert fields_of(record.key).id == "t1"


@pytest.mark.parametrize(
    "came",
    [b"[]", b"1", b"{}", b'{"id":null}', b'{"id":""}', b'{"id":7}', b'{"id":"\\u0000"}', b'{"id":"\\ud800"}'],
)
def test_an_object_without_a_usable_id_makes_the_page_malformed(came: bytes) -> None:
    """Such an object could be stored under no key and would be lost."""
    with pytest.raises(MalformedPageError):
        records_of(USERS, array(came))


@given(st.text(min_size=1, max_size=30))
def test_every_id_stands_in_line_and_key_the_same(id_: str) -> None:
    """Plain ids take a short cut; it must lead to the same place."""
    try:
        (record,) = records_of(USERS, array(json.dumps({"id": id_, "x": 1}).encode()))
    except MalformedPageError:
        assert any(character < " " or "\ud800" <= character <= "\udfff" for character in id_)
        return
    assert record.key == key_of(KeyFields("users", id_))
    expected = {"collection": "users", "id": id_, "value": {"id": id_, "x": 1}}
    assert record.line == json.dumps(expected, separators=(",", ":"), ensure_ascii=False).encode()
