"""A horizontal bar drawn to scale, of one part or several; the numbers stand beside it as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recovery.reports.markup import Markup, element

_LENGTH = 1000  # units of the viewBox; the bar is stretched to the width of its cell
_LEAST = 6  # units that a part above 0 gets at least, so that a small one is still seen


class Part(NamedTuple):
    """A part of a bar: its size, and the class that gives it its look."""

    size: int
    class_: str


def bar(parts: Sequence[Part], scale: int, description: str) -> Markup:
    """A bar whose whole width is `scale`. `description` says in words what it shows."""
    rectangles = []
    start = 0.0
    for part in parts:
        if part.size <= 0:
            continue
        length = min(max(part.size / max(scale, 1) * _LENGTH, _LEAST), _LENGTH)
        rectangles.append(element("rect", x=f"{start:.1f}", y=0, width=f"{length:.1f}", height=12, class_=part.class_))
        start += length
    return element(
        "svg",
        element("title", description),
        *rectangles,
        viewBox=f"0 0 {_LENGTH} 12",
        preserveAspectRatio="none",
        class_="bar",
        role="img",
    )


def swatch(class_: str) -> Markup:
    """A small square in the look of a part, for the key of a chart."""
    square = element("rect", x=0, y=0, width=12, height=12, class_=class_)
    return element("svg", square, viewBox="0 0 12 12", class_="bar key", aria_hidden="true")
