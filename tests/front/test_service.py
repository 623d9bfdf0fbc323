"""The service: a run at every slot, one at a time, each in its own process; killed or stopped, it goes on.

The runs here are small scripts that write the history as a run does; the clock is the test's.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger

from archiver.errors import AnotherRunError
from archiver.service import Service
from archiver.service_plan import Duty, ServicePlan
from archiver.state.run_record import RunRecord
from archiver.state.state_folder import StateFolder
from config.cron import cron_trigger
from vault.errors import SpoolError, StoreUnreachableError
from verify.strict_json import text_of_time

WAIT_SECONDS = 30.0
NIGHT = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)

# A run: notes that it began, does something, and ends as a run does. argv: the state, then what it does.
RUN = """
import json, os, pathlib, sys, time
state = pathlib.Path(sys.argv[1])
with (state / "began").open("a") as began:
    print(os.getpid(), file=began)
exec(sys.argv[2])
"""


class Night:
    """A service under test: its clock, its log, its state, and the thread that it serves in."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(folder)
        self.now = NIGHT
        self.said: list[str] = []
        self.outbox: Callable[[], int] = lambda: 0
        self.service: Service | None = None
        self._thread: threading.Thread | None = None

    def command(self, script: str) -> list[str]:
        return [sys.executable, "-c", RUN, str(self.state.folder), script]

    def plan(self, script: str, **more: Any) -> ServicePlan:
        plan = ServicePlan(
            state=self.state,
            duties=[Duty("run", cron_trigger("15 2 * * *"), self.command(script))],
            finish_outbox=lambda: self.outbox(),
            clock=lambda: self.now,
            say=self.said.append,
            tick_seconds=0.02,
            outbox_seconds=0.0,
            stop_seconds=WAIT_SECONDS,
            terminate_seconds=WAIT_SECONDS,
        )
        return replace(plan, **more)

    def start(self, script: str, **more: Any) -> Service:
        self.service = Service(self.plan(script, **more))
        self._thread = threading.Thread(target=self.service.serve)
        self._thread.start()
        return self.service

    def stop(self) -> None:
        if self.service is not None:
            self.service.stop()
            self.join()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(WAIT_SECONDS)
            assert not self._thread.is_alive()

    def began(self) -> list[int]:
        file = self.state.folder / "began"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def remember(self, started_at: datetime, outcome: str = "complete") -> None:
        line = {"outcome": outcome, "started_at": text_of_time(started_at), "ended_at": text_of_time(started_at)}
        with self.state.locked():
            self.state.remember(line)


def messages_of(run: RunRecord) -> str:
    assert run.error is not None and run.error.message is not None
    return run.error.message


