"""How fast requests may go: parallel requests, and a rate for each of Graph's throttling buckets.

The directory counts resource units in a token bucket, 8,000 in 10 s for an app in a large tenant
(Microsoft Learn, throttling limits). `Pace` starts at the asked share of that. When Graph answers 429 the
bucket is empty: all wait as long as Graph asks, and what was granted between two such moments, divided by
the time between them, is the quota that really holds; the rate follows it down, by half at most for each
429, and grows until the next. From 0.8 of its limit on Graph says how much of it is used; where that is more
than the asked share the rate goes down before any 429, so that others' requests live.

The other buckets count requests; their documented limits are heeded once Graph insists on one of them, so that
a tenant where a handful of requests is all there is to read waits for nothing. What has no documented limit
waits as long as Graph asks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext

from archiver.graph.errors import ThrottledOutError
from archiver.graph.row import Bucket

LARGE_TENANT_UNITS_PER_SECOND = 800.0
"""Resource units per second of one app in a tenant of over 500 users: 8,000 in 10 s (Microsoft Learn)."""
REQUESTS_PER_SECOND: Mapping[Bucket, float] = {
    "conditional-access": 1.0,
    "reports": 0.5,
    "cpim": 200 / 60,
    "sign-in-activity": 10 / 60,
    "key-credentials": 150 / 60,
    "extensions": 45.5,
    "intune": 50.0,
}
"""Requests per second that Graph grants (Microsoft Learn, throttling limits; list applications for `key-credentials`).

Conditional access and key credentials are for all apps of a tenant together, the others for one app in it.
"""
DEFAULT_WAIT_SECONDS = 1.0
"""Wait after a 429 without Retry-After; doubled for each further one, up to `_LONGEST_WAIT_SECONDS`."""

_LONGEST_WAIT_SECONDS = 60.0
_BURST_SECONDS = 1.0
"""Seconds of allowance that may be saved up, so that a pause of the client is made up for."""
_LEAST_RATE = 10.0
_GROWTH = 0.01
_CAUTIOUS_GROWTH = 0.0005
"""The same where a share is left to others: growing until the next 429 would take all of it."""
_DEEPEST_CUT = 0.5
"""Share of the rate that one 429 leaves at least: a 429 in a quiet minute says little about the quota."""
_SHORTEST_MEASURE_SECONDS = 0.5
_BUCKET_SECONDS = 10.0
"""Graph's bucket holds what it grants in ten seconds (Microsoft Learn, throttling limits), so that no request that was
granted cost more, whatever its answer says."""
_EASING_SECONDS = 2.0
"""Between two cuts that no 429 asked for: Graph's bucket is ten seconds deep and shows late what they did."""


class _Meter:
    """The allowance of one bucket. `rate` is in units per second, None while nothing limits it; `share` of what Graph
    grants may be taken. `shut_out`: requests that wait for a 429 to pass.
    """

    def __init__(self, rate: float | None, *, fixed: float | None, share: float, now: float) -> None:
        self.rate = rate
        self._share = share
        self._most = rate
        self._fixed = fixed
        self._free_at = now
        self.blocked_until = now
        self._grown_at = now
        self._eased_at = now
        self._since: float | None = None
        self._granted = 0.0
        self._unanswered = 0
        self.shut_out = 0
        self.queue = asyncio.Lock()
        self.followers = asyncio.Lock()

    @property
    def is_awaited(self) -> bool:
        """Whether a request waits for its turn."""
        return self.shut_out > 0 or self.queue.locked()

    def require_open_by(self, until: float | None, now: float) -> None:
        """Raises ThrottledOutError where the bucket opens later than `until`."""
        if until is not None and now < self.blocked_until and self.blocked_until > until:
            seconds = self.blocked_until - now
            raise ThrottledOutError(
                f"429: Graph closed this quota for {seconds:,.0f} s, longer than a request is tried"
            )

    def wait(self, now: float) -> float:
        """Gives the seconds until a request may go, 0.0 if it may go at once."""
        if now < self.blocked_until:
            return self.blocked_until - now
        return 0.0 if self.rate is None else max(0.0, self._free_at - now)

    def book(self, units: float, now: float) -> None:
        """Takes the units of a request that goes."""
        if self.rate is not None:
            self._free_at = max(self._free_at, now - _BURST_SECONDS) + units / self.rate

    def granted(self, booked: float, units: float, now: float) -> None:
        """Corrects a booking to what the request cost, and lets the rate grow a little."""
        if self.rate is not None:
            units = min(units, max(booked, self.rate * _BUCKET_SECONDS))
        self._granted += units
        self._unanswered = 0
        if self.rate is None or self._most is None:
            return
        self._free_at += (units - booked) / self.rate
        if self._fixed is None and now > self.blocked_until:
            growth = _GROWTH if self._share == 1 else _CAUTIOUS_GROWTH
            grown = self.rate * (1 + growth * min(1.0, now - self._grown_at))
            self.rate = min(self._most, grown)
        self._grown_at = now

    def throttled(self, retry_after: float | None, now: float) -> float:
        """Learns from a 429 and gives the seconds until the bucket opens again."""
        fresh = now >= self.blocked_until
        wait = retry_after
        if wait is None:
            wait = min(_LONGEST_WAIT_SECONDS, DEFAULT_WAIT_SECONDS * 2**self._unanswered)
        if fresh:
            self._unanswered = min(self._unanswered + 1, 16)
            self._learn(now)
        self.blocked_until = max(self.blocked_until, now + wait)
        self._free_at = max(self._free_at, self.blocked_until)
        return self.blocked_until - now

    def neared(self, used: float, now: float) -> None:
        """Learns from how much of its limit a bucket has used up, as a share: slows down to the share it may take."""
        if self.rate is None or used <= self._share or now - self._eased_at < _EASING_SECONDS:
            return
        self._eased_at = now
        self._grown_at = now
        self.rate = max(_LEAST_RATE, self.rate * max(_DEEPEST_CUT, self._share / used))

    def _learn(self, now: float) -> None:
        if self._fixed is not None:
            self.rate = self._most = self._fixed
        elif self.rate is not None and self._most is not None:
            elapsed = now - self._since if self._since is not None else 0.0
            measured = self._share * self._granted / elapsed if elapsed >= _SHORTEST_MEASURE_SECONDS else 0.0
            self.rate = max(_LEAST_RATE, min(self._most, max(measured, self.rate * _DEEPEST_CUT)))
        self._since, self._granted, self._grown_at = now, 0.0, now


