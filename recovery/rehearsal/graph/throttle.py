"""Throttling as Graph documents it: token buckets, of resource units for the directory and of requests elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from recovery.rehearsal.graph.address import Address
from recovery.rehearsal.graph.query import Query
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.surface import CONDITIONAL_ACCESS

BURST_SECONDS = 10.0
"""Seconds of quota that the directory's bucket holds: limits are documented per 10 s (Graph throttling limits)."""

SMALL_TOP = 20
"""`$top` below this makes a request one unit cheaper (Graph throttling limits)."""

WARNING_SHARE = 0.8
"""From this share of the bucket on, `x-ms-throttle-limit-percentage` is sent (Graph throttling limits)."""

SIGN_IN_ACTIVITY, KEY_CREDENTIALS = "sign-in-activity", "key-credentials"
REPORTS, CPIM, UNMETERED = "reports", "cpim", "other"
_REQUEST_BUCKETS = {
    CONDITIONAL_ACCESS: (1.0, 1.0),
    SIGN_IN_ACTIVITY: (10 / 60, 10.0),
    KEY_CREDENTIALS: (150 / 60, 150.0),
    REPORTS: (5 / 10, 5.0),
    CPIM: (200 / 60, 200.0),
}
"""Requests per second and capacity: 1/s, 10, 150 and 200 a minute, 5 in 10 s (Graph throttling limits, list pages)."""

_WITHOUT_RETRY_AFTER = frozenset((CONDITIONAL_ACCESS,))

_SELECT_BUCKETS = {"signInActivity": SIGN_IN_ACTIVITY, "keyCredentials": KEY_CREDENTIALS}


class Bucket:
    """A token bucket: `rate` per second, at most `capacity`, full at first use."""

    def __init__(self, rate: float, capacity: float) -> None:
        self.rate, self.capacity = rate, capacity
        self._level = capacity
        self._at: float | None = None
        self.first_at: float | None = None

    def take(self, amount: float, now: float) -> float:
        """0.0 when `amount` was granted, else the seconds until it would be."""
        if self._at is None:
            self._at = self.first_at = now
        self._level = min(self.capacity, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level >= amount:
            self._level -= amount
            return 0.0
        return (min(amount, self.capacity) - self._level) / self.rate

    @property
    def used_share(self) -> float:
        return 1.0 - self._level / self.capacity

    def offered_until(self, now: float) -> float:
        """What the bucket could have granted since its first use."""
        return 0.0 if self.first_at is None else self.capacity + (now - self.first_at) * self.rate


class Charge(NamedTuple):
    """What a request cost, in resource units, and the headers that say so."""

    units: int
    headers: dict[str, str]


class Throttle:
    """Charges requests. `quota` is in resource units per second; None switches all throttling off."""

    def __init__(self, quota: float | None, clock: Callable[[], float], burst_seconds: float = BURST_SECONDS) -> None:
        self.quota = quota
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        if quota is not None:
            self._buckets = {name: Bucket(rate, size) for name, (rate, size) in _REQUEST_BUCKETS.items()}
            self._buckets["identity"] = Bucket(quota, max(quota * burst_seconds, 5.0))

    def charge(self, address: Address, query: Query) -> Charge:
        """Takes the cost of a GET out of its buckets.

        Services beside the directory count requests, and what no page gives a limit for is not metered.

        Raises: Refusal 429; without Retry-After for conditional access, as documented, and with it elsewhere.
        """
        bucket = address.row.bucket
        if bucket == UNMETERED:
            return Charge(0, {})
        if bucket in _REQUEST_BUCKETS:
            self._take(bucket, 1, retry_after=bucket not in _WITHOUT_RETRY_AFTER)
            return Charge(0, {})
        for name in query.select or ():
            if name in _SELECT_BUCKETS:
                self._take(_SELECT_BUCKETS[name], 1, retry_after=True)
        return self.charge_units(units_of(address, query))

    def charge_units(self, units: int) -> Charge:
        """Takes resource units out of the directory's bucket. Raises: Refusal 429 with Retry-After."""
        self._take("identity", units, retry_after=True)
        headers = {"x-ms-resource-unit": str(units)}
        identity = self._buckets.get("identity")
        if identity is not None and identity.used_share >= WARNING_SHARE:
            headers["x-ms-throttle-limit-percentage"] = f"{identity.used_share:.2f}"
        return Charge(units, headers)

    def offered_units(self) -> float | None:
        """Resource units that the quota allowed since the first charge; None without a quota."""
        identity = self._buckets.get("identity")
        return None if identity is None else identity.offered_until(self._clock())

    def _take(self, name: str, amount: float, *, retry_after: bool) -> None:
        bucket = self._buckets.get(name)
        wait = 0.0 if bucket is None else bucket.take(amount, self._clock())
        if wait > 0:
            headers = {"Retry-After": str(max(1, math.ceil(wait)))} if retry_after else {}
            headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
            headers["x-ms-throttle-scope"] = "Tenant_Application/ReadOnly/simulated/simulated"
            raise Refusal(429, "TooManyRequests", "Too many requests. Retry after the time in Retry-After.", headers)


def units_of(address: Address, query: Query) -> int:
    """Resource units of a GET: the row's cost, -1 for `$select`, +1 for `$expand`, -1 for a small `$top`, at
    least 1. A delta function costs 1: Graph's throttling page names none."""
    if address.relation is not None:
        units = address.relation.units
    elif address.id is not None or address.counts or address.delta:
        units = 1
    else:
        units = address.row.units
    units += (1 if query.expand else 0) - (1 if query.select else 0)
    units -= 1 if query.top is not None and query.top < SMALL_TOP else 0
    return max(1, units)
