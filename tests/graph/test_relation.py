"""Relations: the same members always give the same parts."""

from __future__ import annotations

import hashlib
import json
import random
import tracemalloc
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.graph.errors import MalformedPageError
from archiver.graph.large_relation import large_relation_records_of
from archiver.graph.page import packed
from archiver.graph.relation import RelationShape, relation_records_of
from archiver.graph.repetition import Repetition
from verify.key import RELATION, KeyFields, fields_of, key_of

MEMBERS = RelationShape("groups", "members", frozenset())
TYPE = "#microsoft.graph.user"


def _page(ids: list[str]) -> bytes:
    return json.dumps([{"@odata.type": TYPE, "id": id_} for id_ in ids]).encode()


def _ids(count: int, seed: int = 1) -> list[str]:
    source = random.Random(seed)
    return [str(uuid.UUID(int=source.getrandbits(128))) for _ in range(count)]


def test_a_relation_without_targets_has_no_record() -> None:
    """That it was read is said by its collection being complete."""
    assert list(relation_records_of(MEMBERS, "g", [])) == []
    assert list(relation_records_of(MEMBERS, "g", [b"[]", b"[]"])) == []


def test_a_small_relation_is_one_part_with_its_targets_sorted() -> None:
    """The line is what COMMANDS.md section 3 writes, byte for byte."""
    (record,) = relation_records_of(MEMBERS, "g", [_page(["b", "a"])])
    assert record.line == (
        b'{"collection":"groups","id":"g","part":0,"parts":1,"relation":"members","value":['
        b'{"@odata.type":"#microsoft.graph.user","id":"a"},{"@odata.type":"#microsoft.graph.user","id":"b"}]}'
    )
    assert record.key == key_of(KeyFields("groups", "g", (), RELATION, "members", 0))


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (256, 1), (257, 2), (512, 2), (513, 4), (1024, 4), (1025, 8)])
def test_parts_double_when_their_mean_would_exceed_256(count: int, parts: int) -> None:
    """The number of parts is part of the format; both sides of each boundary count."""
    lines = [json.loads(record.line) for record in relation_records_of(MEMBERS, "g", [_page(_ids(count))])]
    assert {line["parts"] for line in lines} == {parts}
    assert sum(len(line["value"]) for line in lines) == count


def test_the_leading_bits_of_a_targets_digest_say_its_part() -> None:
    """One joiner then rewrites one part and no other."""
    for record in relation_records_of(MEMBERS, "g", [_page(_ids(3000))]):
        line = json.loads(record.line)
        for target in line["value"]:
            digest = hashlib.sha256(target["id"].encode()).digest()
            assert digest[0] >> 4 == line["part"]
        assert [t["id"] for t in line["value"]] == sorted(t["id"] for t in line["value"])
        assert fields_of(record.key).part == line["part"]


def test_an_empty_part_is_not_written() -> None:
    """With 257 targets whose digests all begin with a set bit there is only part 1 of 2."""
    ids = [id_ for id_ in _ids(1000) if hashlib.sha256(id_.encode()).digest()[0] & 0x80][:257]
    lines = [json.loads(record.line) for record in relation_records_of(MEMBERS, "g", [_page(ids)])]
    assert [(line["part"], line["parts"]) for line in lines] == [(1, 2)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=900), st.randoms(use_true_random=False), st.integers(1, 400))
def test_the_same_members_give_the_same_parts(numbers: list[int], order: random.Random, page: int) -> None:
    """Order, paging and repetition are accidents of reading."""
    ids = [f"id-{number}" for number in numbers]
    shuffled = [*ids, *ids[:3]]
    order.shuffle(shuffled)
    pages = [_page(shuffled[at : at + page]) for at in range(0, len(shuffled), page)]
    assert list(relation_records_of(MEMBERS, "g", pages)) == list(
        relation_records_of(MEMBERS, "g", [_page(sorted(set(ids)))])
    )


