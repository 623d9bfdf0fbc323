"""A loop that signals end in order: no moment of it loses a step, and no signal after the first cuts off its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import events
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from archiver.interruptible_loop import run_interruptibly

NUMBERS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@pytest.fixture(autouse=True)
def interrupting() -> Iterator[None]:
    """All three interrupt, as in the program."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Ends:
    """Ten tasks that wait for nothing, each with an end that takes a few steps of the loop."""

    def __init__(self) -> None:
        self.begun: set[int] = set()
        self.ended: set[int] = set()

    async def work(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(self._one(number))

    async def _one(self, number: int) -> None:
        self.begun.add(number)
        try:
            while True:
                await asyncio.sleep(0)
        finally:
            for _ in range(3):
                await asyncio.sleep(0)
            self.ended.add(number)


def at_steps(*told: tuple[int, signal.Signals]) -> Any:
    """A profiler that sends signals when the loop has taken its Nth callback off its list and not yet begun it."""
    waiting, seen = list(told), 0

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal seen
        if event == "call" and frame.f_code is events.Handle._run.__code__:
            seen += 1
            while waiting and waiting[0][0] == seen:
                signal.raise_signal(waiting.pop(0)[1])

    return profile


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
@pytest.mark.parametrize("step", range(1, 40, 3))
def test_no_moment_of_the_loop_loses_a_step(number: signal.Signals, step: int) -> None:
    """A task that is never stepped again is waited for without end, and the run holds its state for ever."""
    ends = Ends()
    sys.setprofile(at_steps((step, number)))
    try:
        with pytest.raises(KeyboardInterrupt):
            run_interruptibly(ends.work)
    finally:
        sys.setprofile(None)
    assert ends.ended == ends.begun


@pytest.mark.parametrize("later", range(1, 30))
def test_a_second_and_a_third_signal_do_not_cut_off_the_end(later: int) -> None:
    """Somebody who waits presses again; `timeout` sends two by itself."""
    ends = Ends()
    sys.setprofile(
        at_steps((20, signal.SIGTERM), (20 + later, signal.SIGINT), (21 + later, signal.SIGTERM)),
    )
    try:
        with pytest.raises(KeyboardInterrupt):
            run_interruptibly(ends.work)
    finally:
        sys.setprofile(None)
    assert ends.begun == ends.ended == set(range(10))


def test_a_signal_wakes_a_loop_that_waits() -> None:
    """Nothing comes of a server that has fallen silent."""

    async def work() -> None:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(work)


def test_a_signal_that_comes_before_the_first_task_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the work begun."""
    made = asyncio.new_event_loop

    def told() -> asyncio.AbstractEventLoop:
        signal.raise_signal(signal.SIGTERM)
        return made()

    monkeypatch.setattr(asyncio.events, "new_event_loop", told)
    ends = Ends()
    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(ends.work)
    assert not ends.begun


def test_a_signal_counts_also_where_the_work_ended_at_that_moment() -> None:
    """Whoever told a run to end waits for that, not for the seal of an hour's reading."""

    async def work() -> int:
        signal.raise_signal(signal.SIGTERM)
        return 1

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(work)


def test_a_signal_goes_to_the_handler_that_it_had() -> None:
    """What a caller has it do besides, such as not to heed the next one, is done once the loop has ended."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))

    async def work() -> None:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)
        assert not told
        await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(work)
    assert told == [signal.SIGTERM]


def test_what_is_ignored_stays_so_and_all_handlers_are_as_before() -> None:
    """`nohup` and a shell's background mean it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = [signal.getsignal(number) for number in NUMBERS]

    async def work() -> int:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0.01)
        return 7

    assert run_interruptibly(work) == 7
    assert [signal.getsignal(number) for number in NUMBERS] == before
