"""What a run has read of a tenant, apart from the records themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from verify.gap import Gap


class Completeness(NamedTuple):
    """A collection's own `$count` beside what was read; `counted` is None where Graph did not say."""

    collection: str
    read: int
    counted: int | None
    tolerance: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read and what is missing.

    `counts`: distinct objects read, per collection. `complete`: collections without any gap. `graph_date`:
    the last `Date` of Graph. `taken_at`: the end of reading. `tenant_id`: a GUID.
    """

    counts: dict[str, int]
    complete: tuple[str, ...]
    gaps: tuple[Gap, ...]
    completeness: tuple[Completeness, ...]
    requests: int
    throttled: int
    resource_units: float
    graph_date: datetime | None
    taken_at: datetime
    tenant_id: str
    simulated: bool