def until(condition: Callable[[], object]) -> None:
    """Waits until something is so; fails the test if it never is."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def night(tmp_path: Path) -> Any:
    """A night at a quarter past two; what is still served at the end is stopped."""
    one = Night(tmp_path / "state")
    yield one
    one.stop()


def test_a_slot_starts_one_run(night: Night) -> None:
    """One, however often the service looks."""
    night.remember(NIGHT - timedelta(days=1))
    service = night.start("pass")
    until(lambda: service.runs == 1)
    time.sleep(0.2)
    night.stop()
    assert len(night.began()) == 1 and service.failed == 0


def test_before_the_slot_nothing_runs(night: Night) -> None:
    """A restart in the afternoon must not read the whole tenant again."""
    night.remember(NIGHT)
    night.now = NIGHT + timedelta(hours=12)
    night.start("pass")
    time.sleep(0.2)
    night.stop()
    assert night.began() == []


def test_slots_that_were_missed_while_it_was_down_are_made_up_for_once(night: Night) -> None:
    """Five days off are one run, not five."""
    night.remember(NIGHT - timedelta(days=5))
    night.now = NIGHT + timedelta(hours=3)
    service = night.start("pass")
    until(lambda: service.runs == 1)
    time.sleep(0.2)
    assert len(night.began()) == 1


def test_an_empty_archive_is_filled_at_once(night: Night) -> None:
    """A day without any backup is the worst one."""
    night.now = NIGHT + timedelta(hours=9)
    service = night.start("pass")
    until(lambda: service.runs == 1)


def test_a_slot_that_comes_while_a_run_is_busy_is_made_up_for_once(night: Night) -> None:
    """Never two at a time; three slots during one long run are one more run."""
    service = night.start("while not (state / 'end').exists(): time.sleep(0.01)")
    until(lambda: len(night.began()) == 1)
    night.now += timedelta(days=3)
    time.sleep(0.2)
    assert len(night.began()) == 1
    (night.state.folder / "end").touch()
    until(lambda: service.runs == 2)
    time.sleep(0.2)
    assert len(night.began()) == 2


def test_apscheduler_wakes_the_service_at_the_slot(night: Night) -> None:
    """With a tick of a minute, only the schedule itself can wake it in time."""
    every_second = CronTrigger(second="*", timezone=UTC)
    service = night.start(
        "pass",
        duties=[Duty("run", every_second, night.command("pass"))],
        clock=lambda: datetime.now(UTC),
        tick_seconds=60.0,
    )
    until(lambda: service.runs >= 3)


def test_a_pulse_has_slots_of_its_own_and_a_run_that_is_due_too_comes_first(night: Night) -> None:
    """At a quarter past two both are due: the run reads everything, and the pulse has nothing left to tell."""
    duties = [
        Duty("run", cron_trigger("15 2 * * *"), night.command("pass")),
        Duty("pulse", cron_trigger("*/15 * * * *"), night.command("pass")),
    ]
    night.remember(NIGHT)
    night.now = NIGHT.replace(hour=2, minute=15, second=0) + timedelta(days=1)
    service = night.start("pass", duties=duties)
    until(lambda: service.runs == 1)
    time.sleep(0.2)
    assert service.runs == 1
    night.now += timedelta(minutes=15, seconds=1)
    until(lambda: service.runs == 2)
    started = [line.split(",")[0] for line in night.said if " started, " in line]
    assert started == ["run started", "pulse started"]
    assert any(
        line == f"next pulse at {text_of_time(night.now + timedelta(minutes=14, seconds=59))}" for line in night.said
    )


def test_a_killed_run_does_not_kill_the_service_and_is_tried_once_more(night: Night) -> None:
    """The kernel kills the biggest process when memory is short; the night's snapshot is still wanted."""
    service = night.start("time.sleep(60)", retry_after=timedelta(minutes=10))
    for number in (1, 2):
        until(lambda number=number: len(night.began()) == number)  # type: ignore[misc]
        os.kill(night.began()[-1], signal.SIGKILL)
        until(lambda number=number: service.failed == number)  # type: ignore[misc]
        night.now += timedelta(minutes=11)
    time.sleep(0.2)
    assert len(night.began()) == 2
    assert [messages_of(run) for run in night.state.history()] == ["the run was killed by SIGKILL"] * 2


def test_workers_of_a_killed_run_end_with_it(night: Night) -> None:
    """They would hold memory, and the spool's files, for nobody."""
    script = (
        "import subprocess; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "(state / 'child').write_text(str(child.pid)); (state / 'ready').touch(); time.sleep(60)"
    )
    service = night.start(script)
    until(lambda: (night.state.folder / "ready").exists())
    child = int((night.state.folder / "child").read_text())
    os.kill(night.began()[0], signal.SIGKILL)
    until(lambda: service.failed == 1)
    until(lambda: not _lives(child))


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_run_that_was_refused_is_remembered_with_its_error(night: Night) -> None:
    """It ended before it could write the history itself; status must show it all the same."""
    error = {
        "class": "SettingsError",
        "code": 10,
        "message": "keys.signer_file is missing.",
        "next_step": "x",
    }
    service = night.start(f"print({json.dumps({'error': error})!r}); sys.exit(10)")
    until(lambda: service.failed == 1)
    time.sleep(0.2)
    (line,) = night.state.history()
    assert line.outcome == "failed" and line.error is not None and line.error.name == "SettingsError"
    assert len(night.began()) == 1, "what is refused now is refused in ten minutes too"


