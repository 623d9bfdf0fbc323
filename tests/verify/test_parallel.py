"""Work on all cores: the same results with and without fork, and no silence when a worker dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from verify.errors import StrongroomError
from verify.parallel import results_of


@pytest.mark.parametrize("fork", [True, False])
@pytest.mark.parametrize("tasks", [0, 1, 2, 37])
def test_every_task_has_its_result(fork: bool, tasks: int) -> None:
    """Where there is no fork, the work is done in this process."""
    ran = []
    results = dict(results_of(lambda task: b"x" * task * 1000, tasks, lambda: ran.append(1), fork=fork))
    assert results == {task: b"x" * task * 1000 for task in range(tasks)}
    assert ran == [1]


def _killed(task: int) -> bytes:
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _failed(task: int) -> bytes:
    raise KeyError(task)


@pytest.mark.parametrize(("work", "words"), [(_killed, "ended after"), (_failed, "KeyError")])
def test_a_worker_that_ends_early_is_an_error(work: object, words: str) -> None:
    """A verdict without some of the results would be green by absence."""
    assert callable(work)
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: nothing is forked")
    with pytest.raises(StrongroomError, match=words):
        list(results_of(work, 8))


def test_no_worker_is_left_when_the_caller_stops_early() -> None:
    """An interrupted verification leaves no process behind."""
    before = children()
    results = results_of(lambda task: bytes(100_000), 50)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert children() <= before


def children() -> set[str]:
    """Processes that this one has forked and not yet waited for (proc(5))."""
    return {
        child
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text(encoding="ascii").split()
    }
