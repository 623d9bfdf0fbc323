"""Counts per collection drawn over time: one small chart for each collection, those that moved most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from recovery.reports.chart import Point, line_chart
from recovery.reports.markup import Markup, element, joined
from recovery.reports.number import clock_text, count_text, day_text, seconds_of, signed_text
from recovery.reports.page import Section, table
from recovery.reports.value import camel_value
from recovery.reports.verdict_document import Snapshot
from verify.wording import counted

SNAPSHOTS_DRAWN = 400
"""Snapshots in a chart: a year of daily ones and some; more would be narrower than a pixel."""
COLLECTIONS_DRAWN = 200
"""Charts on a page; the catalogue has about 160 collections."""

_LEAD = (
    "Objects in each collection. Every vertical axis starts at 0, at its own scale; the horizontal one is {axis}. "
    "A triangle marks the highest and the lowest number, a hollow dot a collection that was read in part, "
    "a hatched break a snapshot in which it could not be read. Collections whose number moved most come first."
)


def count_section(snapshots: Sequence[Snapshot]) -> Iterator[Section]:
    """The section of charts, or of one table when only one snapshot has counts; none when none has."""
    drawn = snapshots[-SNAPSHOTS_DRAWN:]
    with_counts = [snapshot for snapshot in drawn if snapshot.counts]
    if not with_counts:
        return
    if len(with_counts) == 1:
        yield Section("counts", "Objects per collection", _table(with_counts[0]))
        return
    names = sorted({name for snapshot in drawn for name in snapshot.counts})
    timed, places = _places(drawn)
    charted = sorted(
        ((name, _points(name, drawn, places)) for name in names), key=lambda item: (-_movement(item[1]), item[0])
    )
    figures = [_figure(name, points) for name, points in charted[:COLLECTIONS_DRAWN]]
    axis = "time" if timed else "the order of the snapshots"
    parts = [element("p", _LEAD.format(axis=axis), class_="lead")]
    if len(drawn) < len(snapshots):
        parts.append(
            element("p", f"Only the newest {SNAPSHOTS_DRAWN} of {count_text(len(snapshots))} snapshots are drawn.")
        )
    parts.append(element("div", *figures, class_="charts"))
    if len(charted) > COLLECTIONS_DRAWN:
        rest = counted(len(charted) - COLLECTIONS_DRAWN, "more collection is", "more collections are")
        parts.append(element("p", f"{rest} in the JSON document."))
    yield Section("counts", "Objects per collection over time", joined(parts))


def _places(snapshots: Sequence[Snapshot]) -> tuple[bool, list[tuple[float, str]]]:
    """Whether the horizontal axis is time, and the place and the words of each snapshot on it.

    It is their order where a time can't be read, times run backwards, or all were taken in the same second.
    """
    times = [seconds for snapshot in snapshots if (seconds := seconds_of(snapshot.taken_at)) is not None]
    if len(times) < len(snapshots) or times != sorted(times) or times[0] == times[-1]:
        return False, [(float(snapshot.sequence), f"snapshot {snapshot.sequence}") for snapshot in snapshots]
    instants = [snapshot.taken_at for snapshot in snapshots]
    words = clock_text if day_text(instants[0]) == day_text(instants[-1]) else day_text
    return True, [(at, words(instant)) for at, instant in zip(times, instants, strict=True)]


def _points(name: str, snapshots: Sequence[Snapshot], places: Sequence[tuple[float, str]]) -> list[Point]:
    return [_point(name, snapshot, *place) for snapshot, place in zip(snapshots, places, strict=True)]


def _point(name: str, snapshot: Snapshot, at: float, label: str) -> Point:
    gaps = [gap for gap in snapshot.gaps or () if gap.collection == name]
    whole = any(gap.relation is None and gap.id is None for gap in gaps)
    count = snapshot.counts.get(name)
    return Point(at, label, None if whole or count is None else count[0], bool(gaps))


def _movement(points: Sequence[Point]) -> Fraction:
    """How far the number moved, as a share of its highest; a collection with a break counts as if it had halved."""
    values = [point.value for point in points if point.value is not None]
    if not values:
        return Fraction(1)
    moved = Fraction(max(values) - min(values), max(*values, 1))
    return max(moved, Fraction(1, 2)) if len(values) < len(points) else moved


def _figure(name: str, points: Sequence[Point]) -> Markup:
    values = [point.value for point in points if point.value is not None]
    title = element("b", camel_value(name))
    if not values:
        return element("figure", element("figcaption", title), element("p", "Known in no snapshot."))
    last = count_text(values[-1]) if points[-1].value is not None else "not known"
    return element(
        "figure",
        element("figcaption", title, element("span", last)),
        line_chart(name, points),
        element("div", _words(points, values), class_="under"),
    )


def _words(points: Sequence[Point], values: Sequence[int]) -> str:
    if min(values) == max(values):
        text = f"{count_text(values[0])} throughout"
    else:
        text = f"min {count_text(min(values))} · max {count_text(max(values))} · last {count_text(values[-1])}"
    before = points[-2].value
    if points[-1].value is not None and before is not None and points[-1].value != before:
        text += f" ({signed_text(points[-1].value - before)})"
    gaps = sum(point.value is None for point in points)
    return f"{text} · {counted(gaps, 'gap')}" if gaps else text


def _table(snapshot: Snapshot) -> Markup:
    rows = [
        element(
            "tr",
            element("th", camel_value(name), scope="row"),
            element("td", count_text(objects), class_="number"),
            element("td", count_text(records), class_="number"),
        )
        for name, (objects, records) in snapshot.counts.items()
    ]
    headings = (("Collection", None), ("Objects", "number"), ("Records", "number"))
    caption = f"Snapshot {snapshot.sequence}. Relations are records too; a course over time needs a second snapshot."
    return table(headings, rows, caption)
