"""What the settings leave out of an archive though a rebuild needs it, and the alarm when that is new.

Whoever can edit the settings could make an archive forget group memberships in one line, and no object would be
missing from any count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from archiver.alarm import Alarm
from archiver.baseline import MONTH
from archiver.graph.catalogue import Catalogue
from archiver.graph.row import Row
from archiver.state.run_record import RunRecord
from vault.ledger.head import Head


def logs_of(head: Head | None) -> Collection[str]:
    """Names the logs of which the archive knows how far they are read."""
    return head.events.streams.keys() if head and head.events else ()


def left_out_of(catalogue: Catalogue, rows: Iterable[Row], logs: Collection[str] = ()) -> list[str]:
    """Names what `all` reads and a rebuild must have, and these rows have not: `groups`, or `groups.members`.

    `logs` are those of which the archive knows how far they are read: one that nobody reads any more is left out too.
    """
    chosen = {row.collection: {relation.name for relation in row.relations} for row in rows}
    found = [name for name in logs if name not in chosen]
    for row in catalogue.collections:
        if row.priority != "must" or row.off is not None or row.kind == "events":
            continue
        if row.collection not in chosen:
            found.append(row.collection)
            continue
        whole = [relation.name for relation in row.relations if relation.off is None]
        found += [f"{row.collection}.{name}" for name in whole if name not in chosen[row.collection]]
    return sorted(found)


def left_out_alarms_of(
    left_out: Sequence[str],
    history: Sequence[RunRecord],
    before: Mapping[str, int],
    now: datetime,
    logs: Collection[str] = (),
) -> list[Alarm]:
    """Returns one (`left-out`) for each name that a snapshot of the last 30 days still had.

    `history` holds the runs, oldest first; `before` counts objects per collection in the last snapshot, which stands
    for the history where that can't be read, as `logs` do, the logs that are known.
    """
    recent = [run for run in history if run.sequence is not None and now - run.ended_at < MONTH]
    return [
        Alarm("left-out", name, f"{name} is left out by export.collections, and was archived within the last 30 days")
        for name in left_out
        if any(name not in run.left_out for run in recent) or (not history and (before.get(name, 0) or name in logs))
    ]


def words_of_left_out(names: Collection[str], most: int = 8) -> str:
    """Gives names for a sentence, the first `most` of them."""
    shown = sorted(names)[:most]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")
