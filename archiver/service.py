"""The scheduled service: starts a run at every slot of the schedule, one at a time, each in its own process.

A slot that comes while a run is under way, or while the service is down, is made up for once, as soon as that
is possible. The service holds no state but a lock: killed at any moment, it goes on from the history of runs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import itemgetter
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple

from apscheduler.schedulers.background import BackgroundScheduler

from archiver.errors import AnotherRunError
from archiver.graph.errors import GraphUnreachableError
from archiver.host_clock import CLOCK_TOLERANCE
from archiver.run_process import RunEnd, RunProcess
from archiver.run_watch import RunWatch
from archiver.service_plan import Duty, ServicePlan
from archiver.slot import missed_slot, next_slot
from archiver.untold_failures import UntoldFailure, UntoldFailures
from archiver.wish import Wish
from verify.errors import StrongroomError
from verify.strict_json import text_of_time

BUSY_STATUS = AnotherRunError.exit_status
UNREACHABLE_STATUS = GraphUnreachableError.exit_status
ON_TIME = timedelta(seconds=5)
"""The schedule wakes the service within a second of a slot; later, the slot was missed and is made up for."""


class _Due(NamedTuple):
    """What is to be done, and why."""

    duty: Duty
    why: str


class _Retry(NamedTuple):
    """What is tried once more, and when."""

    duty: Duty
    at: datetime


class Service:
    """Serves until `stop` is called. `runs` and `failed` count what it has started."""

    def __init__(self, plan: ServicePlan) -> None:
        self._plan = plan
        # Its put() may be called from a signal handler, also while this thread is inside get().
        self._wishes: SimpleQueue[Wish] = SimpleQueue()
        self._started_at: datetime | None = None
        self._retry: _Retry | None = None
        self._outbox_at = 0.0
        self._untold = UntoldFailures(plan.state, plan.letting_go_seconds, plan.say)
        self._watch = RunWatch(self._wishes, plan.stop_seconds, plan.terminate_seconds)
        self._stopping = False
        self.runs = 0
        self.failed = 0

    def stop(self) -> None:
        """Ends the service after the run in progress, which gets `stop_seconds`; again, and it gets none."""
        self._wishes.put(Wish.STOP)

    def serve(self) -> None:
        """Serves. Raises AnotherRunError if another service serves this state."""
        with self._plan.state.served():
            scheduler = BackgroundScheduler(timezone=UTC)
            for duty in self._plan.duties:
                scheduler.add_job(
                    self._wishes.put,
                    duty.trigger,
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
        if self._due() is None:
            self._tell_next()
        while not self._stopping:
            self._untold.tell()
            due = self._due()
            if due is not None:
                self._run(due)
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

    def _due(self) -> _Due | None:
        """Says what is due: a slot has come since the last run began, here or elsewhere, or a retry is due."""
        now = self._plan.clock()
        if self._retry is not None and not now < self._retry.at <= now + self._plan.retry_after:
            # Its time has come, or the clock was set back.
            return _Due(self._retry.duty, "once more, because the last one was killed or did not find Graph")
        # A clock that was ahead once must not stop the schedule until the time it showed.
        by = now + CLOCK_TOLERANCE
        try:
            begun = [self._plan.state.runs.last_begun(by), self._started_at]
        except OSError as error:
            self._plan.say(f"the history of runs can't be read, so no run is started: {error}")
            return None
        last = max((at for at in begun if at is not None and at <= by), default=None)
        for duty in self._plan.duties:
            slot = missed_slot(duty.trigger, last, now)
            if slot is not None and last is None:
                return _Due(duty, "the first one of this archive")
            if slot is not None:
                on_time = now - slot <= ON_TIME
                return _Due(duty, "its slot has come" if on_time else f"making up for the slot of {text_of_time(slot)}")
        return None

    def _run(self, due: _Due) -> None:
        began = self._plan.clock()
        is_retry, self._retry = self._retry is not None, None
        try:
            process = RunProcess(due.duty.command, lambda: self._wishes.put(Wish.ENDED))
        except OSError as error:
            self._plan.say(f"no run could be started: {error}")
            return
        self._plan.say(f"{due.duty.name} started, process {process.pid}: {due.why}")
        self._stopping = self._watch.await_end(process, is_stopping=self._stopping)
        end = process.end()
        if end.status == BUSY_STATUS:
            self._plan.say("another run holds the state; trying again shortly")
            return
        self._started_at = began
        if not is_retry and _may_pass(end):
            self._retry = _Retry(due.duty, self._plan.clock() + self._plan.retry_after)
        if end.error is not None:
            self._untold.add(UntoldFailure(process.pid, began, self._plan.clock(), end.error))
            self.failed += 1
        self._tell_end(end)
        self.runs += 1

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
        now = self._plan.clock()
        slots = [(slot, duty.name) for duty in self._plan.duties if (slot := next_slot(duty.trigger, now)) is not None]
        if slots:
            slot, name = min(slots, key=itemgetter(0))
            self._plan.say(f"next {name} at {text_of_time(slot)}")
        else:
            self._plan.say("the schedule has no more slots")

    def _tell_end(self, end: RunEnd) -> None:
        if end.error is not None:
            self._plan.say(f"run failed: {end.error.name} (exit {end.error.code}): {end.error.message}")
        else:
            outcome, sequence = end.document.get("outcome"), end.document.get("sequence")
            self._plan.say(f"run ended: {outcome}, snapshot {sequence}, exit {end.status}")


def _may_pass(end: RunEnd) -> bool:
    """Whether the next try may get more: the run was killed, or Graph was not there, at first or later on."""
    if end.status < 0 or end.status == UNREACHABLE_STATUS:
        return True
    gaps = end.document.get("gaps")
    return isinstance(gaps, list) and any(
        isinstance(gap, dict) and gap.get("reason") == GraphUnreachableError.reason for gap in gaps
    )
