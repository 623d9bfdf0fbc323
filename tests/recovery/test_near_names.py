"""Names that may be meant: found in a large tenant too, at a price that does not grow with it."""

from __future__ import annotations

import pytest

from recovery import near_names
from recovery.near_names import NearNames


def test_a_slip_is_found_among_more_names_than_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing all names of a tenant takes seconds, and keeping them a share of the memory."""
    monkeypatch.setattr(near_names, "_MAX_COMPARED", 20)
    near = NearNames("anna.baur17@contoso.com")
    for number in range(1000):
        near.add(f"Anna.Bauer{number}@contoso.com")
        near.add(f"bernd.petrov{number}@contoso.com")
    assert near.closest[0] == "Anna.Bauer17@contoso.com"
    assert len(near._written) == len(near._ranked) == 20


def test_one_name_of_many_objects_takes_one_place() -> None:
    """400,000 guests may all be called the same."""
    near = NearNames("salle")
    for _ in range(3000):
        near.add("Sale")
    near.add("Sales")
    assert len(near._written) == 2 and near.closest == ["Sale", "Sales"]


@pytest.mark.parametrize("word", ["", "x" * 10_000])
def test_a_word_that_nobody_mistypes_is_compared_with_nothing(word: str) -> None:
    """The comparison of two long names is quadratic."""
    near = NearNames(word)
    near.add("x" * 10_000)
    assert near.closest == []


def test_names_that_end_with_the_word_come_first_and_in_their_order() -> None:
    """The principal name of a deleted user stands behind his id."""
    near = NearNames("anna@b.c")
    for name in ("ana@b.c", "1Anna@b.c", "2Anna@b.c"):
        near.add(name)
    assert near.closest == ["1Anna@b.c", "2Anna@b.c", "ana@b.c"]
