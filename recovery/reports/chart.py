"""The course of one number over time, as a small SVG line chart that is honest about its axes and its gaps.

The vertical axis starts at 0; the horizontal one is time, so that a missed week is a longer stretch. Where a
snapshot has no number the line breaks and a hatched band says so. Coordinates are rounded to a tenth of a
unit, so that the same numbers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from recovery.reports.markup import Markup, element, joined
from recovery.reports.number import count_text

WIDTH, HEIGHT = 264, 122
_LEFT, _RIGHT, _TOP, _BOTTOM = 14, 8, 14, 26  # units of the viewBox kept free for labels
_BAND_END = 3  # units that a band reaches beyond the first or last snapshot
_DOTTED = 24  # points; with more, a dot on each would hide the line
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_RISE = 1.06  # the axis ends at least this far above the highest point


class Point(NamedTuple):
    """One snapshot: its place on the horizontal axis, the words for it, the number (None: not known).

    `partial` marks a number whose collection was read with a gap somewhere inside.
    """

    at: float
    label: str
    value: int | None
    partial: bool = False


class _Spot(NamedTuple):
    x: float
    y: float
    point: Point


def line_chart(name: str, points: Sequence[Point]) -> Markup:
    """The chart of the points, which ascend in time; `name` says what is counted. At least one value is known."""
    values = [point.value for point in points if point.value is not None]
    top = axis_top(max(values))
    spots = [_Spot(x, _y(point.value or 0, top), point) for x, point in zip(_xs(points), points, strict=True)]
    runs = [list(run) for known, run in groupby(spots, lambda spot: spot.point.value is not None) if known]
    body = joined((_axes(points, top), _breaks(spots), *map(_run, runs), _marks(spots, min(values), max(values))))
    return element(
        "svg",
        element("title", f"{name}: objects in each snapshot"),
        element("desc", _words(points, values)),
        body,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="chart",
        role="img",
    )


def axis_top(highest: int) -> int:
    """The upper end of an axis that starts at 0: a round number above the highest value."""
    if highest < 1:
        return 1
    needed = highest * _RISE
    power = 10 ** (len(str(int(needed))) - 1)
    return max(1, next(int(step * power) for step in _STEPS if int(step * power) >= needed))


def _xs(points: Sequence[Point]) -> list[float]:
    first, last = points[0].at, points[-1].at
    span = WIDTH - _LEFT - _RIGHT
    if last <= first:
        return [_LEFT + span / 2 for _ in points]
    return [round(_LEFT + span * (point.at - first) / (last - first), 1) for point in points]


def _y(value: int, top: int) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top, 1)


def _axes(points: Sequence[Point], top: int) -> Markup:
    base, ceiling, right = HEIGHT - _BOTTOM, _TOP, WIDTH - _RIGHT
    first, last = points[0].label, points[-1].label
    return joined(
        (
            element("line", x1=0, x2=right, y1=ceiling, y2=ceiling, class_="grid"),
            element("line", x1=_LEFT, x2=right, y1=base, y2=base, class_="axis"),
            element("text", count_text(top), x=0, y=ceiling - 4),
            element("text", "0", x=0, y=base + 3),
            element("text", first, x=_LEFT, y=HEIGHT - 6),
            element("text", last, x=right, y=HEIGHT - 6, text_anchor="end") if last != first else None,
        )
    )


def _breaks(spots: Sequence[_Spot]) -> Markup:
    """A hatched band for each stretch of snapshots without a number, half-way to the neighbours that have one."""
    bands = []
    for known, stretch in groupby(range(len(spots)), lambda at: spots[at].point.value is not None):
        if not known:
            places = list(stretch)
            bands.append(_band(spots, places[0], places[-1]))
    return joined(bands)


def _band(spots: Sequence[_Spot], first: int, last: int) -> Markup:
    left = (spots[first - 1].x + spots[first].x) / 2 if first else spots[first].x - _BAND_END
    right = (spots[last + 1].x + spots[last].x) / 2 if last + 1 < len(spots) else spots[last].x + _BAND_END
    days = dict.fromkeys((spots[first].point.label, spots[last].point.label))
    return element(
        "rect",
        element("title", f"not known (gap): {' to '.join(days)}"),
        x=f"{left:.1f}",
        y=_TOP,
        width=f"{max(right - left, 1):.1f}",
        height=HEIGHT - _TOP - _BOTTOM,
        class_="break",
    )


def _run(run: Sequence[_Spot]) -> Markup:
    """One stretch without a gap: the line, and a light ground down to the axis."""
    if len(run) == 1:
        return _dot(run[0], "1.9", "point")
    line = " ".join(f"{spot.x} {spot.y}" for spot in run)
    base = HEIGHT - _BOTTOM
    return joined(
        (
            element("path", d=f"M{run[0].x} {base} L{line} L{run[-1].x} {base} Z", class_="ground"),
            element("path", d=f"M{line}", class_="course"),
        )
    )


def _marks(spots: Sequence[_Spot], lowest: int, highest: int) -> Markup:
    known = [spot for spot in spots if spot.point.value is not None]
    return joined((*_dots(known), *_extremes(known, lowest, highest), _dot(known[-1], "3.6", "last")))


def _dots(known: Sequence[_Spot]) -> Iterator[Markup]:
    for spot in known:
        if spot.point.partial:
            yield _dot(spot, "2.6", "partial")
        elif len(known) <= _DOTTED:
            yield _dot(spot, "1.9", "point")


def _extremes(known: Sequence[_Spot], lowest: int, highest: int) -> Iterator[Markup]:
    """A triangle over the first highest and under the first lowest point, if the number moved at all."""
    if lowest == highest:
        return
    high = next(spot for spot in known if spot.point.value == highest)
    low = next(spot for spot in known if spot.point.value == lowest)
    for spot, away in ((high, -1), (low, 1)):
        tip, foot = spot.y + away * 4.5, spot.y + away * 9
        corners = f"{spot.x},{tip:.1f} {spot.x - 3:.1f},{foot:.1f} {spot.x + 3:.1f},{foot:.1f}"
        yield element("polygon", points=corners, class_="extreme")


def _dot(spot: _Spot, radius: str, class_: str) -> Markup:
    return element("circle", cx=str(spot.x), cy=str(spot.y), r=radius, class_=class_)


def _words(points: Sequence[Point], values: Sequence[int]) -> str:
    gaps = sum(point.value is None for point in points)
    broken = f" The line breaks at {gaps} of them, where the number is not known." if gaps else ""
    return (
        f"{len(points)} snapshots from {points[0].label} to {points[-1].label}; "
        "vertical axis from 0. "
        f"First {count_text(values[0])}, lowest {count_text(min(values))}, highest {count_text(max(values))}, "
        f"last {count_text(values[-1])}.{broken}"
    )
