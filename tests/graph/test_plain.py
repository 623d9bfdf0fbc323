"""The short way for plain pages gives the records of the general way, and is taken for nothing else."""

from __future__ import annotations

import json

import pytest

from archiver.graph.plain import plain_expansions_of, plain_targets_of
from archiver.graph.relation import RelationShape, plain_relation_record_of, relation_records_of

SHAPE = RelationShape("groups", "members", frozenset())
USER = "#microsoft.graph.user"


def target(id_: str, type_: str = USER) -> dict[str, str]:
    """A target as Graph sends it."""
    return {"@odata.type": type_, "id": id_}


def page(*targets: object) -> bytes:
    """A compact page."""
    return json.dumps(targets, separators=(",", ":")).encode()


def test_a_plain_page_gives_entries() -> None:
    """This is the way that hundreds of thousands of members take."""
    entries = plain_targets_of(page(target("b"), target("a", "#microsoft.graph.servicePrincipal")))
    assert entries == [
        b'b\x00{"@odata.type":"#microsoft.graph.user","id":"b"}',
        b'a\x00{"@odata.type":"#microsoft.graph.servicePrincipal","id":"a"}',
    ]
    assert plain_targets_of(b"[]") == []


@pytest.mark.parametrize(
    "values",
    [
        b'[{"@odata.type":"#microsoft.graph.user", "id":"a"}]',
        b'[{"id":"a","@odata.type":"#microsoft.graph.user"}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a","roles":[]}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a\\u0062"}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":"\xc3\xa9"}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a"},,{"@odata.type":"#microsoft.graph.user","id":"b"}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a"}',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a"},]',
        b'{"@odata.type":"#microsoft.graph.user","id":"a"}',
        b'[{"@odata.type":"#microsoft.graph.user","id":"a","id":"b"}]',
        b'[{"@odata.type":"#microsoft.graph.user","id":""}]',
        b"[1]",
    ],
)
def test_anything_else_takes_the_general_way(values: bytes) -> None:
    """A short way that guesses would write records that Graph never sent."""
    assert plain_targets_of(values) is None


def test_both_ways_give_the_same_record() -> None:
    """One tenant, one state root, whichever way its members took."""
    targets = [target(id_) for id_ in ("c", "a", "b", "a")]
    compact = page(*targets)
    spaced = json.dumps(targets).encode()
    (general,) = relation_records_of(SHAPE, "g", [spaced])
    entries = plain_targets_of(compact)
    assert entries is not None
    assert plain_relation_record_of(SHAPE, "g", entries) == general
    assert list(relation_records_of(SHAPE, "g", [compact])) == [general]


def test_large_relations_are_divided_alike_on_both_ways() -> None:
    """Parts depend on ids alone."""
    targets = [target(f"{number:06d}") for number in range(3000)]
    compact = list(relation_records_of(SHAPE, "g", [page(*targets)]))
    spaced = list(relation_records_of(SHAPE, "g", [json.dumps(targets).encode()]))
    assert compact == spaced
    assert len(compact) == 16


def test_expanded_objects_are_recognised_with_and_without_targets() -> None:
    """Absent and null are both "no manager"."""
    values = page({"id": "u1"}, {"id": "u2", "manager": None}, {"id": "u3", "manager": target("m")})
    expansions = plain_expansions_of(values, "id", "manager", True)
    assert expansions is not None
    assert [(one.id, len(one.entries)) for one in expansions] == [("u1", 0), ("u2", 0), ("u3", 1)]
    values = page({"id": "g1", "owners": []}, {"id": "g2", "owners": [target("a"), target("b")]})
    expansions = plain_expansions_of(values, "id", "owners", False)
    assert expansions is not None
    assert [len(one.entries) for one in expansions] == [0, 2]


@pytest.mark.parametrize(
    "values",
    [
        b'[{"id":"g1"}]',
        b'[{"id":"g1","owners":[],"owners@odata.nextLink":"https://x"}]',
        b'[{"id":"g1","owners":null}]',
        b'[{"id":"g1","members":[]}]',
    ],
)
def test_an_expansion_that_may_not_be_whole_takes_the_general_way(values: bytes) -> None:
    """A collection that was not expanded is not empty."""
    assert plain_expansions_of(values, "id", "owners", False) is None
