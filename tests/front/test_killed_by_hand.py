"""A run that nobody watches is killed: it can't say so, and its mark does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.founding import Founded
from archiver.state.begun_run import BegunRun
from archiver.state.process_lock import holder_of
from archiver.state.state_folder import StateFolder
from recovery.rehearsal.serving.process import RunningTenant
from tests.front.outcome import Call

WAIT_SECONDS = 60.0
BEGAN = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


@pytest.fixture
def state(archiving: Founded) -> StateFolder:
    """The state of the host."""
    return StateFolder(Path(str(archiving.files["settings"])).parent / "state")


@pytest.fixture
def killed(archiving: Founded, simulated: RunningTenant, state: StateFolder, repository: Path) -> Iterator[int]:
    """The process of a run by hand that was killed while it read the tenant."""
    simulated.set_faults({"rates": {"slow": 1.0}, "slow_seconds": 30})
    process = subprocess.Popen(
        [sys.executable, "-m", "strongroom", "run", "--config", str(archiving.files["settings"])],
        cwd=repository,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None and process.stderr.readline().startswith("reading ")
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(WAIT_SECONDS) == -signal.SIGKILL
    finally:
        simulated.set_faults(None)
    deadline = time.monotonic() + WAIT_SECONDS
    while holder_of(state.lock) is not None:
        assert time.monotonic() < deadline, "the workers of the killed run hold the state"
        time.sleep(0.02)
    process.stderr.close()
    yield process.pid


def test_status_and_doctor_show_it_and_write_nothing_and_the_next_run_notes_it(
    killed: int, archiving: Founded, state: StateFolder, call: Call
) -> None:
    """Who killed it may not tell anybody; without a line, "when did it last run?" has a wrong answer."""
    config = ("--config", str(archiving.files["settings"]))
    assert state.history() == []
    shown = call("status", *config, "--json")
    (run,) = shown.document["runs"]
    assert (shown.status, run["outcome"], run["process"]) == (3, "failed", killed)
    assert run["error"]["class"] == "Killed" and run["error"]["code"] == 137
    assert "failed" in [alarm["kind"] for alarm in shown.document["alarms"]]
    assert "ended without a word" in call("status", *config).out
    checks = {one["id"]: one for one in call("doctor", *config, "--json").document["checks"]}
    assert checks["state"]["result"] == "WARN" and str(killed) in checks["state"]["detail"]
    assert state.history() == [], "a look writes nothing"
    assert call("run", *config).status == 0
    assert [(one.outcome, one.process) for one in state.history()] == [("failed", killed), ("complete", os.getpid())]
    assert state.history()[0].document == run, "what was shown is what is kept"
    after = call("status", *config, "--json").document
    assert len(after["runs"]) == 2 and after["alarms"] == []
    assert not state.begun_file.exists()


def test_a_run_that_goes_on_is_not_shown_as_killed(state: StateFolder) -> None:
    """The mark of a living run is the most common one."""
    BegunRun(os.getpid(), BEGAN).mark(state.begun_file)
    assert state.seen_history() == ([], 0)


def test_a_run_with_a_line_of_its_own_is_not_told_twice(state: StateFolder) -> None:
    """It may have been killed between its line and the end of its mark."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    BegunRun(gone.pid, BEGAN + timedelta(microseconds=700_000)).mark(state.begun_file)
    assert [run.started_at for run in state.seen_history().runs] == [BEGAN]
    mark = state.begun_file.read_bytes()
    line = {"outcome": "complete", "started_at": "2026-11-20T02:15:00Z", "ended_at": "2026-11-20T02:16:00Z"}
    with state.locked():
        state.remember(line, gone.pid)
        state.begun_file.write_bytes(mark)
        assert [run.outcome for run in state.seen_history().runs] == ["complete"]
        state.begin(BEGAN + timedelta(days=1))
    assert [run.outcome for run in state.history()] == ["complete"]


@pytest.mark.parametrize("mark", [b"", b"\0" * 4096, b"{}", b'{"process":1,"started_at":"today"}', b"[" * 5000])
def test_a_mark_that_a_power_cut_damaged_is_none(state: StateFolder, mark: bytes) -> None:
    """It must stop neither a run nor a look."""
    state.begun_file.write_bytes(mark)
    assert state.seen_history() == ([], 0)
    with state.locked():
        state.begin(BEGAN)
    assert BegunRun.load(state.begun_file) == (os.getpid(), BEGAN)
