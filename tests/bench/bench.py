"""One run of the bench: makes the input, measures the rows that are asked for, keeps what was found."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.day import Day
from tests.bench.export import Export, export
from tests.bench.input import Truth, truth_of, write_day, write_lines
from tests.bench.limits import limits
from tests.bench.memory import Peak, peak_of
from tests.bench.ours import REPOSITORY, Ours, Sealed
from tests.bench.peers import PEERS, Peer, put_source, take_source
from tests.bench.rows import OURS, ROWS, Samples
from tests.bench.table import stage_table_of

DAYS = (0, 1)
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

    def run(self) -> None:
        """Measures everything that the plan asks for."""
        groups = {row.group for row in ROWS if row.name in self.plan.rows}
        if "days" in groups:
            self._measure_days()
        if "memory" in groups:
            self._measure_memory()
        if "export" in groups:
            self._measure_export()

    def _measure_days(self) -> None:
        base = self._input(self.plan.users, lines=True)
        days = [Day(base / f"day{day}") for day in DAYS]
        lines = [base / f"lines{day}" for day in DAYS]
        line_bytes = sum(path.stat().st_size for path in lines[0].iterdir())
        self.notes.append(
            f"{self.plan.users:,} users: {days[0].bytes / 1e6:,.0f} MB of pages, {line_bytes / 1e6:,.0f} MB of "
            f"canonical records; median of {self.plan.runs}."
        )
        peers = [peer for peer in PEERS if peer.version() is not None]
        missing = [peer.name for peer in PEERS if peer.version() is None]
        if missing:
            self.notes.append(f"Not installed, and so not measured: {', '.join(missing)}.")
        truth = truth_of(base / "day1")
        sealed: list[Sealed] = []
        for number in range(self.plan.runs):
            folder = self.plan.folder / "run"
            for peer in peers:
                self.say(f"run {number + 1} of {self.plan.runs}: {peer.name}")
                self._measure_peer(peer(folder / peer.name.replace("|", "-")), lines, truth)
                shutil.rmtree(folder)
            self.say(f"run {number + 1} of {self.plan.runs}: {OURS}")
            sealed.append(self._measure_ours(Ours(folder / OURS), base, truth))
            shutil.rmtree(folder)
        self._describe_stages(sealed, line_bytes, limits(days[0], lines[0]))

    def _measure_peer(self, peer: Peer, lines: list[Path], truth: Truth) -> None:
        before = 0
        for day, (time_row, bytes_row) in enumerate((("first", "first-bytes"), ("second", "second-bytes"))):
            put_source(lines[day], peer)
            try:
                timing = peer.back_up(day)
            finally:
                take_source(lines[day], peer)
            self.samples.add(time_row, peer.name, timing.wall)
            if day:
                self.samples.add("second-pages", peer.name, timing.wall)
            after = peer.stored_bytes()
            self.samples.add(bytes_row, peer.name, (after - before) / 1e6)
            before = after
        checked = peer.check().wall / len(DAYS)
        self.samples.add("verify-full", peer.name, checked)
        self.samples.add("verify-delta", peer.name, checked)
        self.samples.add("one-delta", peer.name, peer.one(truth.changed_user).wall)
        changes = peer.changes()
        if changes is not None:
            self.samples.add("difference", peer.name, changes.wall)

    def _measure_ours(self, ours: Ours, base: Path, truth: Truth) -> Sealed:
        add = self.samples.add
        first = ours.seal(0, base / "day0")
        stored = ours.host.stored_bytes()
        add("first", OURS, first.timing.wall)
        add("first-bytes", OURS, stored / 1e6)
        second = ours.seal(1, base / "day1")
        add("second", OURS, second.without_gathering)
        add("second-pages", OURS, second.timing.wall)
        add("second-bytes", OURS, (ours.host.stored_bytes() - stored) / 1e6)
        add("verify-full", OURS, ours.verify(1).wall)
        add("verify-delta", OURS, ours.verify(2).wall)
        add("one-full", OURS, ours.show(1, truth.unchanged_user).wall)
        add("one-full-bytes", OURS, ours.bytes_to_show(1, truth.unchanged_user) / 1e6)
        add("one-delta", OURS, ours.show(2, truth.changed_user).wall)
        add("one-delta-bytes", OURS, ours.bytes_to_show(2, truth.changed_user) / 1e6)
        timing, summary = ours.difference()
        add("difference", OURS, timing.wall)
        self.raw["difference"] = {"found": summary, "truth": truth.touched}
        self.raw["second day"] = second.document
        return first

    def _describe_stages(self, sealed: list[Sealed], line_bytes: int, limit: Mapping[str, float]) -> None:
        self.raw["limits"] = dict(limit)
        self.raw["first day"] = [one.document for one in sealed]
        pages, lines = sealed[0].document["page_bytes"] / 1e6, line_bytes / 1e6
        stored = sealed[0].document["bundle_bytes"] / 1e6
        walls = {name: median(one.document["walls"][name] for one in sealed) for name in sealed[0].document["walls"]}
        shares = {name: median(one.document["shares"][name] for one in sealed) for name in sealed[0].document["shares"]}
        parts = ("sort, compress, encrypt", "re-open and recompute")
        rest = median(one.timing.wall for one in sealed) - sum(
            wall for name, wall in walls.items() if name not in parts
        )
        self.details.append(stage_table_of("Stages of the first day: wall, one after the other", [
            ("start, modules", rest, 0, None),
            ("settings, keys, ledger", walls["settings, keys, ledger"], 0, None),
            ("gather: read pages, canonicalise, hash, spool", walls["gather"], pages, None),
            ("sort, compress, encrypt", walls["sort, compress, encrypt"], lines, None),
            ("re-open and recompute", walls["re-open and recompute"], lines, None),
            ("sign, commit", walls["seal"] - sum(walls[part] for part in parts), 0, None),
            ("deliver", walls["deliver"], stored, None),
        ]))  # fmt: skip
        self.details.append(stage_table_of("Work of the first day: processor time of all processes", [
            ("take pages apart, hand them to workers", shares["pages"], pages, limit["pages"]),
            ("canonicalise", shares["canonicalise"], pages, limit["canonicalise"]),
            ("hash, sort and spool runs", shares["spool"], lines, limit["SHA-256"]),
            ("read the spool back", shares["read back"], lines, limit["inflate"]),
            ("compress", shares["compress"], lines, limit["compress"]),
            ("leaves", shares["leaves"], 0, None),
            ("encrypt, SHA-256, SHA-512, segments", shares["encrypt"], stored, limit["encrypt"]),
            ("re-open: decrypt, inflate, hash, leaves", shares["re-open"], lines, limit["SHA-256"]),
        ]))  # fmt: skip

    def _measure_memory(self) -> None:
        peaks: dict[int, Peak] = {}
        for users in self.plan.memory_users:
            self.say(f"memory of {users:,} users")
            base = self._input(users, lines=users == self.plan.users)
            ours = Ours(self.plan.folder / "run" / OURS)
            command = [sys.executable, "-m", "tests.bench.sealing", *ours.sealing_arguments(0, base / "day0"), "--plain"]
            peaks[users] = peak_of(command, REPOSITORY)
            shutil.rmtree(self.plan.folder / "run")
            self.samples.add(f"memory-{users}", OURS, peaks[users].together / 1e6)
            self._drop_input(users)
        for users, peak in peaks.items():
            each = ", ".join(f"{own / 1e6:,.0f}" for own in sorted(peak.each, reverse=True))
            self.notes.append(f"Memory, {users:,} users: own peaks of the processes {each} MB (resident, shared pages counted in each).")

    def _measure_export(self) -> None:
        for name, users, quota in (
            ("export", self.plan.export_users, None),
            ("export-quota", self.plan.quota_users, QUOTA_UNITS_PER_SECOND),
        ):
            if name in self.plan.rows:
                self.say(f"{name}: {users:,} users")
                folder = self.plan.folder / "export"
                folder.mkdir(parents=True)
                result = export(folder, users, quota)
                shutil.rmtree(folder)
                self.samples.add(name, OURS, result.wall if quota is None else 100 * result.quota_share)
                self.notes.append(_words_of(result, users, quota))
                self.raw[name] = result._asdict()

    def _input(self, users: int, *, lines: bool) -> Path:
        """Makes the input of a tenant if it is not there yet, both days at once."""
        base = self.plan.folder / f"input-{users}"
        if not (base / "whole").exists():
            self.say(f"making the pages of {users:,} users (not timed)")
            shutil.rmtree(base, ignore_errors=True)
            days = DAYS if lines else DAYS[:1]
            context = get_context("fork")
            makers = [context.Process(target=_make, args=(base, users, day, lines)) for day in days]
            for maker in makers:
                maker.start()
            for maker in makers:
                maker.join()
            if any(maker.exitcode for maker in makers):
                raise RuntimeError("the input was not made")
            (base / "whole").touch()
            os.sync()
        return base

    def _drop_input(self, users: int) -> None:
        """A tenant of which only the memory is measured is not needed again."""
        if users != self.plan.users:
            shutil.rmtree(self.plan.folder / f"input-{users}")


def _make(base: Path, users: int, day: int, lines: bool) -> None:
    write_day(base / f"day{day}", users, day)
    if lines:
        write_lines(Day(base / f"day{day}"), base / f"lines{day}")


def _words_of(result: Export, users: int, quota: float | None) -> str:
    limit = "without quota" if quota is None else f"with {quota:g} resource units/s"
    return (
        f"Export of {users:,} users {limit}: {result.records:,} records ({result.outcome}) in {result.wall:.1f} s, "
        f"{result.requests:,} requests, {result.throttled:,} throttled, {result.units:,.0f} resource units, "
        f"client {result.client_cpu:.1f} CPU s, {100 * result.idle_share:.0f} % of the cores idle or the server's."
    )
