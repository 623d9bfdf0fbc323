"""The bench itself: what it measures is what ships, and a short run of it says something about every row."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from archiver import snapshot_making
from archiver.gathering import reading
from archiver.graph import record
from archiver.graph.catalogue import load_catalogue
from tests.bench import replay, sealing
from tests.bench.day import Day
from tests.bench.input import write_day, write_lines
from tests.bench.measured import MEASURED
from tests.bench.ours import REPOSITORY
from tests.bench.peers import PEERS
from tests.bench.rows import OURS, RESTIC, ROWS, Samples

LIMIT_SECONDS = 280
PAIRS = [("second-bytes", "first-bytes"), ("one-full-bytes", "first-bytes"), ("one-delta-bytes", "first-bytes")]
"""Rows of which the first is smaller than the second in every tenant that is worth measuring."""


def test_the_bench_measures_the_archiver_as_it_runs() -> None:
    """The bench leaves the network client out, so it repeats three of the archiver's own values."""
    assert replay.MAX_WAITING_PAGES == reading.MAX_WAITING_PAGES
    assert sealing.MIN_WORKERS == snapshot_making.MIN_WORKERS
    for row in load_catalogue().collections:
        assert replay.shape_of(row) == record.shape_of(row)


def test_the_input_of_one_seed_is_the_same_every_time(tmp_path: Path) -> None:
    """Two runs of the bench can only be compared if they measure the same tenant."""
    for name in ("one", "two"):
        write_day(tmp_path / name, 40, 1)
        write_lines(Day(tmp_path / name), tmp_path / f"{name}-lines")
    for first in (tmp_path / "one-lines").iterdir():
        assert first.read_bytes() == (tmp_path / "two-lines" / first.name).read_bytes()
    assert (tmp_path / "one" / "pages.bin").read_bytes() == (tmp_path / "two" / "pages.bin").read_bytes()


def test_the_lines_for_the_peers_hold_every_collection(tmp_path: Path) -> None:
    """Sizes are compared with peers that are given the same records."""
    write_day(tmp_path / "day", 200, 0)
    write_lines(Day(tmp_path / "day"), tmp_path / "lines")
    names = {path.stem for path in (tmp_path / "lines").iterdir()}
    empty = {"deletedNamedLocations"}
    assert names >= {row.collection for row in load_catalogue().chosen(MEASURED)} - empty


@pytest.mark.parametrize(("ours", "verdict"), [(1.4, "pass"), (1.6, "MISS")])
def test_a_row_is_held_to_a_share_of_what_restic_took(ours: float, verdict: str) -> None:
    """A target that is a ratio moves with the machine."""
    samples = Samples()
    samples.add("first", OURS, ours)
    samples.add("first", RESTIC, 1.0)
    assert samples.verdict(ROWS[0]) == verdict


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_SECONDS + 20)
def test_a_quick_run_says_something_about_every_row(tmp_path: Path) -> None:
    """`make bench` takes minutes; a row that broke should be seen before."""
    command = [sys.executable, "-m", "tests.bench", "--quick", "--to", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=LIMIT_SECONDS)
    rows = {row["name"]: row for row in json.loads((tmp_path / "bench.json").read_bytes())["rows"]}
    assert rows.keys() == {row.name for row in ROWS} - {"memory-100000", "memory-300000"}
    tools = {OURS} | {peer.name for peer in PEERS if peer.version() is not None}
    assert rows["first"]["values"].keys() == tools
    medians = {name: row["values"][OURS][0] for name, row in rows.items()}
    assert all(value > 0 for value in medians.values())
    assert all(medians[smaller] < medians[larger] for smaller, larger in PAIRS)
    assert "against restic" in (tmp_path / "BENCHMARKS.md").read_text(encoding="utf-8")
