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

from archiver.doctor.check import WARN
from archiver.doctor.patient import Patient
from archiver.doctor.place_checks import state_checks
from archiver.founding import Founded
from archiver.state.begun_run import BegunRun
from archiver.state.process_birth import birth_of
from archiver.state.process_lock import holder_of
from archiver.state.state_folder import StateFolder
from config.loading import load_settings
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
    BegunRun.of_this_process(BEGAN).mark(state.begun_file)
    assert state.seen_history() == ([], 0)


def test_a_mark_of_an_earlier_version_goes_by_the_number_alone(state: StateFolder) -> None:
    """It knows nothing of the process but that; the first process of a host would hide a killed run for ever."""
    BegunRun(os.getpid(), BEGAN).mark(state.begun_file)
    assert "birth" not in state.begun_file.read_text()
    assert state.seen_history() == ([], 0)
    BegunRun(1, BEGAN).mark(state.begun_file)
    assert [run.process for run in state.seen_history().runs] == [1]


@pytest.mark.parametrize("process", [1, os.getpid()], ids=["the first process", "a number used again"])
def test_a_number_that_another_process_has_by_now_hides_no_killed_run(state: StateFolder, process: int) -> None:
    """After a reboot the numbers begin anew."""
    other = "00000000-0000-0000-0000-000000000000/1"
    BegunRun(process, BEGAN, other).mark(state.begun_file)
    assert BegunRun.load(state.begun_file) == (process, BEGAN, other)
    assert [(run.process, run.outcome) for run in state.seen_history().runs] == [(process, "failed")]


def test_a_process_is_known_by_its_boot_and_its_tick(tmp_path: Path) -> None:
    """The name of a process may hold spaces and brackets (proc(5))."""
    boot, stat = tmp_path / "sys/kernel/random/boot_id", tmp_path / "7" / "stat"
    boot.parent.mkdir(parents=True)
    stat.parent.mkdir()
    boot.write_text("b-1\n")
    stat.write_text("7 (a) b) (c) S " + " ".join(str(field) for field in range(4, 53)))
    assert birth_of(7, tmp_path) == "b-1/22"
    assert birth_of(8, tmp_path) is None
    assert birth_of(os.getpid()) is not None


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


@pytest.mark.parametrize(
    "mark",
    [
        b"",
        b"\0" * 4096,
        b"{}",
        b'{"process":7,"started_at":"today"}',
        b"[" * 5000,
        b'{"process":7,"started_at":"0001-01-01T00:00:00Z"}',
        b'{"process":7,"started_at":"1999-12-31T23:59:59Z"}',
        b'{"process":7,"started_at":"2100-01-01T00:00:00Z"}',
        b'{"process":0,"started_at":"2026-11-20T02:15:00Z"}',
        b'{"process":-7,"started_at":"2026-11-20T02:15:00Z"}',
        b'{"process":2147483648,"started_at":"2026-11-20T02:15:00Z"}',
        b'{"process":%b,"started_at":"2026-11-20T02:15:00Z"}' % (b"7" * 3000),
    ],
    ids=range(12),
)
def test_a_mark_that_is_damaged_or_forged_is_none_and_the_doctor_names_it(
    state: StateFolder, archiving: Founded, call: Call, mark: bytes
) -> None:
    """It must stop neither a run nor a look."""
    config = ("--config", str(archiving.files["settings"]))
    state.begun_file.write_bytes(mark)
    assert state.seen_history() == ([], 0)
    (check,) = state_checks(Patient(load_settings(Path(config[1]), {}), lambda: BEGAN))
    assert check.result == WARN and "begun.json can't be read" in check.detail
    assert call("status", *config).status == 3
    with state.locked():
        state.begin(BEGAN)
    assert BegunRun.load(state.begun_file) == BegunRun.of_this_process(BEGAN)
    assert state.history() == []
