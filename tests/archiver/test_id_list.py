"""Lists of ids: what they say of each other, and how little they keep."""

from __future__ import annotations

import tracemalloc
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.gathering import id_list
from archiver.gathering.id_list import IdList

MOST_BYTES_PER_ID = 20
PAGE = 500
GUIDS = st.uuids().map(str)
IDS = st.one_of(
    GUIDS,
    st.sampled_from([str(UUID(int=number)) for number in range(9)]),
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=20),
    GUIDS.map(str.upper),
    st.binary(min_size=16, max_size=16).map(lambda raw: raw.decode("latin-1").replace("\n", "x")),
)
PAGES = st.lists(st.lists(IDS, max_size=6), max_size=6)


def listed(pages: list[list[str]]) -> IdList:
    ids = IdList()
    for page in pages:
        ids.add("\n".join(page).encode())
    return ids


def many(count: int) -> list[list[str]]:
    guids = [str(UUID(int=number << 64 | number)) for number in range(count)]
    return [guids[at : at + PAGE] for at in range(0, count, PAGE)]


@given(PAGES, PAGES)
def test_lists_say_what_lists_of_text_would(one: list[list[str]], other: list[list[str]]) -> None:
    """Whether an object is read again, or is a gap, hangs on these answers."""
    ours, theirs = listed(one), listed(other)
    flat, known = [id_ for page in one for id_ in page], {id_ for page in other for id_ in page}
    assert list(ours) == flat
    assert len(ours) == len(set(flat))
    assert ours.without(theirs) == list(dict.fromkeys(id_ for id_ in flat if id_ not in known))


@given(PAGES, PAGES)
def test_what_is_compared_part_by_part_is_compared_whole(one: list[list[str]], other: list[list[str]]) -> None:
    """A set of a million ids takes 150 MB, so that lists are compared some ids at a time."""
    ours, theirs = listed(one), listed(other)
    whole = len(ours), ours.without(theirs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_list, "_IDS_AT_ONCE", 2)
        assert (len(ours), ours.without(theirs)) == whole


@given(PAGES)
def test_what_came_on_several_pages_is_counted_whole_and_part_by_part(pages: list[list[str]]) -> None:
    """A page in the place of another one shows in nothing else; one object may have moved."""
    known: set[str] = set()
    barren = False
    for page in filter(None, pages):
        barren |= len(set(page)) > 1 and known >= set(page)
        known |= set(page)
    expected = (sum(len(set(page)) for page in pages), len(known), barren)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_list, "MAX_REPEATED_OBJECTS", 1)
        assert listed(pages).repetition() == expected
        patch.setattr(id_list, "_IDS_AT_ONCE", 2)
        assert listed(pages).repetition() == expected


@given(PAGES, PAGES)
def test_a_list_that_takes_another_one_has_the_ids_of_both(one: list[list[str]], other: list[list[str]]) -> None:
    """What two ways through a list found counts together."""
    ours = listed(one)
    before = len(ours)
    ours.extend(listed(other))
    assert list(ours) == [id_ for page in (*one, *other) for id_ in page]
    assert before <= len(ours) == len(set(ours))


def test_passes_over_one_collection_keep_its_ids_once() -> None:
    """A list is gone through once for itself and once for each relation."""
    pages = many(20_000)
    blocks = [["\n".join(page).encode() for page in pages] for _ in range(4)]
    tracemalloc.start()
    lists = [IdList() for _ in blocks]
    for ids, own in zip(lists, blocks, strict=True):
        for block in own:
            ids.add(block)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept / 20_000 < MOST_BYTES_PER_ID
    assert [ids.without(lists[0]) for ids in lists] == [[]] * 4


def test_counting_takes_no_memory_for_all_ids_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a list everything else is in memory too, and a set of its ids was the peak of a whole run."""
    monkeypatch.setattr(id_list, "_IDS_AT_ONCE", 2000)
    ids, shifted = listed(many(40_000)), listed(many(40_000)[1:])
    tracemalloc.start()
    count, missing = len(ids), shifted.without(ids)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, missing) == (40_000, [])
    assert peak / 40_000 < MOST_BYTES_PER_ID


def test_a_block_goes_with_the_last_list_that_holds_it() -> None:
    """A service runs for years in one process."""
    before = len(id_list._known)
    ids = listed(many(2000))
    assert len(id_list._known) == before + 4
    del ids
    assert len(id_list._known) == before