def test_a_target_keeps_only_what_the_relation_carries() -> None:
    """Names and addresses of a member live in the member's own record; a scoped role's role lives here."""
    target = b'[{"id":"m1","roleId":"r","roleMemberInfo":{"id":"u","x":1.50},"displayName":"gone"}]'
    shape = RelationShape("administrativeUnits", "scopedRoleMembers", frozenset({"roleId", "roleMemberInfo"}))
    (record,) = relation_records_of(shape, "au", [target])
    assert json.loads(record.line)["value"] == [{"id": "m1", "roleId": "r", "roleMemberInfo": {"id": "u", "x": 1.5}}]
    assert b"1.50" in record.line


def test_a_reference_is_a_relation_with_one_target() -> None:
    """So that one joiner and one difference serve both."""
    shape = RelationShape("users", "manager", frozenset())
    (record,) = relation_records_of(shape, "u", [b'[{"@odata.type":"#microsoft.graph.user","id":"m"}]'])
    assert json.loads(record.line)["parts"] == 1


@pytest.mark.parametrize(
    "page", [b"{}", b"[1]", b"[{}]", b'[{"id":""}]', b'[{"id":"a\\u0000b"}]', b'[{"id":"\\ud800"}]']
)
def test_a_target_without_a_usable_id_is_malformed(page: bytes) -> None:
    """A member that nobody can name would vanish from the group."""
    with pytest.raises(MalformedPageError):
        list(relation_records_of(MEMBERS, "g", [page]))


@pytest.mark.parametrize("count", [0, 1, 2, 300, 1000, 5000, 25_000, 40_000])
def test_a_relation_of_several_pages_has_the_parts_of_one_that_came_at_once(count: int) -> None:
    """How memory is saved must not show in the archive; some targets come twice, some pages are not plain."""
    ids = _ids(count)
    pages = [_page(ids[at : at + 999]) for at in range(0, count, 999)] or [b"[]", b"[]"]
    pages.append(_page(ids[: count // 2]))
    pages.append(json.dumps([{"id": id_, "@odata.type": "#x"} for id_ in ids[:50]]).encode())
    batches = list(large_relation_records_of(MEMBERS, "g", [packed(page) for page in pages]))
    assert [record for batch in batches for record in batch] == list(relation_records_of(MEMBERS, "g", pages))


@pytest.mark.parametrize("count", [300, 12_000])
@pytest.mark.parametrize("moved", [0, 4])
@pytest.mark.parametrize("twice", [False, True])
def test_what_came_on_several_pages_of_a_relation_is_told(count: int, moved: int, twice: bool) -> None:
    """A page in the place of another one hides members; some that moved, and one twice on one page, hide nobody."""
    ids = _ids(count)
    own = [ids[at : at + 100] for at in range(0, count, 100)]
    own[0] = [*own[0], own[0][0]]
    pages = [packed(_page(page)) for page in (*own, [*ids[:moved], "new"], *([own[1]] if twice else []), [])]
    told: list[Repetition] = []
    for _ in large_relation_records_of(MEMBERS, "g", [*pages, packed(b"[]")], told.append):
        pass
    assert told == [Repetition(count + moved + 1 + 100 * twice, count + 1, barren=twice)]
    assert told[0].hides_some == twice


def test_a_malformed_target_on_the_last_page_leaves_no_part() -> None:
    """Parts of a relation that is not whole would say that the others had left."""
    pages = [packed(_page(_ids(5000))), packed(b'[{"id":7}]')]
    with pytest.raises(MalformedPageError):
        next(large_relation_records_of(MEMBERS, "g", pages))


def test_a_group_of_300000_members_fits_in_modest_memory() -> None:
    """Nearly every tenant has a group that holds everybody."""
    ids = _ids(999)
    tracemalloc.start()
    pages = [packed(_page([f"{id_}{number:04d}" for id_ in ids])) for number in range(300)]
    parts = sum(len(batch) for batch in large_relation_records_of(MEMBERS, "g", pages))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert parts == 2048
    assert peak < 40_000_000
