"""Whether a question is put to Graph again, and after what wait."""

from __future__ import annotations

from archiver.graph.patience import Patience
from archiver.graph.tries import Tries

PATIENCE = Patience(attempts=4, first_wait_seconds=1.0, longest_wait_seconds=3.0, deadline_seconds=100.0)


def test_waits_double_up_to_the_longest_and_the_last_attempt_ends_it() -> None:
    """Four attempts are three waits."""
    tries = Tries(PATIENCE, lambda: 0.0)
    assert [tries.next_wait(0.0, is_fault=True) for _ in range(4)] == [1.0, 2.0, 3.0, None]


def test_what_graph_asks_for_is_waited_if_it_is_longer() -> None:
    """`Retry-After` is a least, and so is our own wait."""
    tries = Tries(PATIENCE, lambda: 0.0)
    assert tries.next_wait(20.0, is_fault=True) == 20.0
    assert tries.next_wait(0.5, is_fault=True) == 2.0


def test_throttling_costs_time_and_no_attempt() -> None:
    """A busy tenant is no broken one."""
    tries = Tries(PATIENCE, lambda: 0.0)
    assert {tries.next_wait(7.0, is_fault=False) for _ in range(50)} == {7.0}
    assert tries.next_wait(0.0, is_fault=True) == 1.0


def test_a_wait_that_would_end_after_the_deadline_is_not_begun() -> None:
    """The run has other questions."""
    now = 1000.0
    tries = Tries(PATIENCE, lambda: now)
    assert tries.next_wait(100.0, is_fault=False) == 100.0
    assert tries.next_wait(100.1, is_fault=False) is None
    now += 99.5
    assert tries.next_wait(0.0, is_fault=True) is None