def test_graph_that_can_not_be_reached_is_tried_once_more(night: Night) -> None:
    """Networks come back."""
    error = {"class": "GraphUnreachableError", "code": 13, "message": "no answer", "next_step": "x"}
    service = night.start(f"print({json.dumps({'error': error})!r}); sys.exit(13)")
    until(lambda: service.failed == 1)
    night.now += timedelta(minutes=11)
    until(lambda: service.failed == 2)
    night.now += timedelta(minutes=11)
    time.sleep(0.2)
    assert service.runs == 2


@pytest.mark.parametrize(("reason", "runs"), [("unreachable", 2), ("forbidden", 1)])
def test_a_run_that_lost_graph_in_its_middle_is_tried_once_more(night: Night, reason: str, runs: int) -> None:
    """It sealed what it had; ten minutes later the rest may be there. A permission does not come by itself."""
    document = {"outcome": "gaps", "sequence": 1, "gaps": [{"collection": "users", "reason": reason}]}
    service = night.start(f"print({json.dumps(document)!r}); sys.exit(3)")
    for number in range(1, 4):
        until(lambda number=number: service.runs >= min(number, runs))  # type: ignore[misc]
        night.now += timedelta(minutes=11)
        time.sleep(0.1)
    assert (service.runs, service.failed) == (runs, 0)


def test_a_clock_that_is_set_back_an_hour_repeats_no_slot(night: Night) -> None:
    """The night's run has begun, whatever the clock says afterwards."""
    night.remember(NIGHT - timedelta(days=1))
    night.remember(NIGHT)
    night.now = NIGHT + timedelta(minutes=10)
    service = night.start("pass")
    for minutes in (-50, -30, 0, 10):
        night.now = NIGHT + timedelta(minutes=minutes)
        time.sleep(0.1)
    assert service.runs == 0
    night.now = NIGHT + timedelta(days=1)
    until(lambda: service.runs == 1)


@pytest.mark.parametrize("jump", [timedelta(days=-2), timedelta(days=1095)], ids=["two days back", "three years on"])
def test_a_clock_that_jumps_and_comes_back_costs_a_run_each_way_and_no_night(night: Night, jump: timedelta) -> None:
    """The schedule must not wait for the time that a wrong clock showed."""
    night.remember(NIGHT)
    night.now = NIGHT + timedelta(hours=1)
    service = night.start("pass")
    time.sleep(0.1)
    assert service.runs == 0
    night.now += jump
    until(lambda: service.runs == 1)
    time.sleep(0.1)
    night.now = NIGHT + timedelta(hours=2)
    time.sleep(0.1)
    assert service.runs == 1
    night.now = NIGHT + timedelta(days=1)
    until(lambda: service.runs == 2)
    time.sleep(0.1)
    assert service.runs == 2


def test_a_retry_is_not_put_off_by_a_clock_that_is_set_back(night: Night) -> None:
    """Ten minutes would become two days."""
    night.remember(NIGHT - timedelta(days=2))
    service = night.start("time.sleep(60)")
    until(lambda: len(night.began()) == 1)
    os.kill(night.began()[-1], signal.SIGKILL)
    until(lambda: service.failed == 1)
    night.now -= timedelta(days=2)
    until(lambda: len(night.began()) == 2)
    os.kill(night.began()[-1], signal.SIGKILL)
    until(lambda: service.failed == 2)


def test_a_damaged_history_does_not_stop_the_service(night: Night) -> None:
    """The night after a power cut is the one that must not be missed."""
    night.remember(NIGHT - timedelta(days=1))
    with (night.state.folder / "runs.jsonl").open("ab") as target:
        target.write(b"\0" * 512 + b"\n" + b'{"outcome":"comp')
    service = night.start("pass")
    until(lambda: service.runs == 1)


