"""What a run must not pass over in silence: required collections with gaps, and collections that shrank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from archiver.baseline import Baseline, broken_collections_of
from verify.gap import Gap

SMALLEST_ALARMING_DROP = 5
"""Objects; a collection of three that loses one has not dropped by a third of a tenant."""


def gap_alarms_of(gaps: Iterable[Gap], required: Collection[str]) -> list[dict[str, str]]:
    """Returns `{"kind": "gap", "subject", "detail"}` for each required collection that has gaps."""
    return [
        {"kind": "gap", "subject": name, "detail": f"required collection {name} has gaps"}
        for name in sorted(_broken_in(gaps) & set(required))
    ]


def drop_alarms_of(
    gaps: Iterable[Gap], baselines: Sequence[Baseline], now: Mapping[str, int], max_drop: float
) -> list[dict[str, str]]:
    """Returns `{"kind": "drop", "subject", "detail"}` for each collection that lost more than `max_drop` (a share).

    `now` counts objects per collection in this snapshot. One alarm names the first baseline against which a
    collection dropped. A collection with a gap is not compared: what is missing is unknown, not gone.
    """
    broken = _broken_in(gaps)
    alarms = []
    for name in sorted({name for baseline in baselines for name in baseline.objects} - broken):
        left = now.get(name, 0)
        for words, objects in baselines:
            lost = objects.get(name, 0) - left
            if lost >= SMALLEST_ALARMING_DROP and lost > max_drop * objects[name]:
                detail = f"{name} shrank from {objects[name]} objects {words} to {left}"
                alarms.append({"kind": "drop", "subject": name, "detail": detail})
                break
    return alarms


def _broken_in(gaps: Iterable[Gap]) -> set[str]:
    return broken_collections_of(gap._asdict() for gap in gaps)
