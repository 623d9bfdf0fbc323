"""The directory's audit log: who did what to which objects, as `microsoft.graph.directoryAudit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from recovery.rehearsal.population.clock import SECONDS_A_DAY, SECONDS_A_MINUTE, Clock
from recovery.rehearsal.population.entropy import Draw, guid_of, instant_of

Value = dict[str, Any]

RETENTION_DAYS = 30
"""Days that the logs are kept with a P1 or P2 licence (Entra's data retention page)."""

LATE_SHARE = 120
"""Of 1,000 events, so many can be read only minutes after their time."""

EARLIEST_LATE_MINUTES, LATEST_LATE_MINUTES = 3, 20

FRACTIONS = 10_000_000
"""Instants of the logs have seven fraction digits."""


class Deed(NamedTuple):
    """What was done. `initiated_by` and `targets` are an audit's `initiatedBy` and `targetResources`."""

    activity: str
    category: str
    service: str
    operation: str
    initiated_by: Value
    targets: list[Value]


class Event(NamedTuple):
    """An event of a log. `place` orders all of a log; `at` is RFC 3339 with seven fraction digits."""

    place: int
    at: str
    value: Value


class Activity(NamedTuple):
    """A deed at its time, in JSON, which takes little memory. `seen_at` is when the log first shows it."""

    sequence: int
    at: int
    seen_at: int
    deed: bytes


def lateness_of(*name: object) -> int:
    """Seconds after its time from which on an event can be read; of most, none."""
    draw = Draw(*name, "late")
    if not draw.chance(LATE_SHARE):
        return 0
    minutes = EARLIEST_LATE_MINUTES + draw.below(LATEST_LATE_MINUTES - EARLIEST_LATE_MINUTES + 1)
    return minutes * SECONDS_A_MINUTE


def fine_instant_of(seconds: int, fraction: int) -> str:
    """RFC 3339 text of Unix time `seconds`, with `fraction` ten-millionths."""
    return f"{instant_of(seconds)[:-1]}.{fraction % FRACTIONS:07d}Z"


class ActivityLog:
    """What was done in one tenant in the last RETENTION_DAYS, in order of time."""

    time = "activityDateTime"

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock, self._seed = clock, seed
        self._held: list[Activity] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, deed: Deed) -> None:
        """Takes down a deed of this moment."""
        self._sequence += 1
        at = self._clock.seconds
        late = lateness_of(self._seed, "activity", self._sequence)
        self._held.append(Activity(self._sequence, at, at + late, msgspec.json.encode(deed)))

    def forget(self) -> None:
        """Drops what is older than the log's retention."""
        before = self._clock.seconds - RETENTION_DAYS * SECONDS_A_DAY
        self._held = [activity for activity in self._held if activity.at >= before]

    def events(self, *, ascending: bool, start: int, earliest: str, latest: str) -> Iterator[Event]:
        """What can be read by now, from place `start` on (0: all of it)."""
        for activity in self._held if ascending else reversed(self._held):
            far = start and (activity.sequence < start if ascending else activity.sequence > start)
            at = fine_instant_of(activity.at, activity.sequence)
            if not far and activity.seen_at <= self._clock.seconds and earliest <= at <= latest:
                yield Event(activity.sequence, at, self._audit_of(activity, at))

    def _audit_of(self, activity: Activity, at: str) -> Value:
        deed, sequence = msgspec.json.decode(activity.deed, type=Deed), activity.sequence
        correlation = guid_of(self._seed, "correlation", sequence)
        return {
            "id": f"Directory_{correlation}_{sequence:05d}_{sequence * 7919 % 100_000_000}",
            "category": deed.category,
            "correlationId": correlation,
            "result": "success",
            "resultReason": "",
            "activityDisplayName": deed.activity,
            "activityDateTime": at,
            "loggedByService": deed.service,
            "operationType": deed.operation,
            "initiatedBy": deed.initiated_by,
            "targetResources": deed.targets,
            "additionalDetails": [],
        }
