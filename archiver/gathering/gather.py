"""Reads a tenant: every chosen collection ends complete or with gaps, and nothing is skipped silently."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from archiver.errors import SimulatedTenantError, WriteRolesError, WrongTenantError
from archiver.gathering.closure import close_references
from archiver.gathering.collection_reading import Children, read_collection, read_singleton
from archiver.gathering.extension_names import is_nothing_to_read, with_extensions
from archiver.gathering.gap_below import note_gaps_below
from archiver.gathering.gathered import ChangeReport, Closure, Gathered
from archiver.gathering.link_taking import take_links
from archiver.gathering.reading import Reading
from archiver.gathering.recovery_watch import trace_of_recovery, was_used, why_untold
from archiver.gathering.since import RecoveryTrace, Remarks, Since
from archiver.gathering.sink import RecordSink
from archiver.graph.client import GraphClient
from archiver.graph.errors import MalformedPageError, PermissionMissingError
from archiver.graph.guid import GUID
from archiver.graph.pace import Pace
from archiver.graph.page import page_of, values_of
from archiver.graph.patience import Patience
from archiver.graph.permission import write_roles_of
from archiver.graph.reader import GraphReader
from archiver.graph.row import Row
from archiver.graph.token_claims import TokenClaims, claims_of
from config.export import ExportSettings
from config.tenant import TenantSettings
from verify.errors import StrongroomError

WATCH_SECONDS = 1.0
"""Between two lines about how far a reading is."""
_BIN = "/deletedItems"
"""Stands in the path of each list of what was deleted and can be restored."""

_GUID = re.compile(GUID, re.IGNORECASE)


async def gather(
    client: GraphClient,
    rows: Sequence[Row],
    sink: RecordSink,
    *,
    tenant: TenantSettings,
    export: ExportSettings,
    now: Callable[[], datetime],
    patience: Patience | None = None,
    watch: Callable[[str], None] | None = None,
    since: Since | None = None,
    beside: Callable[[GraphReader], Coroutine[None, None, None]] | None = None,
) -> Gathered:
    """Reads the rows into the sink; `watch` is told every second how far that is.

    With `since`, lists that have a change query are read as far as they changed, where that can be known.
    Logs are no part of a snapshot: rows of events are left out, and `beside` reads them meanwhile.

    Raises:
        SimulatedTenantError: the tenant is simulated and the settings say otherwise, or the reverse.
        WriteRolesError: the app may change the tenant and the settings do not allow that.
        WrongTenantError: Graph answers for another tenant.
        CredentialRefusedError: nobody can sign in, now or later in the run.
        GraphUnreachableError, ThrottledOutError, ServerFaultError, MalformedPageError: the first read failed.
    """
    pace = Pace(parallel_requests=export.parallel_requests, quota_share=export.quota_share)
    reader = GraphReader(client, pace, patience=patience)
    claims = claims_of(await client.token())
    _refuse_write_roles(claims, export)
    tenant_id = await _identified(reader, claims, tenant)
    reading = Reading(reader, sink, is_watched=watch is not None)
    rows = [row for row in rows if row.kind != "events"]
    _note_hidden(reading, rows, claims)
    rows = await with_extensions(reading, [_with_guarded(reading, row, claims) for row in rows])
    children = {row.collection: [child for child in rows if child.parent == row.collection] for row in rows}
    may_change = [row for row in rows if row.delta is not None]
    recovery = await trace_of_recovery(reading) if may_change else RecoveryTrace(None, None)
    before, since = since, _trusted(reading, may_change, since, recovery, now())
    links = await take_links(reading, rows) if since is None else {}
    if since is not None:
        reading.changes.expect(row.collection for row in may_change)
    async with _watched(reading, watch):
        await _read_all(reading, rows, children, since, beside)
    note_gaps_below(reading, rows)
    told = since.remarks if since else Remarks()
    closure = await close_references(reading, rows, children, told.dangling, told.dangling_untold)
    are_spent = before is not None and was_used(before.recovery, recovery)
    changes = ChangeReport(reading.changes.again, reading.changes.why_whole, links, recovery, are_spent)
    return _gathered_of(reading, rows, now(), tenant_id, changes, closure)


def _trusted(
    reading: Reading, rows: Sequence[Row], since: Since | None, recovery: RecoveryTrace, now: datetime
) -> Since | None:
    """The links of an earlier reading, if what they tell is all that changed."""
    if since is None:
        return None
    why = why_untold(since.recovery, recovery, now - since.began_at)
    if why is None:
        return since
    for row in rows:
        reading.remark(row.collection, why)
    return None


def _waves_of(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Gives the rows that no other contains: lists first, then recycle bins.

    What is deleted while the tenant is read is then in its list or in its bin, or in both, and never in neither.
    """
    lists: list[Row] = []
    bins: list[Row] = []
    for row in rows:
        if row.kind != "contained":
            (bins if _BIN in row.path else lists).append(row)
    return lists, bins


