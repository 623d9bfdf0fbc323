"""What a snapshot falls short of: required collections with gaps, and collections that shrank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from archiver.alarm import Alarm
from archiver.baseline import Baseline, broken_collections_of
from archiver.graph.errors import LicenceMissingError
from archiver.graph.row import FOREIGN_EXTENSIONS
from verify.escrow_place import ESCROW
from verify.gap import Gap
from verify.wording import counted

SMALLEST_ALARMING_DROP = 5
"""Objects; a collection of three that loses one has not dropped by a third of a tenant."""
ESCROW_STEP = ": sealed secrets are gone from state/escrow; escrow them again, older snapshots have what they were"


def licensed_gaps_of(gaps: Iterable[Gap], before: Mapping[str, int]) -> list[Gap]:
    """Leaves out what no run can read: collections that the tenant has no licence for, where there is nothing to be
    missed, and directory extensions of other tenants' applications that Graph does not name.

    `before` counts objects per collection in the last snapshot: what was read then and is not licensed any more
    is missed.
    """
    return [
        gap
        for gap in gaps
        if gap.relation != FOREIGN_EXTENSIONS
        and (gap.reason != LicenceMissingError.reason or before.get(gap.collection, 0))
    ]


def gap_alarms_of(gaps: Iterable[Gap], required: Collection[str]) -> list[Alarm]:
    """Returns one (`gap`) for each required collection that has gaps."""
    broken = sorted(broken_collections_of(gaps) & set(required))
    return [Alarm("gap", name, f"required collection {name} has gaps") for name in broken]


def drop_alarms_of(
    gaps: Iterable[Gap], baselines: Sequence[Baseline], now: Mapping[str, int], max_drop: float
) -> list[Alarm]:
    """Returns one (`drop`) for each collection that lost more than `max_drop` (a share).

    `now` counts objects per collection in this snapshot. One alarm names the first baseline against which a
    collection dropped; of escrowed secrets one that is lost is enough. A collection with a gap is not compared: what
    is missing is unknown, not gone.
    """
    broken = broken_collections_of(gaps)
    alarms = []
    for name in sorted({name for baseline in baselines for name in baseline.objects} - broken):
        left = now.get(name, 0)
        for words, objects in baselines:
            if _has_dropped(name, objects.get(name, 0), left, max_drop):
                what = f"{name} shrank from {counted(objects[name], 'object')} {words} to {left}"
                alarms.append(Alarm("drop", name, what + (ESCROW_STEP if name == ESCROW else "")))
                break
    return alarms


def _has_dropped(name: str, before: int, left: int, max_drop: float) -> bool:
    """An escrowed secret is replaced and never taken away, so that a single one that is gone was lost."""
    if name == ESCROW:
        return left < before
    lost = before - left
    return lost >= SMALLEST_ALARMING_DROP and lost > max_drop * before
