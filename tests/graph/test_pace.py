"""Pace: all of the quota and no more, measured against a bucket like Graph's, on a made clock."""

from __future__ import annotations

import asyncio
import heapq
import math

import pytest

from archiver.graph.errors import ThrottledOutError
from archiver.graph.pace import Pace


class MadeTime:
    """A clock that moves when everybody sleeps: an hour of pacing takes a moment."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + max(0.0, seconds), self._count, future))
        await future

    async def run(self, until: float) -> None:
        while self.now < until:
            for _ in range(20):
                await asyncio.sleep(0)
            if not self._sleepers:
                return
            at, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, at)
            if not future.done():
                future.set_result(None)


class Quota:
    """A token bucket as Graph documents it: full at first, ten seconds deep, Retry-After when empty."""

    def __init__(self, time: MadeTime, per_second: float, retry_after: bool = True) -> None:
        self._time, self._rate, self._retry_after = time, per_second, retry_after
        self.depth = per_second * 10
        self._level, self._at = self.depth, time.now
        self.granted = 0.0
        self.refused = 0

    def take(self, units: float) -> float | None:
        """Gives None if granted, else Retry-After."""
        now = self._time.now
        self._level = min(self.depth, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level >= units:
            self._level -= units
            self.granted += units
            return None
        self.refused += 1
        return max(1.0, math.ceil((units - self._level) / self._rate))

    @property
    def used(self) -> float:
        """The share of the bucket that is used up, as Graph's header says it."""
        return 1 - self._level / self.depth


def _used(
    per_second: float,
    seconds: float,
    units: float,
    latency: float,
    retry_after: bool = True,
    quota_share: float = 1.0,
    tells: bool = False,
) -> tuple[float, Quota]:
    async def main() -> tuple[float, Quota]:
        time = MadeTime()
        quota = Quota(time, per_second)
        pace = Pace(parallel_requests=16, quota_share=quota_share, clock=time.clock, sleep=time.sleep)
        end = time.now + seconds

        async def ask() -> None:
            while time.now < end:
                async with pace.turn("directory", units):
                    await time.sleep(latency)
                    wait = quota.take(units)
                if wait is None:
                    pace.granted("directory", units, units)
                    if tells and quota.used >= 0.8:
                        pace.neared("directory", quota.used)
                else:
                    pace.throttled("directory", wait if retry_after else None)

        tasks = [asyncio.create_task(ask()) for _ in range(32)]
        await time.run(end)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return quota.granted / (quota.depth + per_second * seconds), quota

    return asyncio.run(main())


@pytest.mark.parametrize("units", [1, 2, 40])
@pytest.mark.parametrize("seconds", [30, 120, 600])
def test_at_least_85_percent_of_a_quota_of_80_a_second_is_used(units: float, seconds: float) -> None:
    """The quota is what bounds a run; what is not used of it is time lost every night."""
    share, quota = _used(80, seconds, units, latency=0.05)
    assert share >= 0.85
    assert quota.refused <= 40 + seconds / 2


def test_without_retry_after_the_quota_is_found_too() -> None:
    """Some of Graph's 429s come without it."""
    share, _ = _used(80, 300, 2, latency=0.05, retry_after=False)
    assert share >= 0.8


def test_a_large_tenants_quota_is_used_without_a_single_refusal() -> None:
    """8,000 units in 10 s are published; no need to find out by being refused."""
    share, quota = _used(800, 60, 2, latency=0.01)
    assert quota.refused == 0
    assert share >= 0.85


@pytest.mark.parametrize(("tells", "most"), [(False, 0.8), (True, 0.62)])
def test_a_share_of_a_quota_that_has_to_be_found_out_is_left_to_others(tells: bool, most: float) -> None:
    """Half of 80 units a second are theirs; Graph's header says when they are taken, its 429s say it roughly."""
    taken, quota = _used(80, 600, 2, latency=0.05, quota_share=0.5, tells=tells)
    assert 0.4 <= taken <= most
    assert quota.refused <= 40


