"""The history of runs survives power cuts, full disks and ten years."""

from __future__ import annotations

import json
import os
import resource
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.state import run_history
from archiver.state.run_history import RunHistory
from verify.strict_json import text_of_time

NIGHT = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
BLOCK = 4096


def run_at(began: datetime, **more: Any) -> dict[str, Any]:
    """A run that began then."""
    return {
        "outcome": "complete",
        "started_at": text_of_time(began),
        "ended_at": text_of_time(began + timedelta(minutes=1)),
        **more,
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A history with three runs, a day apart."""
    path = tmp_path / "runs.jsonl"
    for day in range(3):
        RunHistory(path).append(run_at(NIGHT + timedelta(days=day)))
    return path


def test_runs_come_back_as_they_were_oldest_first(file: Path) -> None:
    """What `status` shows is what happened."""
    history = RunHistory(file).load()
    assert [run.document for run in history.runs] == [run_at(NIGHT + timedelta(days=day)) for day in range(3)]
    assert history.damaged == 0


def test_a_history_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Before the first run."""
    history = RunHistory(tmp_path / "runs.jsonl")
    assert history.load() == ([], 0)
    assert history.last_begun(NIGHT) is None


@pytest.mark.parametrize(
    "tail",
    [b'{"outcome":"comp', b"\0" * BLOCK, b'{"outcome":"complete"' + b"\0" * 100, b'{"outcome":"complete"}'],
    ids=["half a line", "zeros", "half a line and zeros", "no end of line"],
)
def test_what_a_power_cut_left_at_the_end_is_counted_and_stays_a_line_of_its_own(file: Path, tail: bytes) -> None:
    """A file's length may be on disk before its bytes are; what was lost there may have been a run."""
    with file.open("ab") as target:
        target.write(tail)
    history = RunHistory(file).load()
    assert (len(history.runs), history.damaged) == (3, 1)
    RunHistory(file).append(run_at(NIGHT + timedelta(days=3)))
    history = RunHistory(file).load()
    assert (len(history.runs), history.damaged) == (4, 1)
    assert tail + b"\n" in file.read_bytes()


@pytest.mark.parametrize(("lost_bytes", "runs"), [(1, 3), (20, 2)], ids=["the end of the line", "20 bytes"])
def test_a_line_that_is_cut_short_costs_that_line_alone_and_is_counted(file: Path, lost_bytes: int, runs: int) -> None:
    """A run that is whole but for its LF is whole."""
    file.write_bytes(file.read_bytes()[:-lost_bytes])
    for more in range(2):
        history = RunHistory(file).load()
        assert (len(history.runs), history.damaged) == (runs + more, 3 - runs)
        RunHistory(file).append(run_at(NIGHT + timedelta(days=3 + more)))


@pytest.mark.parametrize("kind", ["FIFO", "folder"])
def test_what_is_no_regular_file_is_refused_and_nobody_waits(tmp_path: Path, kind: str) -> None:
    """A FIFO takes a line, and nobody ever reads it."""
    path = tmp_path / "runs.jsonl"
    RunHistory(path).require_writable()
    assert not path.exists(), "a look makes nothing"
    os.mkfifo(path) if kind == "FIFO" else path.mkdir()
    with pytest.raises(OSError, match=r"runs\.jsonl"):
        RunHistory(path).require_writable()
    with pytest.raises(OSError, match=r"runs\.jsonl"):
        RunHistory(path).append(run_at(NIGHT))


@pytest.mark.parametrize(
    "line",
    [
        b"\0" * BLOCK,
        b'{"outcome":"comp',
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b"{}",
        b'{"outcome":"complete","started_at":"2026-11-21T02:15:00Z"}',
        b'{"outcome":"complete","started_at":"yesterday","ended_at":"2026-11-21T02:15:00Z"}',
        b'{"outcome":"complete","started_at":1,"ended_at":"2026-11-21T02:15:00Z"}',
        json.dumps(run_at(NIGHT, collections={"users": {"records": 1}})).encode(),
        json.dumps(run_at(NIGHT, collections={"users": 1})).encode(),
        json.dumps(run_at(NIGHT, gaps=[{}])).encode(),
        json.dumps(run_at(NIGHT, alarms=["gap"])).encode(),
        json.dumps(run_at(NIGHT, stores=[{"name": 1}])).encode(),
        json.dumps(run_at(NIGHT, error="no")).encode(),
        json.dumps(run_at(NIGHT, taken_at="no")).encode(),
    ],
    ids=range(18),
)
def test_a_damaged_line_costs_that_line_alone_and_is_counted(file: Path, line: bytes) -> None:
    """Nobody who reads the history has to expect anything else than runs in it."""
    first, rest = file.read_bytes().split(b"\n", 1)
    file.write_bytes(first + b"\n" + line + b"\n" + rest)
    history = RunHistory(file).load()
    assert (len(history.runs), history.damaged) == (3, 1)


def test_the_last_run_is_the_newest_that_did_not_begin_in_the_future(file: Path) -> None:
    """A clock that was ahead once must not stop the schedule until the time it showed."""
    history = RunHistory(file)
    history.append(run_at(NIGHT + timedelta(days=1095)))
    assert history.last_begun(NIGHT + timedelta(days=9)) == NIGHT + timedelta(days=2)
    assert history.last_begun(NIGHT + timedelta(days=1)) == NIGHT + timedelta(days=1)
    assert history.last_begun(NIGHT - timedelta(seconds=1)) is None


def test_the_last_run_is_found_behind_a_line_that_is_longer_than_the_first_look(tmp_path: Path) -> None:
    """A run with thousands of gaps is a long line; taken for none, it would be run again every minute."""
    history = RunHistory(tmp_path / "runs.jsonl")
    history.append(run_at(NIGHT, message="x" * 300_000))
    history.append(run_at(NIGHT + timedelta(days=1), message="x" * 300_000))
    assert history.last_begun(NIGHT + timedelta(days=9)) == NIGHT + timedelta(days=1)


def test_a_long_history_is_read_and_kept_from_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows for ever ends as a full disk, or as a host without memory."""
    monkeypatch.setattr(run_history, "MAX_HISTORY_BYTES", 4096)
    path = tmp_path / "runs.jsonl"
    history = RunHistory(path)
    largest = 0
    for number in range(300):
        history.append(run_at(NIGHT + timedelta(days=number), sequence=number))
        largest = max(largest, path.stat().st_size)
    loaded = history.load()
    assert loaded.damaged == 0 and 20 < len(loaded.runs) < 50
    assert [run.sequence for run in loaded.runs] == list(range(300 - len(loaded.runs), 300))
    assert largest < 3 * 4096
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_history_as_it_was(file: Path) -> None:
    """Half a line would be damage that we made ourselves."""
    before = file.read_bytes()
    child = os.fork()
    if not child:
        # No test of the parent's may go on in the child, whatever happens here.
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, len(before) + 10))
            RunHistory(file).append(run_at(NIGHT + timedelta(days=3)))
            os._exit(1)
        except OSError:
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert file.read_bytes() == before