def test_a_history_that_can_not_be_read_is_said_and_the_service_goes_on(night: Night) -> None:
    """The disk may come back; a run into a state that can't be read would only fail."""
    history = night.state.folder / "runs.jsonl"
    history.mkdir()
    service = night.start("pass")
    until(lambda: any("the history of runs can't be read" in line for line in night.said))
    assert service.runs == 0
    history.rmdir()
    until(lambda: service.runs == 1)


def test_a_failure_that_can_not_be_remembered_is_said_and_written_later(night: Night) -> None:
    """A full disk fails the run, and then the line about it; the disk may come back."""
    history = night.state.folder / "runs.jsonl"
    script = "(state / 'runs.jsonl').mkdir(exist_ok=True); sys.exit(23)"
    service = night.start(script)
    until(lambda: service.failed == 1)
    assert any(line.startswith("the failure is not in the history yet: ") for line in night.said)
    history.rmdir()
    until(history.is_file)
    (line,) = night.state.history()
    assert line.error is not None and (line.outcome, line.error.code) == ("failed", 23)


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(minutes=4)], ids=["the same second", "a clock ahead"])
def test_a_killed_run_is_remembered_whatever_another_runs_line_is_dated(night: Night, shift: timedelta) -> None:
    """Somebody's run by hand, or by a clock that was ahead, must not pass for the line of the killed one."""
    script = "(state / 'ready').touch(); time.sleep(60)"
    service = night.start(script)
    until(lambda: (night.state.folder / "ready").exists())
    night.remember(NIGHT + shift)
    os.kill(night.began()[-1], signal.SIGKILL)
    until(lambda: service.failed == 1)
    last = night.state.history()[-1]
    assert (last.outcome, last.process) == ("failed", night.began()[-1])
    assert last.error is not None and last.error.name == "Killed"


def test_a_killed_run_is_remembered_once_the_state_is_free(night: Night) -> None:
    """The run by hand that somebody starts at once holds the state for longer than the service waits."""
    night.start("(state / 'ready').touch(); time.sleep(60)", letting_go_seconds=0.1)
    until(lambda: (night.state.folder / "ready").exists())
    with night.state.locked():
        os.kill(night.began()[-1], signal.SIGKILL)
        until(lambda: any("not in the history yet" in line for line in night.said))
    until(lambda: [run.outcome for run in night.state.history()] == ["failed"])


def test_a_failure_is_in_the_history_before_the_log_tells_of_it(night: Night) -> None:
    """Whoever reads the log asks `status` next."""
    seen: list[int] = []

    def say(line: str) -> None:
        if line.startswith("run failed: "):
            seen.append(len(night.state.history()))

    service = night.start("sys.exit(10)", say=say)
    until(lambda: service.failed == 1 and service.runs == 1)
    assert seen == [1]


def test_a_run_that_wrote_its_own_line_is_not_told_twice(night: Night) -> None:
    """What failed within the run is in the history by its own hand."""
    line = {"outcome": "failed", "started_at": text_of_time(NIGHT), "ended_at": text_of_time(NIGHT)}
    script = (
        f"line = dict({line!r}, process=os.getpid())\n"
        "(state / 'runs.jsonl').write_text(json.dumps(line) + chr(10)); sys.exit(11)"
    )
    service = night.start(script)
    until(lambda: service.failed == 1)
    assert len(night.state.history()) == 1


def test_why_a_run_starts_is_said_and_no_time_that_is_not_meant(night: Night) -> None:
    """ "next run at six" and a run at once would be read as a defect."""
    night.remember(NIGHT - timedelta(days=1))
    night.now = NIGHT + timedelta(hours=3)
    service = night.start("pass")
    until(lambda: service.runs == 1)
    until(lambda: any(line.startswith("next run at ") for line in night.said))
    night.remember(NIGHT + timedelta(hours=3))
    night.now = NIGHT + timedelta(days=1)
    until(lambda: service.runs == 2)
    assert night.said[0].endswith(f": making up for the slot of {text_of_time(NIGHT)}")
    assert night.said[2] == f"next run at {text_of_time(NIGHT + timedelta(days=1))}"
    (started,) = [line for line in night.said[3:] if line.startswith("run started")]
    assert started.endswith(": its slot has come")