def test_graphs_warning_slows_a_run_down_before_it_is_refused() -> None:
    """A backup gives way: most of the time nobody's request is refused because of it."""
    _, silent = _used(80, 300, 2, latency=0.05, quota_share=0.7)
    _, warned = _used(80, 300, 2, latency=0.05, quota_share=0.7, tells=True)
    assert warned.refused <= silent.refused


def test_only_the_asked_share_is_taken() -> None:
    """The rest belongs to the app's other work."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=64, quota_share=0.5, clock=time.clock, sleep=time.sleep)
        spent = 0.0

        async def ask() -> None:
            nonlocal spent
            while True:
                async with pace.turn("directory", 2):
                    spent += 2
                    await time.sleep(0.01)
                pace.granted("directory", 2, 2)

        tasks = [asyncio.create_task(ask()) for _ in range(64)]
        await time.run(1060)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return spent / 60

    assert asyncio.run(main()) == pytest.approx(400, rel=0.03)


def test_what_a_request_really_cost_is_what_counts() -> None:
    """Graph says the price in every answer, and may change it."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=1, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        for _ in range(100):
            entry = asyncio.create_task(_enter(pace))
            await time.run(1e9)
            await entry
            pace.granted("directory", 1, 80)
        return time.now - 1000

    assert asyncio.run(main()) == pytest.approx(10, abs=1)


async def _settle() -> None:
    """Lets every task go as far as it can without time passing."""
    for _ in range(20):
        await asyncio.sleep(0)


async def _enter(pace: Pace) -> None:
    async with pace.turn("directory", 1):
        pass


def test_conditional_access_is_unpaced_until_graph_insists_then_one_a_second() -> None:
    """One request a second is shared with everybody; a run's ten requests need no ration of their own."""

    async def main() -> tuple[float, float]:
        time = MadeTime()
        pace = Pace(parallel_requests=4, quota_share=1.0, clock=time.clock, sleep=time.sleep)

        async def span_of_four() -> float:
            entered: list[float] = []

            async def ask() -> None:
                async with pace.turn("conditional-access", 1):
                    entered.append(time.now)

            tasks = [asyncio.create_task(ask()) for _ in range(4)]
            await time.run(1e9)
            await asyncio.gather(*tasks)
            return entered[-1] - entered[0]

        before = await span_of_four()
        pace.throttled("conditional-access", None)
        return before, await span_of_four()

    before, after = asyncio.run(main())
    assert before == 0
    assert 2.0 <= after <= 3.1


def test_one_bucket_does_not_hold_up_another() -> None:
    """Users must not wait for conditional access."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=4, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        pace.throttled("conditional-access", 300)
        await _enter(pace)
        return time.now

    assert asyncio.run(main()) == 1000


def test_the_page_of_a_list_does_not_wait_for_all_batches_that_wait() -> None:
    """A hundred pages that each wait a second for batches make a reading longer, which the batches alone do not."""

    async def main() -> tuple[list[str], float]:
        time = MadeTime()
        pace = Pace(parallel_requests=4, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        went: list[str] = []

        async def ask(name: str, units: float, *, leads: bool) -> None:
            async with pace.turn("directory", units, leads=leads):
                went.append(name)

        batches = [asyncio.create_task(ask("batch", 20, leads=False)) for _ in range(200)]
        await _settle()
        before = len(went)
        pages = [asyncio.create_task(ask("page", 1, leads=True)) for _ in range(3)]
        await time.run(1e9)
        await asyncio.gather(*batches, *pages)
        return went[before:], time.now - 1000

    went, seconds = asyncio.run(main())
    assert went[:4] == ["batch", "page", "page", "page"]
    assert went[4:].count("batch") > 100
    assert seconds < 200 * 20 / 800 + 1


def test_who_waits_for_a_dry_bucket_holds_no_parallel_request() -> None:
    """Else the ten requests of conditional access would stop a run for as long as Graph asks."""

    async def main() -> bool:
        time = MadeTime()
        pace = Pace(parallel_requests=2, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        pace.throttled("conditional-access", 300)

        async def ask() -> None:
            async with pace.turn("conditional-access", 1):
                pass

        waiting = [asyncio.create_task(ask()) for _ in range(5)]
        await _settle()
        entry = asyncio.create_task(_enter(pace))
        await _settle()
        went = entry.done() and time.now == 1000
        await time.run(1e9)
        await asyncio.gather(entry, *waiting)
        return went

    assert asyncio.run(main())


def test_a_bucket_that_closes_while_a_parallel_request_is_awaited_is_waited_for() -> None:
    """What goes out after a 429 only earns another."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=1, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        entered: list[float] = []

        async def ask() -> None:
            async with pace.turn("directory", 1):
                entered.append(time.now)

        async with pace.turn("directory", 1):
            task = asyncio.create_task(ask())
            await _settle()
            pace.throttled("directory", 60)
        await time.run(1e9)
        await task
        return entered[0]

    assert asyncio.run(main()) >= 1060


