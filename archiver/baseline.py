"""What a snapshot is compared with, so that a drop is seen: the last one, the epoch's full, and a month ago.

A collection that loses a little every day never drops against yesterday.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from vault.ledger.head import Head
from verify.strict_json import time_of

MONTH = timedelta(days=30)


class Baseline(NamedTuple):
    """Objects of each collection at an earlier time; `words` name that time in a sentence."""

    words: str
    objects: Mapping[str, int]


def baselines_of(
    head: Head, history: Sequence[Mapping[str, Any]], read: Collection[str], now: datetime
) -> list[Baseline]:
    """Returns the baselines that there are, the youngest first.

    `head` is the ledger's before this snapshot; `history` holds the results of runs, oldest first; `read` names
    the collections of this snapshot. What the settings leave out by now is missed once, in the first snapshot
    without it. A collection that had a gap then is left out of its baseline: it counts too few.
    """
    sealed = [run for run in reversed(history) if run.get("collections")]
    full = next((run for run in sealed if head.full and run.get("sequence") == head.full.sequence), None)
    month_old = next((run for run in sealed if now - time_of(run["ended_at"]) >= MONTH), None)
    baselines = [Baseline("in the last snapshot", head.objects)]
    if full is not None:
        baselines.append(Baseline("in the epoch's full", _objects_in(full, read)))
    if month_old is not None:
        baselines.append(Baseline("30 days ago", _objects_in(month_old, read)))
    return baselines


def broken_collections_of(gaps: Iterable[Mapping[str, Any]]) -> set[str]:
    """Returns the collections whose counts say nothing: with gaps, `Gap._asdict()` each, that hide objects.

    An object that was deleted while the run was reading it is said in a gap, and hides nothing.
    """
    return {str(gap["collection"]) for gap in gaps if gap["reason"] != "not-found" or gap["id"] is None}


def _objects_in(run: Mapping[str, Any], read: Collection[str]) -> dict[str, int]:
    wanted = set(read) - broken_collections_of(run.get("gaps") or ())
    return {name: counts["objects"] for name, counts in run["collections"].items() if name in wanted}
