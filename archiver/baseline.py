"""What a snapshot is compared with, so that a drop is seen: the last one, the epoch's full, and a month ago.

A collection that loses a little every day never drops against yesterday.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from archiver.state.run_record import RunRecord
from vault.ledger.head import Head
from verify.gap import Gap

MONTH = timedelta(days=30)


class Baseline(NamedTuple):
    """Objects of each collection at an earlier time; `words` name that time in a sentence."""

    words: str
    objects: Mapping[str, int]


def baselines_of(head: Head, history: Sequence[RunRecord], read: Collection[str], now: datetime) -> list[Baseline]:
    """Returns the baselines that there are, the youngest first.

    `head` is the ledger's before this snapshot; `history` holds the runs, oldest first; `read` names
    the collections of this snapshot: what the settings leave out has not dropped (`left_out`). A collection that had
    a gap then is left out of its baseline: it counts too few.
    """
    sealed = [run for run in reversed(history) if run.objects]
    full = next((run for run in sealed if head.full and run.sequence == head.full.sequence), None)
    month_old = next((run for run in sealed if now - run.ended_at >= MONTH), None)
    last = {name: objects for name, objects in head.objects.items() if name in read}
    baselines = [Baseline("in the last snapshot", last)]
    if full is not None:
        baselines.append(Baseline("in the epoch's full", _objects_in(full, read)))
    if month_old is not None:
        baselines.append(Baseline("30 days ago", _objects_in(month_old, read)))
    return baselines


def broken_collections_of(gaps: Iterable[Gap]) -> set[str]:
    """Returns the collections whose counts say nothing: with gaps that hide objects.

    An object that was deleted while the run was reading it is said in a gap, and hides nothing.
    """
    return {gap.collection for gap in gaps if gap.reason != "not-found" or gap.id is None}


def _objects_in(run: RunRecord, read: Collection[str]) -> dict[str, int]:
    wanted = set(read) - broken_collections_of(run.gaps)
    return {name: objects for name, objects in run.objects.items() if name in wanted}
