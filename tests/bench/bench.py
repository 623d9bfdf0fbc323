"""One run of the bench: measures the rows that are asked for and keeps what was found."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.days import Days
from tests.bench.export import WHOLE_CORE, WITHOUT_LARGE_PAGES, Export, export
from tests.bench.input_folder import InputFolder
from tests.bench.limits import limits
from tests.bench.memory import peak_of
from tests.bench.ours import REPOSITORY, Ours
from tests.bench.process import CommandFailedError
from tests.bench.rows import OURS, ROWS, Samples
from tests.bench.stages import stages_of

QUOTA_UNITS_PER_SECOND = 80.0


@dataclass(frozen=True)
class Plan:
    """What to measure, and how much of it: `memory_users` are the sizes whose peaks are compared."""

    folder: Path
    users: int
    runs: int
    rows: frozenset[str]
    memory_users: tuple[int, ...]
    export_users: int
    quota_users: int


@dataclass
class Bench:
    """The state of one run. `say` tells how far it is."""

    plan: Plan
    say: Callable[[str], None]
    samples: Samples = field(default_factory=Samples)
    notes: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._input = InputFolder(self.plan.folder, self.say)
        self._folder = self.plan.folder / "run"
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self) -> None:
        """Measures everything that the plan asks for. What fails is named among the notes and in `failed`."""
        plan = self.plan
        groups = {row.group for row in ROWS if row.name in plan.rows}
        steps: list[tuple[str, Callable[[], None]]] = []
        if "days" in groups:
            steps.append(("the two days", self._measure_days))
        for users in plan.memory_users if "memory" in groups else ():
            steps.append((f"memory of {users:,} users", partial(self._measure_memory, users)))
        for name, users, quota in (
            ("export", plan.export_users, None),
            ("export-quota", plan.quota_users, QUOTA_UNITS_PER_SECOND),
        ):
            if name in plan.rows:
                steps.append((name, partial(self._measure_export, name, users, quota)))
        for name, measure in steps:
            try:
                measure()
            except CommandFailedError as error:
                self.failed.append(name)
                self.notes.append(f"FAILED, and so incomplete: {name}: {error}")
                shutil.rmtree(self._folder, ignore_errors=True)

    def _measure_days(self) -> None:
        plan = self.plan
        days = Days(self._input.whole(plan.users), self._folder, plan.rows, self.samples)
        days.measure(plan.runs, self.say)
        self.notes.append(
            f"{plan.users:,} users: {days.pages.size_bytes / 1e6:,.0f} MB of pages, {days.line_bytes / 1e6:,.0f} MB of "
            f"canonical records in {days.sealed[0].document['rows']:,} lines; median of {plan.runs}."
        )
        if days.missing:
            self.notes.append(f"Not installed, and so not measured: {', '.join(days.missing)}.")
        limit = limits(days.pages, days.lines[0])
        self.details += stages_of(days.sealed, days.line_bytes, limit)
        self.raw |= days.raw | {"limits": limit, "first day": [one.document for one in days.sealed]}

    def _measure_memory(self, users: int) -> None:
        if f"memory-{users}" not in self.plan.rows:
            return
        self.say(f"memory of {users:,} users")
        base = self._input.first_day(users)
        ours = Ours(self._folder / OURS)
        command = [sys.executable, "-m", "tests.bench.sealing", *ours.sealing_arguments(0, base / "day0"), "--plain"]
        peak = peak_of(command, REPOSITORY)
        shutil.rmtree(self._folder)
        self._input.drop_first_day(users)
        self.samples.add(f"memory-{users}", OURS, peak.together / 1e6)
        each = ", ".join(f"{own / 1e6:,.0f}" for own in sorted(peak.each, reverse=True))
        self.notes.append(
            f"Memory, {users:,} users: each process by itself up to {each} MB (resident, shared pages too)."
        )

    def _measure_export(self, name: str, users: int, quota: float | None) -> None:
        self.say(f"{name}: {users:,} users")
        self._folder.mkdir(parents=True)
        collections = WHOLE_CORE if quota is None else WITHOUT_LARGE_PAGES
        result = export(self._folder, users, quota, collections)
        shutil.rmtree(self._folder)
        self.samples.add(name, OURS, result.wall if quota is None else 100 * result.quota_share)
        self.notes.append(_words_of(result, users, quota, collections))
        self.raw[name] = result._asdict()


def _words_of(result: Export, users: int, quota: float | None, collections: tuple[str, ...]) -> str:
    limit = "without quota" if quota is None else f"with {quota:g} resource units/s"
    what = "the measured collections" + ("" if collections == WHOLE_CORE else " but users and devices")
    return (
        f"Export from a tenant of {users:,} users, {what}, {limit}: "
        f"{result.records:,} records ({result.outcome}) in {result.wall:.1f} s, {result.requests:,} requests, "
        f"{result.throttled:,} throttled, {result.units:,.0f} resource units, client {result.client_cpu:.1f} CPU s, "
        f"{100 * result.idle_share:.0f} % of the cores idle or the server's."
    )
