"""Gaps that follow from gaps: who can't read what contains objects does not know which of these are missing."""

from __future__ import annotations

from collections.abc import Sequence

from archiver.gathering.reading import Reading
from archiver.graph.errors import NotFoundError
from archiver.graph.row import Row
from verify.gap import Gap


def note_gaps_below(reading: Reading, rows: Sequence[Row]) -> None:
    """Notes a gap of each contained collection whose containing one was not wholly read.

    Without it, a list that is forbidden would leave what its objects contain empty, and complete.
    """
    broken = {gap.collection: gap for gap in reading.gaps if _loses_objects(gap)}
    whole_gaps = {gap.collection for gap in reading.gaps if gap.relation is None and gap.id is None}
    left = [row for row in rows if row.parent is not None]
    while reached := [row for row in left if row.parent in broken]:
        left = [row for row in left if row not in reached]
        for row in reached:
            above = broken[str(row.parent)]
            gap = Gap(row.collection, None, None, above.reason, f"not all of {row.parent} was read: {above.detail}")
            broken.setdefault(row.collection, gap)
            if row.collection not in whole_gaps:
                reading.gaps.append(gap)


def _loses_objects(gap: Gap) -> bool:
    """An object that went while the tenant was read took along what it contained."""
    return gap.relation is None and (gap.id is None or gap.reason != NotFoundError.reason)