def test_a_state_in_which_no_lock_can_be_made_is_an_error_with_a_name(night: Night) -> None:
    """Another account's folder, or one that is mounted read-only."""
    (night.state.folder / "service.lock").mkdir()
    with pytest.raises(SpoolError) as raised:
        Service(night.plan("pass")).serve()
    assert raised.value.exit_status == 23 and str(night.state.folder) in raised.value.message


def test_while_another_run_holds_the_state_it_waits_and_does_not_run_twice(night: Night) -> None:
    """The run of a service that was killed goes on by itself, and serves the slot."""
    service = night.start("sys.exit(14)")
    until(lambda: len(night.began()) >= 2)
    night.remember(NIGHT)
    time.sleep(0.1)
    seen = len(night.began())
    time.sleep(0.3)
    assert len(night.began()) == seen and service.runs == 0


def test_stopped_it_lets_the_run_end_and_starts_no_other(night: Night) -> None:
    """A run that is almost done is worth the wait."""
    service = night.start("while not (state / 'end').exists(): time.sleep(0.01)")
    until(night.began)
    service.stop()
    time.sleep(0.2)
    assert service.runs == 0
    night.now += timedelta(days=1)
    (night.state.folder / "end").touch()
    night.join()
    assert (service.runs, service.failed, len(night.began())) == (1, 0, 1)


def test_a_run_that_does_not_end_in_time_is_told_and_then_killed(night: Night) -> None:
    """The service manager waits for nobody; the state survives the kill."""
    script = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);(state / 'ready').touch(); time.sleep(60)"
    service = night.start(script, stop_seconds=0.1, terminate_seconds=0.1)
    until(lambda: (night.state.folder / "ready").exists())
    night.stop()
    assert service.failed == 1 and "SIGKILL" in messages_of(night.state.history()[-1])


def test_stopped_twice_it_does_not_wait(night: Night) -> None:
    """Somebody at a terminal presses Ctrl-C again."""
    service = night.start("(state / 'ready').touch(); time.sleep(60)")
    until(lambda: (night.state.folder / "ready").exists())
    service.stop()
    night.stop()
    assert "SIGTERM" in messages_of(night.state.history()[-1])


def test_two_services_on_one_state_refuse(night: Night) -> None:
    """Each would start every run; the second is told who was first."""
    with night.state.served(), pytest.raises(AnotherRunError, match=str(os.getpid())) as raised:
        Service(night.plan("pass")).serve()
    assert raised.value.exit_status == 14


def test_the_outbox_is_filled_between_runs_and_its_troubles_stop_nothing(night: Night) -> None:
    """A store that comes back in the morning has last night's snapshot before noon."""
    night.remember(NIGHT)
    answers: list[object] = [StoreUnreachableError("store vault is not there"), OSError("disk"), 2, 0]

    def outbox() -> int:
        answer = answers.pop(0) if answers else 0
        if isinstance(answer, Exception):
            raise answer
        return int(str(answer))

    night.outbox = outbox
    night.start("pass")
    until(lambda: not answers)
    night.stop()
    assert "outbox: store vault is not there" in night.said and "outbox: disk" in night.said
    assert "outbox: commits that still wait for a store: 2" in night.said


def test_a_program_that_is_not_there_is_said_and_tried_again(night: Night) -> None:
    """An upgrade replaces the program under a service that runs."""
    night.start("pass", duties=[Duty("run", cron_trigger("15 2 * * *"), ["/nonexistent/strongroom"])])
    until(lambda: sum(line.startswith("no run could be started") for line in night.said) >= 2)
