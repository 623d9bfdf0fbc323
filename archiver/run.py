"""One archive run: read the tenant, seal it, sign it, put it, and say what happened.

    lock ▸ finish the outbox ▸ fail closed ▸ gather ▸ seal ▸ re-open ▸ commit ▸ put ▸ remember

Everything before the commit can be killed without a trace; everything after it is finished by the next start.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from archiver.alarm import alarms_of
from archiver.gather import gather
from archiver.gathered import Gathered
from archiver.graph.catalogue import Catalogue, load_catalogue
from archiver.graph.client import GraphClient
from archiver.graph.errors import CatalogueError
from archiver.outbox import deliver_waiting
from archiver.state import StateFolder
from archiver.vaulting import Vaulting, open_vaulting
from config.errors import SettingsError
from config.settings import Settings
from vault.delivery import ACKNOWLEDGED, Delivery
from vault.errors import CommitInterruptedError, SpoolError, StoreError, WorkerLostError
from vault.manifest import Reading
from vault.sealer import SealedSnapshot
from vault.spool import Spool
from verify.errors import StrongroomError
from verify.strict_json import text_of_time

Clock = Callable[[], datetime]

MIN_WORKERS = 2
"""Processes that canonicalise and compress; more than cores would only wait."""


@dataclass(frozen=True)
class RunResult:
    """What a run did: the document of `run --json`, and the exit status."""

    document: dict[str, Any]
    exit_status: int
    error: StrongroomError | None = None


def archive_run(
    settings: Settings, clock: Clock, *, full: bool = False, say: Callable[[str], None] = lambda _: None
) -> RunResult:
    """Makes one run. A failure after the ledger is open is signed into the log before it is raised.

    Raises:
        AnotherRunError: another run holds the state.
        StrongroomError: whatever made the run impossible; nothing was stored, or everything waits in the outbox.
    """
    state = StateFolder(settings.archive.state_dir)
    with state.locked():
        vaulting = open_vaulting(settings, state, clock)
        started_at = clock()
        started = monotonic()
        deliver_waiting(vaulting, say)
        with _failure_is_logged(vaulting, state, clock, started_at, say):
            vaulting.sealer.require_recipients(vaulting.rules)
            before = dict(vaulting.ledger.head.objects)
            catalogue = load_catalogue()
            with Spool(state.spool, max(MIN_WORKERS, os.cpu_count() or 1)) as spool:
                gathered = _read(settings, catalogue, spool, clock, say)
                vaulting.sealer.require_tenant(gathered.tenant_id, gathered.simulated)
                reading = _reading_of(gathered, catalogue, started_at)
                say("sealing")
                sealed = vaulting.sealer.seal(spool, reading, vaulting.rules, full=full)
        say("putting")
        deliveries = deliver_waiting(vaulting, say)
        alarms = alarms_of(
            gathered.gaps,
            _required(settings, catalogue),
            before,
            sealed.bundle.objects,
            settings.export.max_drop,
        )
        result = _result_of(settings, gathered, sealed, deliveries, alarms, monotonic() - started)
        state.remember(
            {
                **result.document,
                "started_at": text_of_time(started_at),
                "ended_at": text_of_time(clock()),
                "alarms": alarms,
                "error": None,
            }
        )
        return result


def _read(settings: Settings, catalogue: Catalogue, spool: Spool, clock: Clock, say: Callable[[str], None]) -> Gathered:
    try:
        rows = catalogue.chosen(settings.export.collections)
    except CatalogueError as error:
        raise SettingsError(f"export.collections: {error.message}.", next_step=error.next_step) from error
    unread = set(settings.export.require or ()) - {row.collection for row in rows}
    if unread:
        raise SettingsError(
            f"export.require names what export.collections leaves out: {', '.join(sorted(unread))}.",
            next_step="Add these collections to export.collections, or take them out of export.require.",
        )
    say(f"reading {len(rows)} collections of {settings.tenant.id}")

    async def read() -> Gathered:
        async with GraphClient(settings.tenant, connections=settings.export.parallel_requests) as client:
            return await gather(client, rows, spool, tenant=settings.tenant, export=settings.export, now=clock)

    return asyncio.run(read())


def _reading_of(gathered: Gathered, catalogue: Catalogue, started_at: datetime) -> Reading:
    return Reading(
        tenant=gathered.tenant_id,
        simulated=gathered.simulated,
        started_at=started_at,
        taken_at=max(gathered.taken_at, started_at),
        graph_date=gathered.graph_date,
        collections=[name for name in gathered.counts if name in gathered.complete],
        gaps=gathered.gaps,
        catalogue_version=catalogue.catalogue_version,
    )


@contextmanager
def _failure_is_logged(
    vaulting: Vaulting, state: StateFolder, clock: Clock, started_at: datetime, say: Callable[[str], None]
) -> Iterator[None]:
    """Signs a failed run into the log and writes it into the history, whatever made it fail.

    A commit that happened is no failed run: its snapshot waits in the outbox.
    """
    try:
        yield
    except Exception as failure:
        error = _named(failure)
        document = {"class": type(error).__name__, "code": 1, "message": "a defect"}
        if isinstance(error, StrongroomError):
            document |= {"code": error.exit_status, "message": error.message}
        state.remember(
            {
                "outcome": "failed",
                "started_at": text_of_time(started_at),
                "ended_at": text_of_time(clock()),
                "alarms": [{"kind": "failed", "subject": "run", "detail": document["message"]}],
                "error": document,
            }
        )
        if not isinstance(error, CommitInterruptedError):
            _log_failure(vaulting, started_at, document, say)
        if error is failure:
            raise
        raise error from failure


def _named(failure: Exception) -> Exception:
    """What a person can act on: a worker that was killed, or a disk that gave up, is no defect of the program."""
    if isinstance(failure, BrokenProcessPool):
        return WorkerLostError("a worker process was ended from outside, most likely for want of memory")
    if isinstance(failure, OSError) and not isinstance(failure, StrongroomError):
        return SpoolError(f"this host's disk failed: {failure}")
    return failure


def _log_failure(
    vaulting: Vaulting, started_at: datetime, document: dict[str, Any], say: Callable[[str], None]
) -> None:
    """Logs the failure as far as that is possible: what made the run fail may make this fail too."""
    try:
        vaulting.sealer.record_failure(started_at, document, vaulting.rules)
        deliver_waiting(vaulting, say)
    except (StrongroomError, OSError) as error:
        say(f"the failed run could not be signed into the log: {error}")


def _result_of(
    settings: Settings,
    gathered: Gathered,
    sealed: SealedSnapshot,
    deliveries: Sequence[Delivery],
    alarms: Sequence[dict[str, str]],
    seconds: float,
) -> RunResult:
    bundle = sealed.bundle
    names = sorted({*bundle.records, *bundle.removed, *gathered.counts})
    document = {
        "outcome": "gaps" if gathered.gaps else "complete",
        "sequence": sealed.sequence,
        "kind": bundle.kind,
        "why_full": sealed.why_full,
        "manifest_sha256": sealed.manifest_sha256,
        "bundles": [{"sha256": bundle.sha256, "bytes": bundle.size_bytes}],
        "state_root": bundle.state_root,
        "state_count": bundle.state_count,
        "collections": {
            name: {
                "records": bundle.records[name],
                "objects": bundle.objects[name],
                "added": bundle.added[name],
                "changed": bundle.changed[name],
                "removed": bundle.removed[name],
            }
            for name in names
        },
        "gaps": [gap._asdict() for gap in gathered.gaps],
        "completeness": [one._asdict() for one in gathered.completeness],
        "requests": gathered.requests,
        "throttled": gathered.throttled,
        "resource_units": gathered.resource_units,
        "seconds": round(seconds, 3),
        "stores": [
            {
                "name": one.store,
                "outcome": one.outcome,
                "retain_until": text_of_time(sealed.retain_until),
                "mode": one.mode,
                "error": one.error.message if one.error else None,
            }
            for one in deliveries
        ],
    }
    error = _store_trouble(settings, deliveries)
    if error is not None:
        return RunResult(document, error.exit_status if not error.waits else 3, error)
    incomplete = any(alarm["kind"] == "gap" for alarm in alarms)
    return RunResult(document, 3 if incomplete else 0)


def _required(settings: Settings, catalogue: Catalogue) -> tuple[str, ...]:
    """Collections in which a gap is an alarm and exit 3: those of the settings, else every "must"."""
    if settings.export.require is not None:
        return tuple(settings.export.require)
    return tuple(row.collection for row in catalogue.chosen(settings.export.collections) if row.priority == "must")


def _store_trouble(settings: Settings, deliveries: Sequence[Delivery]) -> StoreError | None:
    """A name taken or a lock not enforced is always trouble; a store that is down only below the quorum."""
    for delivery in deliveries:
        if delivery.error is not None and not delivery.error.waits:
            return delivery.error
    done = sum(delivery.outcome == ACKNOWLEDGED for delivery in deliveries)
    if done >= settings.archive.store_quorum:
        return None
    return next(delivery.error for delivery in deliveries if delivery.error is not None)
