"""The scheduled service: starts a run at every slot of the schedule, one at a time, each in its own process.

A slot that comes while a run is under way, or while the service is down, is made up for once, as soon as that
is possible. The service holds no state but a lock: killed at any moment, it goes on from the history of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from archiver.errors import AnotherRunError
from archiver.graph.errors import GraphUnreachableError
from archiver.host_clock import CLOCK_TOLERANCE
from archiver.run_process import RunEnd, RunProcess
from archiver.slot import missed_slot, next_slot
from archiver.state.process_lock import held
from archiver.state.state_folder import StateFolder
from verify.errors import StrongroomError
from verify.strict_json import text_of_time

SERVICE_LOCK = "service.lock"
BUSY_STATUS = AnotherRunError.exit_status
UNREACHABLE_STATUS = 13  # COMMANDS.md section 1: Graph unreachable
RETRY_AFTER = timedelta(minutes=10)
"""A run that was killed, or that found no Graph or lost it, is tried once more after this."""
TICK_SECONDS = 60.0
"""Longest sleep: a clock that was set, or a machine that was suspended, is noticed after this."""
ON_TIME = timedelta(seconds=5)
"""The schedule wakes the service within a second of a slot; later, the slot was missed and is made up for."""
OUTBOX_SECONDS = 900.0
"""Between two tries to fill a store that was down."""
STOP_SECONDS = 90.0
"""What a run gets to end by itself when the service is stopped; deploy/systemd gives 120 to both together."""
TERMINATE_SECONDS = 15.0
LETTING_GO_SECONDS = 10.0
"""What the workers of a killed run get to end; until then they hold the lock that they inherited."""
RUN_LIMIT_SECONDS = 86_400.0
"""A run that takes longer than a day is stuck, and would keep all others from starting."""


class Wish(Enum):
    """What wakes the service."""

    DUE = "due"
    ENDED = "ended"
    STOP = "stop"


@dataclass(frozen=True)
class ServicePlan:
    """What the service does. `command` makes a run; `finish_outbox` returns how many commits still wait.

    `trigger` gives the slots; `say` takes what goes to the log of the service.
    """

    state: StateFolder
    trigger: BaseTrigger
    command: Sequence[str]
    finish_outbox: Callable[[], int]
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    tick_seconds: float = TICK_SECONDS
    outbox_seconds: float = OUTBOX_SECONDS
    stop_seconds: float = STOP_SECONDS
    terminate_seconds: float = TERMINATE_SECONDS
    retry_after: timedelta = RETRY_AFTER


class Service:
    """Serves until `stop` is called. `runs` and `failed` count what it has started."""

    def __init__(self, plan: ServicePlan) -> None:
        self._plan = plan
        # Its put() may be called from a signal handler, also while this thread is inside get().
        self._wishes: SimpleQueue[Wish] = SimpleQueue()
        self._started_at: datetime | None = None
        self._retry_at: datetime | None = None
        self._outbox_at = 0.0
        self._unremembered: list[tuple[int, dict[str, Any]]] = []
        self._stopping = False
        self.runs = 0
        self.failed = 0

    def stop(self) -> None:
        """Ends the service after the run in progress, which gets `stop_seconds`; again, and it gets none."""
        self._wishes.put(Wish.STOP)

    def serve(self) -> None:
        """Serves. Raises AnotherRunError if another service serves this state."""
        with sole_service(self._plan.state.folder):
            scheduler = BackgroundScheduler(timezone=UTC)
            scheduler.add_job(
                self._wishes.put,
                self._plan.trigger,
                args=[Wish.DUE],
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
            scheduler.start()
            try:
                self._loop(scheduler)
            finally:
                scheduler.shutdown(wait=False)

    def _loop(self, scheduler: BackgroundScheduler) -> None:
        if self._why_due() is None:
            self._tell_next()
        while not self._stopping:
            self._remember_failures()
            why = self._why_due()
            if why is not None:
                self._run(why)
                if not self._stopping:
                    self._tell_next()
                    self._pause(scheduler)
            else:
                self._try_outbox()
                self._pause(scheduler)

    def _pause(self, scheduler: BackgroundScheduler) -> None:
        """Sleeps until something is wished for, or a tick has passed."""
        try:
            wish = self._wishes.get(timeout=self._plan.tick_seconds)
        except Empty:
            # Its own sleep was measured by the clock as it was then.
            scheduler.wakeup()
            return
        self._stopping = self._stopping or wish is Wish.STOP

    def _why_due(self) -> str | None:
        """Says why a run is due: a slot has come since the last one began, here or elsewhere, or a retry is due."""
        now = self._plan.clock()
        if self._retry_at is not None and not now < self._retry_at <= now + self._plan.retry_after:
            # Its time has come, or the clock was set back.
            return "once more, because the last one was killed or did not find Graph"
        # A clock that was ahead once must not stop the schedule until the time it showed.
        by = now + CLOCK_TOLERANCE
        try:
            begun = [self._plan.state.runs.last_begun(by), self._started_at]
        except OSError as error:
            self._plan.say(f"the history of runs can't be read, so no run is started: {error}")
            return None
        last = max((at for at in begun if at is not None and at <= by), default=None)
        slot = missed_slot(self._plan.trigger, last, now)
        if slot is None:
            return None
        if last is None:
            return "the first one of this archive"
        return "its slot has come" if now - slot <= ON_TIME else f"making up for the slot of {text_of_time(slot)}"

    def _run(self, why: str) -> None:
        began = self._plan.clock()
        is_retry, self._retry_at = self._retry_at is not None, None
        try:
            process = RunProcess(self._plan.command, lambda: self._wishes.put(Wish.ENDED))
        except OSError as error:
            self._plan.say(f"no run could be started: {error}")
            return
        self._plan.say(f"run started, process {process.pid}: {why}")
        self._await(process)
        end = process.end()
        if end.status == BUSY_STATUS:
            self._plan.say("another run holds the state; trying again shortly")
            return
        self._started_at = began
        if not is_retry and _may_pass(end):
            self._retry_at = self._plan.clock() + self._plan.retry_after
        if end.error is not None:
            self._remember(process.pid, began, end)
            self.failed += 1
        self._tell_end(end)
        self.runs += 1

    def _await(self, process: RunProcess) -> None:
        """Waits for the run to end; told to stop, waits a bounded time, then asks the run, then kills it."""
        limits = [RUN_LIMIT_SECONDS, self._plan.terminate_seconds]
        actions = [process.terminate, process.kill]
        deadline = monotonic() + limits.pop(0)
        while True:
            try:
                wish = self._wishes.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                if actions:
                    actions.pop(0)()
                deadline = monotonic() + (limits.pop(0) if limits else RUN_LIMIT_SECONDS)
                continue
            if wish is Wish.ENDED:
                return
            if wish is Wish.STOP:
                seconds = 0.0 if self._stopping else self._plan.stop_seconds
                deadline = min(deadline, monotonic() + seconds)
                self._stopping = True

    def _remember(self, pid: int, began: datetime, end: RunEnd) -> None:
        """Puts a failure into the history that the run itself could not: it was killed, or refused."""
        error = end.error or {}
        line = {
            "outcome": "failed",
            "started_at": text_of_time(began),
            "ended_at": text_of_time(max(began, self._plan.clock())),
            "alarms": [{"kind": "failed", "subject": "run", "detail": error.get("message")}],
            "error": error,
        }
        self._unremembered.append((pid, line))
        deadline = monotonic() + LETTING_GO_SECONDS
        while (trouble := self._remember_failures()) is not None:
            if monotonic() > deadline or not isinstance(trouble, AnotherRunError):
                self._plan.say(f"the failure is not in the history yet: {trouble.message}")
                return
            sleep(LETTING_GO_SECONDS / 50)

    def _remember_failures(self) -> StrongroomError | None:
        """Writes what the history lacks, and gives what stood in the way; the next round tries again."""
        state = self._plan.state
        try:
            while self._unremembered:
                pid, line = self._unremembered[0]
                with state.locked():
                    if not _holds(state.history(), pid, line):
                        state.remember(line, pid)
                del self._unremembered[0]
        except StrongroomError as trouble:
            return trouble
        return None

    def _try_outbox(self) -> None:
        """Fills stores that were down; what goes wrong is said, and tried again later."""
        if monotonic() < self._outbox_at:
            return
        self._outbox_at = monotonic() + self._plan.outbox_seconds
        try:
            waiting = self._plan.finish_outbox()
        except (StrongroomError, OSError) as error:
            self._plan.say(f"outbox: {error}")
            return
        if waiting:
            self._plan.say(f"outbox: commits that still wait for a store: {waiting}")

    def _tell_next(self) -> None:
        slot = next_slot(self._plan.trigger, self._plan.clock())
        self._plan.say(f"next run at {text_of_time(slot)}" if slot else "the schedule has no more slots")

    def _tell_end(self, end: RunEnd) -> None:
        if end.error is not None:
            self._plan.say(f"run failed: {end.error['class']} (exit {end.error['code']}): {end.error['message']}")
        else:
            outcome, sequence = end.document.get("outcome"), end.document.get("sequence")
            self._plan.say(f"run ended: {outcome}, snapshot {sequence}, exit {end.status}")


def _holds(history: Sequence[Mapping[str, Any]], pid: int, line: Mapping[str, Any]) -> bool:
    """Whether the run wrote its own line. Lines of others say nothing about it, whatever clock dated them."""
    return any(run.get("process") == pid and run["started_at"] >= line["started_at"] for run in history)


def _may_pass(end: RunEnd) -> bool:
    """Whether the next try may get more: the run was killed, or Graph was not there, at first or later on."""
    if end.status < 0 or end.status == UNREACHABLE_STATUS:
        return True
    gaps = end.document.get("gaps")
    return isinstance(gaps, list) and any(
        isinstance(gap, dict) and gap.get("reason") == GraphUnreachableError.reason for gap in gaps
    )


def sole_service(folder: Path) -> AbstractContextManager[None]:
    """Makes this process the one service of a state folder.

    Raises, when entered: AnotherRunError, if another service serves it; SpoolError, if it can't be written.
    """

    def busy(holder: str) -> AnotherRunError:
        return AnotherRunError(
            f"another service (process {holder}) serves {folder}",
            next_step="One service is enough; stop that one first if it is not the one you want.",
        )

    return held(folder / SERVICE_LOCK, busy)
