"""What a run has read of a tenant, apart from the records themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from archiver.gathering.since import ChangeLink, RecoveryTrace
from archiver.graph.reference import Reference
from vault.sealing.scope import ReadAgain
from verify.gap import Gap


class Completeness(NamedTuple):
    """A collection's own `$count` beside what was read; `counted` is None where Graph did not say."""

    collection: str
    read: int
    counted: int | None
    tolerance: int

    @property
    def differs_by(self) -> int:
        """Objects that Graph counts and that were not read, beyond the tolerance; negative where more were read."""
        missing = (self.read if self.counted is None else self.counted) - self.read
        return 0 if abs(missing) <= self.tolerance else missing


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """How far a run read by what Graph says has changed.

    `again`: what was read again of the collections that were read so. `why_whole`: why the others that have a change
    query were read whole, if anything but the settings is the reason. `links`: what asks later for the changes since
    this reading; a reading by changes takes none. `recovery`: what was seen of Microsoft's own recovery at the start.
    `are_spent`: it was used since the links that this reading was to begin from were taken.
    """

    again: Mapping[str, ReadAgain]
    why_whole: Mapping[str, str]
    links: Mapping[str, ChangeLink]
    recovery: RecoveryTrace
    are_spent: bool = False


class Unresolved(NamedTuple):
    """An id, the place that names it, and the id of one object that does so there."""

    id: str
    reference: Reference
    namer: str


class Closure(NamedTuple):
    """`unresolved` ids, of which the first are records, `total` of them with those left out, and what could not be
    judged: places with the reason.

    `lost` are dangling ids of the epoch's full that who named them names no more: whether another still does is known
    to a reading of everything alone.
    """

    unresolved: Sequence[Unresolved]
    total: int
    unjudged: Mapping[str, str]
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read and what is missing.

    `counts`: distinct objects that there are, per collection. `complete`: collections without any gap. `graph_date`:
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
    changes: ChangeReport
    closure: Closure
