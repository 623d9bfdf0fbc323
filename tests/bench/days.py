"""Two days of one tenant, by every tool in turn: the rows of time and size."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.day import Day
from tests.bench.input import Truth, truth_of
from tests.bench.input_folder import DAYS
from tests.bench.ours import Ours, Sealed
from tests.bench.peers import PEERS, SOURCE, Peer, put_source, take_source
from tests.bench.process import warm
from tests.bench.rows import OURS, Samples

_BACKUP_ROWS = (("first", "first-bytes"), ("second", "second-bytes"))


class Days:
    """Measures into `samples` whatever rows are `wanted`; `sealed` keeps what each first seal said."""

    def __init__(self, base: Path, folder: Path, wanted: frozenset[str], samples: Samples) -> None:
        self._base = base
        self._folder = folder
        self._wanted = wanted
        self._samples = samples
        self.lines = [base / f"lines{day}" for day in DAYS]
        self.pages = Day(base / "day0")
        self.truth: Truth = truth_of(base / "day1")
        self.sealed: list[Sealed] = []
        self.raw: dict[str, Any] = {}
        self.peers = [peer for peer in PEERS if peer.version() is not None]
        self.missing = [peer.name for peer in PEERS if peer not in self.peers]

    @property
    def line_bytes(self) -> int:
        """Canonical records of the first day, in bytes."""
        return sum(path.stat().st_size for path in self.lines[0].iterdir())

    def measure(self, runs: int, say: Callable[[str], None]) -> None:
        """Takes all tools in turn, `runs` times, each from an empty repository."""
        for number in range(1, runs + 1):
            for kind in self.peers:
                say(f"run {number} of {runs}: {kind.name}")
                self._measure_peer(kind(self._folder / kind.name.replace("|", "-")))
                shutil.rmtree(self._folder)
            say(f"run {number} of {runs}: {OURS}")
            self._measure_ours(Ours(self._folder / OURS))
            shutil.rmtree(self._folder)

    def _measure_peer(self, peer: Peer) -> None:
        before = 0
        for day, (time_row, bytes_row) in enumerate(_BACKUP_ROWS):
            put_source(self.lines[day], peer)
            warm(peer.folder / SOURCE)
            try:
                timing = peer.back_up(day)
            finally:
                take_source(self.lines[day], peer)
            after = peer.stored_bytes()
            self._note(time_row, peer.name, timing.wall)
            self._note("second-pages" if day else "first-cpu", peer.name, timing.wall if day else timing.cpu)
            self._note(bytes_row, peer.name, (after - before) / 1e6)
            before = after
        if self._wanted & {"verify-full", "verify-cpu", "verify-delta"}:
            timing = peer.check()
            self._note("verify-full", peer.name, timing.wall / len(DAYS))
            self._note("verify-cpu", peer.name, timing.cpu / len(DAYS))
            self._note("verify-delta", peer.name, timing.wall / len(DAYS))
        self._add("one-delta", peer.name, lambda: peer.one(self.truth.changed_user).wall)
        if "difference" in self._wanted and (changes := peer.changes()) is not None:
            self._note("difference", peer.name, changes.wall)

    def _measure_ours(self, ours: Ours) -> None:
        add, note, truth = self._add, self._note, self.truth
        warm(self._base / "day0")
        first = ours.seal(0, self._base / "day0")
        stored = ours.host.stored_bytes()
        warm(self._base / "day1")
        second = ours.seal(1, self._base / "day1")
        added = ours.host.stored_bytes() - stored
        self.sealed.append(first)
        self.raw["second day"] = second.document
        note("first", OURS, first.timing.wall)
        note("first-cpu", OURS, first.timing.cpu)
        note("first-bytes", OURS, stored / 1e6)
        note("second", OURS, second.without_gathering)
        note("second-pages", OURS, second.timing.wall)
        note("second-bytes", OURS, added / 1e6)
        if self._wanted & {"verify-full", "verify-cpu"}:
            timing = ours.verify(1)
            note("verify-full", OURS, timing.wall)
            note("verify-cpu", OURS, timing.cpu)
        add("verify-delta", OURS, lambda: ours.verify(2).wall)
        add("one-full", OURS, lambda: ours.show(1, truth.unchanged_user).wall)
        add("one-full-bytes", OURS, lambda: ours.bytes_to_show(1, truth.unchanged_user) / 1e6)
        add("one-delta", OURS, lambda: ours.show(2, truth.changed_user).wall)
        add("one-delta-bytes", OURS, lambda: ours.bytes_to_show(2, truth.changed_user) / 1e6)
        add("difference", OURS, lambda: self._difference(ours))

    def _difference(self, ours: Ours) -> float:
        timing, summary = ours.difference()
        self.raw["difference"] = {"found": summary, "truth": self.truth.touched}
        return timing.wall

    def _add(self, row: str, tool: str, measure: Callable[[], float]) -> None:
        """Measures only what is asked for."""
        if row in self._wanted:
            self._note(row, tool, measure())

    def _note(self, row: str, tool: str, value: float) -> None:
        if row in self._wanted:
            self._samples.add(row, tool, value)
