"""The measurement of a large tenant: what it says of memory and progress is what went on, and it is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.course import READING, SEALING, Course, Line, Sample, course_of
from tests.bench.ours import REPOSITORY
from tests.bench.process import CommandFailedError
from tests.bench.section import Million, Step, put_section, section_of, stored_section

MEGABYTE = 1_000_000
STEP = Step(
    "first day, a full", 900.0, 600 * MEGABYTE, (600 * MEGABYTE,), 800.0, READING, {}, "9 records", [(0.5, 60, 90)]
)
MILLION = Million(
    {"date": "today", "processor": "two cores", "memory": "24 GiB"}, 1_000_000, 15.0, 10**9,
    {"peak_bytes": 10**9, "requests": 9000, "body_bytes": 9 * 10**9}, {}, [STEP],
)  # fmt: skip

TALKER = """
import sys, time
print("reading 2 collections", file=sys.stderr)
held = bytearray(80_000_000)
for left in ("2 min", "1 s"):
    sys.stderr.write(f"\\r\\x1b[2Kreading: 1 of 2 collections, 4/s, about {left} left")
    sys.stderr.flush()
    time.sleep(0.7)
del held
print("\\nsealing", file=sys.stderr)
time.sleep(1.1)
print("done")
"""


def test_memory_is_told_by_stage_and_progress_is_compared_with_what_came() -> None:
    """Which stage has the peak decides what is to be done about it."""
    course = course_of([sys.executable, "-c", TALKER], REPOSITORY)
    assert course.output == b"done\n"
    assert course.peak().stage == READING
    assert course.peak(READING).together > 80 * MEGABYTE > course.peak(SEALING).together > 0
    said = [forecast.said for forecast in course.forecasts()]
    assert said == [120.0, 1.0]
    assert all(0 < forecast.was < 10 for forecast in course.forecasts())


def test_a_program_that_fails_is_told_with_what_it_said() -> None:
    """An hour's measurement that ends in nothing should say why."""
    with pytest.raises(CommandFailedError, match="no such thing"):
        course_of([sys.executable, "-c", "import sys; sys.exit('no such thing')"], REPOSITORY)


def test_time_left_is_compared_once_in_each_tenth_of_the_reading() -> None:
    """A line a second would be a thousand lines."""
    lines = [Line(at, f"reading: about {100 - at:.0f} s left") for at in range(100)]
    course = Course(150.0, b"", [Sample(1.0, 1, (1,), "")], [*lines, Line(100.0, "sealing")])
    assert [round(one.share, 1) for one in course.forecasts()] == [round(tenth / 10, 1) for tenth in range(10)]
    assert all(one.said == one.was for one in course.forecasts())


def test_the_section_says_whether_the_bounds_hold() -> None:
    """A number without its bound says nothing."""
    document = {**MILLION._asdict(), "steps": [STEP._asdict()]}
    assert "600 MB | pass: <= 700 MB" in section_of(document)
    worse = {**document, "steps": [STEP._replace(peak=701 * MEGABYTE)._asdict()]}
    assert "701 MB | MISS: <= 700 MB" in section_of(worse)


def test_the_section_stands_once_and_leaves_the_rest_alone(tmp_path: Path) -> None:
    """Both measurements write one document, each when it is run."""
    document = tmp_path / "BENCHMARKS.md"
    document.write_text("# Benchmarks\n\nthe rest\n")
    put_section(tmp_path, MILLION)
    put_section(tmp_path, MILLION._replace(users=2_000_000))
    text = document.read_text()
    assert text.startswith("# Benchmarks\n\nthe rest\n\n## A large tenant, by itself: 2,000,000 users\n")
    assert text.count("## A large tenant") == 1
    assert text.endswith(stored_section(tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(290)
def test_a_small_tenant_goes_all_the_way(tmp_path: Path) -> None:
    """It takes an hour with a million users; what broke should be seen before."""
    command = [sys.executable, "-m", "tests.bench.million", "--users", "150", "--to", str(tmp_path)]
    command += ["--folder", str(tmp_path / "work")]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=280)
    steps = json.loads((tmp_path / "million.json").read_bytes())["steps"]
    assert len(steps) == 7
    assert all(step["peak"] > 0 for step in steps)
    subprocess.run([*command, "--read-back"], cwd=REPOSITORY, check=True, capture_output=True, timeout=280)
    again = json.loads((tmp_path / "million.json").read_bytes())["steps"]
    assert again[:2] == steps[:2]
    assert [step["name"] for step in again if step["what"].startswith("measured ")] == [
        step["name"] for step in steps[2:]
    ]
    assert "one user, proved" in (tmp_path / "BENCHMARKS.md").read_text(encoding="utf-8")
