"""The daemon as a service manager runs it: real processes, a real run, real kills."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.founding import Founded
from archiver.state.ledger_view import view_of
from archiver.state.state_folder import StateFolder
from recovery.rehearsal.serving.process import RunningTenant
from tests.front.outcome import Call

WAIT_SECONDS = 60.0


class Daemon:
    """A daemon process; what it says is in a file, so that a killed one can't block anybody."""

    def __init__(self, settings: Path, log: Path, repository: Path) -> None:
        self._log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "strongroom", "daemon", "--json", "--config", str(settings)],
                cwd=repository,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def heard(self, pattern: str) -> re.Match[str]:
        """Waits until the daemon has said something that the pattern finds."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (match := re.search(pattern, self._log.read_text())):
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.02)
        return match

    def stopped(self) -> tuple[int, dict[str, int]]:
        """Sends SIGTERM and returns exit status and result."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=WAIT_SECONDS)
        return self.process.returncode, json.loads(out)


@pytest.fixture
def start(archiving: Founded, tmp_path: Path, repository: Path) -> Iterator[Callable[[], Daemon]]:
    """Starts daemons of one archive; those that still run at the end are killed."""
    daemons: list[Daemon] = []

    def start_one() -> Daemon:
        settings = Path(str(archiving.files["settings"]))
        daemons.append(Daemon(settings, tmp_path / f"daemon-{len(daemons)}.log", repository))
        return daemons[-1]

    yield start_one
    for daemon in daemons:
        daemon.process.kill()
        daemon.process.communicate()


@pytest.fixture
def slowly(simulated: RunningTenant) -> Iterator[None]:
    """The tenant takes half a second for each answer, so that a kill finds a run in its middle."""
    simulated.set_faults({"rates": {"slow": 1.0}, "slow_seconds": 0.5})
    yield
    simulated.set_faults(None)


@pytest.fixture
def state(archiving: Founded) -> StateFolder:
    """The state of the archive."""
    return StateFolder(Path(str(archiving.files["settings"])).parent / "state")


def test_it_archives_and_stops_cleanly(start: Callable[[], Daemon], state: StateFolder) -> None:
    """SIGTERM is how it ends every day of its life; exit 0."""
    daemon = start()
    daemon.heard("run ended: complete, snapshot 1")
    assert daemon.stopped() == (0, {"runs": 1, "failed": 0})
    assert [run.outcome for run in state.history()] == ["complete"]


def test_a_second_daemon_refuses_with_14(start: Callable[[], Daemon]) -> None:
    """Two would run everything twice."""
    first = start()
    first.heard("run started")
    second = start()
    out, _ = second.process.communicate(timeout=WAIT_SECONDS)
    assert second.process.returncode == json.loads(out)["error"]["code"] == 14
    assert str(first.process.pid) in json.loads(out)["error"]["message"]


@pytest.mark.usefixtures("slowly")
def test_the_kill_of_a_run_leaves_the_daemon_and_the_archive_whole(
    start: Callable[[], Daemon], state: StateFolder, call: Call
) -> None:
    """The killed run left nothing half-made; that it was killed is in the history, and an alarm."""
    daemon = start()
    run = int(daemon.heard(r"run started, process (\d+)")[1])
    daemon.heard("reading ")
    os.kill(run, signal.SIGKILL)
    daemon.heard("run failed: Killed")
    assert [(one.error.name, one.process) for one in state.history() if one.error] == [("Killed", run)]
    done = call("status", "--config", str(state.folder.parent / "strongroom.toml"), "--json")
    assert done.status == 3 and done.document["runs"][0]["outcome"] == "failed"
    assert "failed" in [alarm["kind"] for alarm in done.document["alarms"]]
    assert daemon.stopped() == (0, {"runs": 1, "failed": 1})
    head = view_of(state.ledger).head
    assert head is not None and head.sequence == 0


@pytest.mark.usefixtures("slowly")
def test_the_kill_of_the_daemon_leaves_the_run_and_the_next_daemon_goes_on(
    start: Callable[[], Daemon], state: StateFolder
) -> None:
    """The run that it had started serves the slot; the next daemon waits for it and runs nothing twice."""
    first = start()
    run = int(first.heard(r"run started, process (\d+)")[1])
    first.heard("reading ")
    first.process.kill()
    first.process.wait()
    second = start()
    second.heard("another run holds the state")
    deadline = time.monotonic() + WAIT_SECONDS
    while not state.history():
        assert time.monotonic() < deadline and Path(f"/proc/{run}").exists()
        time.sleep(0.02)
    assert second.stopped() == (0, {"runs": 0, "failed": 0})
    assert [(one.outcome, one.sequence) for one in state.history()] == [("complete", 1)]