class Pace:
    """Lets requests go, as many at once and as fast as the tenant's quota allows."""

    def __init__(
        self,
        *,
        parallel_requests: int,
        quota_share: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._slots = asyncio.Semaphore(parallel_requests)
        now = clock()
        self._meters: dict[Bucket, _Meter] = {
            "directory": _Meter(LARGE_TENANT_UNITS_PER_SECOND * quota_share, fixed=None, share=quota_share, now=now),
            "other": _Meter(None, fixed=None, share=quota_share, now=now),
        }
        for bucket, rate in REQUESTS_PER_SECOND.items():
            self._meters[bucket] = _Meter(None, fixed=rate * quota_share, share=quota_share, now=now)

    @asynccontextmanager
    async def turn(
        self, bucket: Bucket, units: float, *, leads: bool = False, until: float | None = None
    ) -> AsyncIterator[None]:
        """Waits for the bucket, then for one of the parallel requests, first come, first served.

        A request that `leads`, to others that can't be sent before it is answered, goes before all that do not but
        one: a list's pages come one after the other, and would each wait for all batches that wait.
        Who waits for a bucket holds no parallel request, so that a dry bucket leaves them all to the others.

        Raises:
            ThrottledOutError: a 429 closes the bucket for longer than `until`, of the clock; nobody waits for that.
        """
        meter = self._meters[bucket]
        while True:
            await self._opened(meter, until)
            async with nullcontext() if leads else meter.followers, meter.queue:
                if await self._booked(meter, units):
                    break
        try:
            yield
        finally:
            self._slots.release()

    async def _opened(self, meter: _Meter, until: float | None) -> None:
        """Waits until no 429 closes the bucket: each for itself, as patience ends at another time for each."""
        meter.shut_out += 1
        try:
            while (now := self._clock()) < meter.blocked_until:
                meter.require_open_by(until, now)
                await self._sleep(meter.blocked_until - now)
        finally:
            meter.shut_out -= 1

    async def _booked(self, meter: _Meter, units: float) -> bool:
        """Takes one of the parallel requests once the bucket grants it; False if a 429 comes first."""
        while self._clock() >= meter.blocked_until:
            if (wait := meter.wait(self._clock())) > 0:
                await self._sleep(wait)
                continue
            await self._slots.acquire()
            if meter.wait(self._clock()) <= 0:
                meter.book(units, self._clock())
                return True
            self._slots.release()  # a 429 came meanwhile
        return False

    def limiting(self) -> tuple[Bucket, ...]:
        """Gives the buckets that make requests wait right now."""
        now = self._clock()
        return tuple(bucket for bucket, meter in self._meters.items() if meter.is_awaited and meter.wait(now) > 0)

    def granted(self, bucket: Bucket, booked: float, units: float) -> None:
        """Says that a request booked at `booked` units was answered and cost `units`."""
        self._meters[bucket].granted(booked, units, self._clock())

    def returned(self, bucket: Bucket, units: float) -> None:
        """Says that `units` of a granted request were not spent: a request inside a batch got a 429."""
        self._meters[bucket].granted(0.0, -units, self._clock())

    def neared(self, bucket: Bucket, used: float) -> None:
        """Says which share of a bucket's limit Graph counts as used (`x-ms-throttle-limit-percentage`)."""
        self._meters[bucket].neared(used, self._clock())

    def throttled(self, bucket: Bucket, retry_after: float | None) -> float:
        """Says that Graph answered 429, `retry_after` in seconds; gives the seconds to wait."""
        return self._meters[bucket].throttled(retry_after, self._clock())
