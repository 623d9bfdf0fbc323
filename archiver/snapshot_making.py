"""Making one snapshot: read the tenant and its logs into a spool, and seal what came."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archiver.alarm import Alarm
from archiver.escrow import Escrow, keep_records
from archiver.events.gathering import EventsGathering, run_gap_of
from archiver.gathering.gather import gather
from archiver.gathering.gathered import Gathered
from archiver.gathering.since import Since
from archiver.graph.catalogue import load_catalogue
from archiver.graph.client import GraphClient
from archiver.graph.errors import GraphUnreachableError, PermissionMissingError
from archiver.graph.patience import Patience
from archiver.graph.reference import UNRESOLVED
from archiver.graph.row import Row
from archiver.interruptible_loop import run_interruptibly
from archiver.open_run import OpenRun
from archiver.reading_plan import ReadingPlan, remarks_of, usable_links_of
from archiver.state.change_links import ChangeLinks
from archiver.state.state_folder import StateFolder
from vault.errors import FullReadNeededError
from vault.sealing.manifest import TenantReading
from vault.sealing.scope import Scope
from vault.sealing.sealer import SealedSnapshot
from vault.spooling.spool import Spool
from verify.escrow_place import ESCROW
from verify.gap import Gap
from verify.key import fields_of
from verify.manifest import FULL
from verify.wording import counted

MIN_WORKERS = 2
"""Processes that canonicalise and compress; more than cores would only wait."""
REFUSALS = frozenset({"forbidden", "licence-missing", "delegated-only"})
"""Reasons of gaps that a permission or a licence would mend."""


class MadeSnapshot(NamedTuple):
    """What was read and sealed, the time that stands in its manifest, and what went wrong beside it.

    `escrowed`: the places of the secrets that it has.
    """

    gathered: Gathered
    gaps_of_logs: list[Gap]
    sealed: SealedSnapshot
    taken_at: datetime
    alarms: list[Alarm]
    escrowed: list[str]

    @property
    def gaps(self) -> list[Gap]:
        """What could not be read, of the tenant and of its logs."""
        return [*self.gathered.gaps, *self.gaps_of_logs]


def made_snapshot(
    run: OpenRun, rows: Sequence[Row], plan: ReadingPlan, full: bool, patience: Patience | None
) -> MadeSnapshot:
    """Reads the rows and seals what came, as `plan` says; `full` asks for a full in any case.

    Raises:
        FullReadNeededError: what changed was read, and a full has to be sealed.
        GraphUnreachableError, PermissionMissingError: not one collection could be read.
        StrongroomError: whatever else makes it impossible; nothing is sealed.
    """
    if plan.why_everything is not None:
        run.say(f"reading everything: {plan.why_everything}")
    with _spool_in(run.state) as spool, _events_of(run, rows) as events:
        escrowed = _add_escrowed(run, spool)
        gathered = _gathered(run, rows, spool, plan.since, patience, events)
        run.vaulting.sealer.require_tenant(gathered.tenant_id, gathered.simulated)
        _require_known(gathered)
        reading = _reading_of(gathered, rows, [UNRESOLVED, ESCROW], run.started_at)
        run.say("sealing")
        scope = Scope(gathered.changes.again) if gathered.changes.again else None
        sealed = run.vaulting.sealer.seal(
            spool,
            reading,
            run.vaulting.rules,
            full=full,
            scope=scope,
            events=events.reading() if events else None,
        )
    gaps_of_logs = [run_gap_of(gap) for gap in events.gaps] if events else []
    alarms = _keep_links(run, gathered, sealed, rows)
    return MadeSnapshot(gathered, gaps_of_logs, sealed, reading.taken_at, alarms, escrowed)


def _require_known(gathered: Gathered) -> None:
    """Raises FullReadNeededError where only a reading of everything shows what leads nowhere."""
    if lost := gathered.closure.lost:
        raise FullReadNeededError(f"who named {lost[0]}, which led nowhere, names it no more, and others may")


def _keep_links(run: OpenRun, gathered: Gathered, sealed: SealedSnapshot, rows: Sequence[Row]) -> list[Alarm]:
    """Keeps what asks for the changes since this full. Without it the next runs read everything, and are whole.

    Links that Microsoft's own recovery has made worthless are dropped: nobody may find its traces next time.
    """
    try:
        if sealed.bundle.kind == FULL:
            usable, remarks = usable_links_of(gathered, rows), remarks_of(gathered, rows)
            recovery = gathered.changes.recovery
            ChangeLinks.of(sealed.manifest_sha256, run.started_at, recovery, usable, remarks).write(
                run.state.changes_file
            )
        elif gathered.changes.are_spent:
            run.state.changes_file.unlink(missing_ok=True)
    except OSError as error:
        detail = f"what asks for changes since the epoch's full can't be kept or dropped: {error.strerror}"
        return [Alarm("state", "changes", detail)]
    return []


@contextmanager
def _events_of(run: OpenRun, rows: Sequence[Row]) -> Iterator[EventsGathering | None]:
    """What reads the logs, with a spool of its own inside that of the snapshot; None where none is to be read."""
    logs = [row for row in rows if row.kind == "events"]
    if not logs:
        yield None
        return
    ledger = run.vaulting.ledger
    with _spool_at(run.state.spool / "events", 1) as spool:
        yield EventsGathering(logs, spool, ledger.head.events, ledger.seen_path, run.clock)


def _gathered(
    run: OpenRun,
    rows: Sequence[Row],
    spool: Spool,
    since: Since | None,
    patience: Patience | None,
    events: EventsGathering | None,
) -> Gathered:
    """Raises GraphUnreachableError, PermissionMissingError: not one collection could be read."""
    settings = run.settings
    run.say(f"reading {counted(len(rows), 'collection')} of {settings.tenant.id}")

    async def read() -> Gathered:
        async with GraphClient(settings.tenant, connections=settings.export.parallel_requests) as client:
            return await gather(
                client,
                rows,
                spool,
                tenant=settings.tenant,
                export=settings.export,
                patience=patience,
                now=run.clock,
                watch=run.watch,
                since=since,
                beside=events.read if events else None,
            )

    gathered = run_interruptibly(read)
    _require_something(gathered)
    return gathered


def _add_escrowed(run: OpenRun, spool: Spool) -> list[str]:
    """Puts the escrowed secrets beside what will be read, and names their places."""
    records = Escrow(run.state.escrow).records()
    spool.submit(keep_records, records, 0).result()
    return [fields_of(record.key).id for record in records]


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


def _reading_of(gathered: Gathered, rows: Sequence[Row], besides: Sequence[str], started_at: datetime) -> TenantReading:
    """What is signed of a reading of `rows`; `besides` are whole collections that do not come from Graph."""
    return TenantReading(
        tenant=gathered.tenant_id,
        simulated=gathered.simulated,
        started_at=started_at,
        taken_at=max(gathered.taken_at, started_at),
        graph_date=gathered.graph_date,
        collections=[*(name for name in gathered.counts if name in gathered.complete), *besides],
        parts={row.collection: _parts_of(row) for row in rows},
        gaps=gathered.gaps,
        catalogue_version=load_catalogue().catalogue_version,
    )


def _parts_of(row: Row) -> list[str]:
    return [*(relation.name for relation in row.relations), *(stream.name for stream in row.streams)]
