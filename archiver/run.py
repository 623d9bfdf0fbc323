"""One archive run: read the tenant, seal it, sign it, put it, and say what happened.

    lock ▸ finish the outbox ▸ fail closed ▸ gather ▸ seal ▸ re-open ▸ commit ▸ put ▸ remember

Everything before the commit can be killed without a trace; everything after it is finished by the next start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

from archiver.alarm import Alarm
from archiver.baseline import baselines_of
from archiver.collection_choice import chosen_rows
from archiver.failed_run import failure_remembered, failure_signed
from archiver.graph.catalogue import load_catalogue
from archiver.graph.patience import Patience
from archiver.graph.row import Row
from archiver.host_clock import clock_alarms_of, date_of_last_snapshot
from archiver.left_out import left_out_alarms_of, left_out_of, logs_of
from archiver.lost_secret import lost_secret_alarms_of
from archiver.open_run import OpenRun
from archiver.outbox import deliver_waiting
from archiver.reading_plan import EVERYTHING, ReadingPlan, plan_by_changes
from archiver.run_result import RunResult, result_of, with_alarm
from archiver.shortfall import drop_alarms_of, gap_alarms_of, licensed_gaps_of
from archiver.snapshot_making import MadeSnapshot, made_snapshot
from archiver.state.escrowed_places import EscrowedPlaces
from archiver.state.run_record import RunRecord
from archiver.state.state_folder import StateFolder
from archiver.vaulting import open_vaulting
from config.settings import Settings
from vault.errors import FullReadNeededError, SpoolError
from vault.ledger.head import Head
from verify.escrow_place import ESCROW
from verify.gap import Gap
from verify.strict_json import text_of_time


def archive_run(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    full: bool = False,
    pulse: bool = False,
    say: Callable[[str], None] = lambda _: None,
    patience: Patience | None = None,
    watch: Callable[[str], None] | None = None,
) -> RunResult:
    """Makes one run. A failure after the ledger is open is signed into the log before it is raised.

    `full` seals a full in any case; `pulse` reads what changed, whatever `export.read` says. `say` takes what goes on,
    `watch` every second how far the reading is.

    Raises:
        AnotherRunError: another run holds the state.
        StrongroomError: whatever made the run impossible; nothing was stored, or everything waits in the outbox.
        KeyboardInterrupt: somebody interrupted it; that is logged as a failure too.
    """
    state = StateFolder(settings.archive.state_dir)
    with state.locked():
        started_at = clock()
        with failure_remembered(state, clock, started_at, say):
            state.begin(started_at)
            vaulting = open_vaulting(settings, state, clock)
            deliver_waiting(vaulting, say)
            by_changes = not full and (pulse or settings.export.read == "delta")
            plan = plan_by_changes(vaulting, state, clock()) if by_changes else EVERYTHING
            return _Run(settings, state, vaulting, clock, say, watch, started_at).make(plan, full, patience)


class _Run(OpenRun):
    """One run, from its reading to its line in the history."""

    def make(self, plan: ReadingPlan, full: bool, patience: Patience | None) -> RunResult:
        """Reads, seals, puts and remembers."""
        began = monotonic()
        before = self.vaulting.ledger.head
        catalogue = load_catalogue()
        with failure_signed(self.vaulting, self.started_at, self.say):
            self.vaulting.sealer.require_clock(self.vaulting.rules)
            self.vaulting.sealer.require_recipients(self.vaulting.rules)
            rows = chosen_rows(self.settings.export, catalogue)
            try:
                made = made_snapshot(self, rows, plan, full, patience)
            except FullReadNeededError as needed:
                plan = ReadingPlan(None, needed.message)
                made = made_snapshot(self, rows, plan, full, patience)
        self.say("putting")
        left_out = left_out_of(catalogue, rows, logs_of(before))
        result = result_of(
            made,
            deliver_waiting(self.vaulting, self.say),
            [*made.alarms, *self._alarms_of(made, rows, before, left_out)],
            store_quorum=self.settings.archive.store_quorum,
            seconds=monotonic() - began,
            why_everything=plan.why_everything,
            left_out=left_out,
        )
        return self._remembered(result)

    def _alarms_of(self, made: MadeSnapshot, rows: Sequence[Row], before: Head, left_out: Sequence[str]) -> list[Alarm]:
        history, unread = self._history()
        gathered = made.gathered
        lost = lost_secret_alarms_of(EscrowedPlaces(self.state.escrowed_file), made.escrowed, made.taken_at)
        # Secrets that are named are not counted once more.
        read = [*gathered.counts, *([] if any(alarm.subject == ESCROW for alarm in lost) else [ESCROW])]
        baselines = baselines_of(before, history, read, made.taken_at)
        return [
            *unread,
            *self._gap_alarms_of(made.gaps, rows, before),
            *lost,
            *drop_alarms_of(gathered.gaps, baselines, made.sealed.bundle.objects, self.settings.export.max_drop),
            *left_out_alarms_of(left_out, history, before.objects, made.taken_at, logs_of(before)),
            *clock_alarms_of(made.taken_at, gathered.graph_date, date_of_last_snapshot(before, history)),
        ]

    def _history(self) -> tuple[list[RunRecord], list[Alarm]]:
        """The runs before. That they can't be read is an alarm, since less is compared: this one is sealed by then."""
        try:
            return self.state.history(), []
        except SpoolError as trouble:
            detail = f"{trouble.message}: what this snapshot lost is compared with the last snapshot alone"
            return [], [Alarm("state", "history", detail)]

    def _gap_alarms_of(self, gaps: Sequence[Gap], rows: Sequence[Row], before: Head) -> list[Alarm]:
        """Gaps in what `export.require` names, or else in every "must" that the tenant is licensed for."""
        if self.settings.export.require is not None:
            return gap_alarms_of(gaps, self.settings.export.require)
        required = [row.collection for row in rows if row.priority == "must"]
        return gap_alarms_of(licensed_gaps_of(gaps, before.objects), required)

    def _remembered(self, result: RunResult) -> RunResult:
        """Writes the run into the history. That this can't be done is an alarm: what is sealed and put stays so."""
        try:
            self.state.remember(
                {
                    **result.document,
                    "started_at": text_of_time(self.started_at),
                    "ended_at": text_of_time(max(self.started_at, self.clock())),
                    "error": None,
                }
            )
        except SpoolError as trouble:
            # Left there, the mark would have `status` call this run a killed one.
            self.state.unmark(os.getpid())
            self.say(f"the run is not in the history: {trouble.message}")
            detail = f"{trouble.message}; the snapshot is sealed, and `status` will not know of it. {trouble.next_step}"
            return with_alarm(result, Alarm("state", "history", detail))
        return result
