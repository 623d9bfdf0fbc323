"""What a reading can't be faster than: quota, latency, bandwidth, and a client that does nothing with the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Bounds(NamedTuple):
    """Each in seconds."""

    quota: float
    latency: float
    bandwidth: float
    floor: float

    @property
    def largest(self) -> tuple[str, float]:
        """The bound that counts, with its name."""
        return max(self._asdict().items(), key=lambda one: one[1])


class Terms(NamedTuple):
    """What a tenant grants to a run: resource units per second, the share of them that the run may take, latency in
    seconds, and requests under way at once.
    """

    quota: float
    share: float
    latency: float
    parallel: int

    def quota_seconds(self, units: float) -> float:
        """The least time in which `units` may be spent."""
        return units / (self.quota * self.share)

    def latency_seconds(self, requests: int) -> float:
        """The least time in which `requests` can be answered."""
        return requests * self.latency / self.parallel


def bounds_of(reading: Mapping[str, float], floor: Mapping[str, float], terms: Terms) -> Bounds:
    """The bounds of a reading: its `units`, `requests` and `wire_bytes`; `wall` and `loopback` of the floor."""
    return Bounds(
        terms.quota_seconds(reading["units"]),
        terms.latency_seconds(int(reading["requests"])),
        reading["wire_bytes"] / floor["loopback"],
        floor["wall"],
    )