async def _read_all(
    reading: Reading,
    rows: Sequence[Row],
    children: Children,
    since: Since | None,
    beside: Callable[[GraphReader], Coroutine[None, None, None]] | None,
) -> None:
    """Reads every row, a wave after the other, and meanwhile what `beside` reads."""
    reading.progress.collections_of = len(rows)
    try:
        async with asyncio.TaskGroup() as meanwhile:
            if beside is not None:
                meanwhile.create_task(beside(reading.reader))
            for wave in _waves_of(rows):
                async with asyncio.TaskGroup() as group:
                    for row in wave:
                        group.create_task(_read(reading, row, children, since))
    except BaseExceptionGroup as failures:
        raise _first_of(failures) from failures


async def _read(reading: Reading, row: Row, children: Children, since: Since | None) -> None:
    """Reads a row and whatever it contains."""
    if row.kind == "singleton":
        await read_singleton(reading, row)
    elif not is_nothing_to_read(row):
        await read_collection(reading, row, children, since)
    below = [row]
    for parent in below:
        below += children[parent.collection]
    reading.progress.collections_done += len(below)


@asynccontextmanager
async def _watched(reading: Reading, watch: Callable[[str], None] | None) -> AsyncIterator[None]:
    """Tells `watch` every second how far the reading is."""
    if watch is None:
        yield
        return
    reader = reading.reader

    def tell() -> None:
        watch(reading.progress.line(reader.traffic.requests, reader.pace.limiting()))

    async def go_on_telling() -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            tell()

    teller = asyncio.create_task(go_on_telling())
    try:
        yield
        tell()
    finally:
        teller.cancel()


def _gathered_of(
    reading: Reading,
    rows: Sequence[Row],
    taken_at: datetime,
    tenant_id: str,
    changes: ChangeReport,
    closure: Closure,
) -> Gathered:
    gaps = reading.all_gaps()
    with_gaps = {gap.collection for gap in gaps}
    traffic = reading.reader.traffic
    return Gathered(
        counts={row.collection: reading.counts.get(row.collection, 0) for row in rows},
        complete=tuple(row.collection for row in rows if row.collection not in with_gaps),
        gaps=gaps,
        completeness=tuple(sorted(reading.completeness)),
        requests=traffic.requests,
        throttled=traffic.throttled,
        resource_units=traffic.resource_units,
        graph_date=traffic.graph_date,
        taken_at=taken_at,
        tenant_id=tenant_id,
        simulated=traffic.simulated,
        changes=changes,
        closure=closure,
    )


def _refuse_write_roles(claims: TokenClaims, export: ExportSettings) -> None:
    write_roles = write_roles_of(claims)
    if write_roles and not export.allow_write_roles:
        raise WriteRolesError(f"the app may do more than read: it holds {', '.join(write_roles)}")


async def _identified(reader: GraphReader, claims: TokenClaims, tenant: TenantSettings) -> str:
    """Asks Graph which tenant this is, and whether it is a simulated one, before anything else is read."""
    url = reader.client.url_of("v1.0", "/organization?$select=id")
    try:
        tenant_id = await reader.read(url, _organization_in, bucket="directory", units=1)
    except PermissionMissingError:
        tenant_id = claims.tenant_id or ""
    if reader.traffic.simulated != tenant.simulated:
        raise SimulatedTenantError(
            "Graph's answers say that this tenant is simulated, and tenant.simulated is not true"
            if reader.traffic.simulated
            else "tenant.simulated is true, and Graph's answers do not say that they are simulated"
        )
    named = {name.lower() for name in (claims.tenant_id, tenant.id) if name and _GUID.fullmatch(name)}
    if not _GUID.fullmatch(tenant_id) or named - {tenant_id.lower()}:
        raise WrongTenantError(f"Graph answers for the tenant {tenant_id!r}, asked was {tenant.id!r}")
    return tenant_id.lower()


def _organization_in(unverified: bytes) -> str:
    try:
        (organization,) = [
            msgspec.json.decode(value, type=dict[str, object]) for value in values_of(page_of(unverified).values)
        ]
        return str(organization["id"])
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError) as error:
        raise MalformedPageError("the answer names no organization") from error


def _note_hidden(reading: Reading, rows: Sequence[Row], claims: TokenClaims) -> None:
    """Without Member.Read.Hidden, Graph answers for hidden memberships as if nobody were in them."""
    for row in rows:
        for relation in row.relations:
            missing = [name for name in relation.permission.besides if name not in claims.roles]
            if missing:
                error = PermissionMissingError(f"hidden memberships are not shown without {', '.join(missing)}")
                reading.note_gap(row.collection, relation.name, None, error)


def _with_guarded(reading: Reading, row: Row, claims: TokenClaims) -> Row:
    """Selects the properties that have a permission of their own, where the app holds it; else they are gaps."""
    select = list(row.select)
    for guarded in row.guarded:
        if guarded.permission in claims.roles:
            select.append(guarded.property)
        else:
            error = PermissionMissingError(f"the property is not shown without {guarded.permission}")
            reading.note_gap(row.collection, guarded.property, None, error)
    return msgspec.structs.replace(row, select=tuple(sorted(select))) if row.guarded else row


def _first_of(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Gives the failure that an operator should see: an error of ours before any other."""
    flat: list[BaseException] = []
    for failure in failures.exceptions:
        flat.append(_first_of(failure) if isinstance(failure, BaseExceptionGroup) else failure)
    return next((failure for failure in flat if isinstance(failure, StrongroomError)), flat[0])