def test_nobody_waits_for_a_bucket_that_opens_after_his_patience() -> None:
    """Each gives up by the end of his own, whoever stands before him; who has the patience waits and goes."""

    async def main() -> tuple[dict[float, float], float]:
        time = MadeTime()
        pace = Pace(parallel_requests=2, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        gave_up: dict[float, float] = {}

        async def ask(until: float) -> float:
            try:
                async with pace.turn("directory", 1, until=until):
                    return time.now
            except ThrottledOutError:
                gave_up[until] = time.now
                return 0.0

        pace.throttled("directory", 300)
        tasks = [asyncio.create_task(ask(until)) for until in (1100, 2800, 1200, 1299, 3000)]
        await _settle()
        assert pace.limiting() == ("directory",)
        await time.run(1100)
        pace.throttled("directory", 86_400 - 100)
        tasks.append(asyncio.create_task(ask(1e6)))
        await time.run(1e9)
        *_, went = await asyncio.gather(*tasks)
        return gave_up, went

    gave_up, went = asyncio.run(main())
    assert sorted(gave_up) == [1100, 1200, 1299, 2800, 3000]
    assert all(at <= until for until, at in gave_up.items())
    assert went >= 87_300


def test_who_waits_behind_another_gives_up_when_a_429_closes_the_bucket() -> None:
    """Waiting in line is no reason to outwait one's patience."""

    async def main() -> tuple[list[float], float]:
        time = MadeTime()
        pace = Pace(parallel_requests=1, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        gave_up: list[float] = []

        async def ask() -> None:
            try:
                async with pace.turn("directory", 1, until=1500):
                    await time.sleep(5)
                    pace.throttled("directory", 86_400)
            except ThrottledOutError:
                gave_up.append(time.now)

        tasks = [asyncio.create_task(ask()) for _ in range(10)]
        await time.run(1e9)
        await asyncio.gather(*tasks)
        return gave_up, time.now

    gave_up, ended = asyncio.run(main())
    assert len(gave_up) == 9
    assert ended <= 1500


def test_one_absurd_price_costs_no_more_than_what_a_bucket_holds() -> None:
    """Graph's bucket holds ten seconds of what it grants, so that no request that was granted cost more."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=1, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        await _enter(pace)
        pace.granted("directory", 1, 999_999)
        task = asyncio.create_task(_enter(pace))
        await time.run(1e9)
        await task
        return time.now - 1000

    assert asyncio.run(main()) <= 10


def test_a_long_retry_after_is_honoured() -> None:
    """Giving up at 180 s, as the SDK does, would lose the night."""

    async def main() -> float:
        time = MadeTime()
        pace = Pace(parallel_requests=4, quota_share=1.0, clock=time.clock, sleep=time.sleep)
        assert pace.throttled("directory", 300) == 300
        task = asyncio.create_task(_enter(pace))
        await time.run(1e9)
        await task
        return time.now

    assert asyncio.run(main()) >= 1300
