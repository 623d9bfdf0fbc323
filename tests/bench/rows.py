"""The rows of the table, and what each is held to."""

from __future__ import annotations

from statistics import median
from typing import Literal, NamedTuple

OURS, RESTIC = "strongroom", "restic"

Unit = Literal["s", "MB", "%"]
Group = Literal["days", "memory", "export"]


class Target(NamedTuple):
    """A bound: `most` or `least` times restic's median, or by itself."""

    bound: float
    kind: Literal["times restic", "at most", "at least"]

    def text(self, unit: Unit) -> str:
        """As it stands in the table."""
        if self.kind == "times restic":
            return f"<= {self.bound:g} x restic"
        return f"{'<=' if self.kind == 'at most' else '>='} {self.bound:g} {unit}"


class Row(NamedTuple):
    """A line of the table."""

    name: str
    title: str
    unit: Unit
    group: Group
    target: Target | None = None


def _times(bound: float) -> Target:
    return Target(bound, "times restic")


def _most(bound: float) -> Target:
    return Target(bound, "at most")


ROWS = (
    Row("first", "first day: seal from pages / back up", "s", "days", _times(1.5)),
    Row("first-cpu", "its processor time", "s", "days"),
    Row("first-bytes", "stored by the first day", "MB", "days", _times(1.15)),
    Row("second", "second day, pages already read", "s", "days", _times(0.5)),
    Row("second-pages", "second day, from pages", "s", "days"),
    Row("second-bytes", "stored by the second day", "MB", "days", _times(0.05)),
    Row("verify-full", "prove a day at level 1 (a full) / check per stored day", "s", "days", _times(1.5)),
    Row("verify-cpu", "its processor time", "s", "days"),
    Row("verify-delta", "prove a day at level 1 (full and delta) / check per stored day", "s", "days", _times(1.5)),
    Row("one-full", "one user, proved, from a full", "s", "days", _most(0.5)),
    Row("one-full-bytes", "read from the archive for it", "MB", "days", _most(2)),
    Row("one-delta", "one user, proved, from a delta / of day 1", "s", "days", _most(0.5)),
    Row("one-delta-bytes", "read from the archive for it", "MB", "days", _most(2)),
    Row("difference", "difference of the days by attribute and link / which files changed", "s", "days", _most(2)),
    Row("memory-10000", "peak memory of a first seal, 10,000 users", "MB", "memory", _most(500)),
    Row("memory-100000", "peak memory of a first seal, 100,000 users", "MB", "memory", _most(500)),
    Row("memory-300000", "peak memory of a first seal, 300,000 users", "MB", "memory", _most(500)),
    Row("export", "export of the whole core over HTTPS, without quota", "s", "export", _most(60)),
    Row("export-quota", "share of a quota of 80 resource units/s that is used", "%", "export", Target(85, "at least")),
)
ROW_BY_NAME = {row.name: row for row in ROWS}


class Samples:
    """What was measured: row by row and tool by tool, in order."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, list[float]]] = {}

    def add(self, row: str, tool: str, value: float) -> None:
        """Adds one measurement, in the row's unit."""
        self.values.setdefault(ROW_BY_NAME[row].name, {}).setdefault(tool, []).append(value)

    def median(self, row: str, tool: str) -> float | None:
        """The median, None where the tool was not measured."""
        values = self.values.get(row, {}).get(tool)
        return median(values) if values else None

    def verdict(self, row: Row) -> str:
        """`pass`, `MISS`, or nothing where there is no target or nothing to compare with."""
        ours, restic = self.median(row.name, OURS), self.median(row.name, RESTIC)
        if row.target is None or ours is None:
            return ""
        if row.target.kind == "times restic":
            return "" if restic is None else _word(ours <= row.target.bound * restic)
        return _word(ours <= row.target.bound if row.target.kind == "at most" else ours >= row.target.bound)


def _word(holds: bool) -> str:
    return "pass" if holds else "MISS"
