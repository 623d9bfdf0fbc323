"""One archive run: read the tenant, seal it, sign it, put it, and say what happened.

    lock ▸ finish the outbox ▸ fail closed ▸ gather ▸ seal ▸ re-open ▸ commit ▸ put ▸ remember

Everything before the commit can be killed without a trace; everything after it is finished by the next start.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from archiver.alarm import Alarm
from archiver.baseline import baselines_of
from archiver.escrow import ESCROW, Escrow, keep_records
from archiver.events.gathering import EventsGathering, run_gap_of
from archiver.failed_run import failure_remembered, failure_signed
from archiver.gathering.closure import UNRESOLVED
from archiver.gathering.gather import gather
from archiver.gathering.gathered import Gathered
from archiver.gathering.since import Since
from archiver.graph.catalogue import Catalogue, load_catalogue
from archiver.graph.client import GraphClient
from archiver.graph.errors import CatalogueError, GraphUnreachableError, PermissionMissingError
from archiver.graph.patience import Patience
from archiver.graph.row import Row
from archiver.host_clock import clock_alarms_of, date_of_last_snapshot
from archiver.outbox import deliver_waiting
from archiver.reading_plan import EVERYTHING, ReadingPlan, plan_by_changes, usable_links_of
from archiver.run_result import RunResult, result_of, with_alarm
from archiver.shortfall import drop_alarms_of, gap_alarms_of, licensed_gaps_of
from archiver.state.change_links import ChangeLinks
from archiver.state.run_record import RunRecord
from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting, open_vaulting
from config.errors import SettingsError
from config.settings import Settings
from vault.errors import FullReadNeededError, SpoolError
from vault.ledger.head import Head
from vault.sealing.manifest import TenantReading
from vault.sealing.scope import Scope
from vault.sealing.sealer import SealedSnapshot
from vault.spooling.spool import Spool
from verify.gap import Gap
from verify.manifest import FULL
from verify.strict_json import text_of_time
from verify.wording import counted

MIN_WORKERS = 2
"""Processes that canonicalise and compress; more than cores would only wait."""
REFUSALS = frozenset({"forbidden", "licence-missing", "delegated-only"})
"""Reasons of gaps that a permission or a licence would mend."""


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


class _ReadAndSealed(NamedTuple):
    """What was read and sealed, the time that stands in its manifest, and what went wrong beside it."""

    gathered: Gathered
    gaps_of_logs: list[Gap]
    sealed: SealedSnapshot
    taken_at: datetime
    alarms: list[Alarm]


@dataclass(frozen=True)
class _Run:
    """One run that holds the state, with everything opened."""

    settings: Settings
    state: StateFolder
    vaulting: Vaulting
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    watch: Callable[[str], None] | None
    started_at: datetime

    def make(self, plan: ReadingPlan, full: bool, patience: Patience | None) -> RunResult:
        """Reads, seals, puts and remembers."""
        began = monotonic()
        before = self.vaulting.ledger.head
        catalogue = load_catalogue()
        with failure_signed(self.vaulting, self.started_at, self.say):
            self.vaulting.sealer.require_recipients(self.vaulting.rules)
            rows = _rows_of(self.settings, catalogue)
            try:
                read = self._read_and_sealed(rows, plan, full, patience)
            except FullReadNeededError as needed:
                plan = ReadingPlan(None, needed.message)
                read = self._read_and_sealed(rows, plan, full, patience)
        self.say("putting")
        result = result_of(
            read.gathered,
            read.gaps_of_logs,
            read.sealed,
            deliver_waiting(self.vaulting, self.say),
            [
                *read.alarms,
                *self._alarms_of(read.gathered, read.gaps_of_logs, read.sealed, rows, before, read.taken_at),
            ],
            store_quorum=self.settings.archive.store_quorum,
            taken_at=read.taken_at,
            seconds=monotonic() - began,
            why_everything=plan.why_everything,
        )
        return self._remembered(result)

    def _read_and_sealed(
        self, rows: Sequence[Row], plan: ReadingPlan, full: bool, patience: Patience | None
    ) -> _ReadAndSealed:
        """Raises FullReadNeededError: what changed was read, and a full has to be sealed."""
        if plan.why_everything is not None:
            self.say(f"reading everything: {plan.why_everything}")
        with _spool_in(self.state) as spool, self._events_of(rows) as events:
            escrowed = self._add_escrowed(spool)
            gathered = self._gathered(rows, spool, plan.since, patience, events)
            self.vaulting.sealer.require_tenant(gathered.tenant_id, gathered.simulated)
            reading = _reading_of(gathered, [UNRESOLVED, *[ESCROW] * escrowed], load_catalogue(), self.started_at)
            self.say("sealing")
            scope = Scope(gathered.changes.again) if gathered.changes.again else None
            sealed = self.vaulting.sealer.seal(
                spool,
                reading,
                self.vaulting.rules,
                full=full,
                scope=scope,
                events=events.reading() if events else None,
            )
        gaps_of_logs = [run_gap_of(gap) for gap in events.gaps] if events else []
        alarms = self._keep_links(gathered, sealed, rows)
        return _ReadAndSealed(gathered, gaps_of_logs, sealed, reading.taken_at, alarms)

    def _keep_links(self, gathered: Gathered, sealed: SealedSnapshot, rows: Sequence[Row]) -> list[Alarm]:
        """Keeps what asks for the changes since this full. Without it the next runs read everything, and are whole."""
        if sealed.bundle.kind != FULL:
            return []
        usable = usable_links_of(gathered, rows)
        links = ChangeLinks.of(sealed.manifest_sha256, self.started_at, gathered.changes.recovery, usable)
        try:
            links.write(self.state.changes_file)
        except OSError as error:
            detail = f"what asks for changes since this full can't be kept: {error.strerror}; runs read everything"
            return [Alarm("state", "changes", detail)]
        return []

    @contextmanager
    def _events_of(self, rows: Sequence[Row]) -> Iterator[EventsGathering | None]:
        """What reads the logs, with a spool of its own inside that of the snapshot; None where none is to be read."""
        logs = [row for row in rows if row.kind == "events"]
        if not logs:
            yield None
            return
        ledger = self.vaulting.ledger
        with _spool_at(self.state.spool / "events", 1) as spool:
            yield EventsGathering(logs, spool, ledger.head.events, ledger.seen_path, self.clock)

    def _gathered(
        self,
        rows: Sequence[Row],
        spool: Spool,
        since: Since | None,
        patience: Patience | None,
        events: EventsGathering | None,
    ) -> Gathered:
        """Raises GraphUnreachableError, PermissionMissingError: not one collection could be read."""
        settings = self.settings
        self.say(f"reading {counted(len(rows), 'collection')} of {settings.tenant.id}")

        async def read() -> Gathered:
            async with GraphClient(settings.tenant, connections=settings.export.parallel_requests) as client:
                return await gather(
                    client,
                    rows,
                    spool,
                    tenant=settings.tenant,
                    export=settings.export,
                    patience=patience,
                    now=self.clock,
                    watch=self.watch,
                    since=since,
                    beside=events.read if events else None,
                )

        gathered = asyncio.run(read())
        _require_something(gathered)
        return gathered

    def _add_escrowed(self, spool: Spool) -> bool:
        """Puts the escrowed secrets beside what will be read; False if there are none."""
        records = Escrow(self.state.escrow).records()
        spool.submit(keep_records, records, 0).result()
        return bool(records)

    def _alarms_of(
        self,
        gathered: Gathered,
        gaps_of_logs: Sequence[Gap],
        sealed: SealedSnapshot,
        rows: Sequence[Row],
        before: Head,
        taken_at: datetime,
    ) -> list[Alarm]:
        history, unread = self._history()
        baselines = baselines_of(before, history, gathered.counts, taken_at)
        return [
            *unread,
            *self._gap_alarms_of([*gathered.gaps, *gaps_of_logs], rows, before),
            *drop_alarms_of(gathered.gaps, baselines, sealed.bundle.objects, self.settings.export.max_drop),
            *clock_alarms_of(taken_at, gathered.graph_date, date_of_last_snapshot(before, history)),
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


def _spool_in(state: StateFolder) -> Spool:
    """The spool of the snapshot."""
    return _spool_at(state.spool, max(MIN_WORKERS, os.cpu_count() or 1))


def _spool_at(folder: Path, workers: int) -> Spool:
    """A spool whose workers don't see what a terminal sends to them too: this process ends them in order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        return Spool(folder, workers)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _rows_of(settings: Settings, catalogue: Catalogue) -> tuple[Row, ...]:
    try:
        rows = catalogue.chosen(settings.export.collections, settings.export.secrets)
    except CatalogueError as error:
        raise SettingsError(f"export.collections: {error.message}.", next_step=error.next_step) from error
    unread = set(settings.export.require or ()) - {row.collection for row in rows}
    if unread:
        raise SettingsError(
            f"export.require names what export.collections leaves out: {', '.join(sorted(unread))}.",
            next_step="Add these collections to export.collections, or take them out of export.require.",
        )
    return rows


def _require_something(gathered: Gathered) -> None:
    """A snapshot of nothing but gaps helps nobody, and would stand for the tenant until the next one."""
    if gathered.complete or any(gathered.counts.values()) or not gathered.counts:
        return
    detail = f"not one of {len(gathered.counts)} collections could be read: {gathered.gaps[0].detail}"
    if {gap.reason for gap in gathered.gaps} <= REFUSALS:
        raise PermissionMissingError(
            detail, next_step="See whether the application lost its permissions: `strongroom doctor` lists them."
        )
    raise GraphUnreachableError(detail)


def _reading_of(
    gathered: Gathered, besides: Sequence[str], catalogue: Catalogue, started_at: datetime
) -> TenantReading:
    """What is signed of a reading; `besides` are whole collections that do not come from Graph."""
    return TenantReading(
        tenant=gathered.tenant_id,
        simulated=gathered.simulated,
        started_at=started_at,
        taken_at=max(gathered.taken_at, started_at),
        graph_date=gathered.graph_date,
        collections=[*(name for name in gathered.counts if name in gathered.complete), *besides],
        gaps=gathered.gaps,
        catalogue_version=catalogue.catalogue_version,
    )
