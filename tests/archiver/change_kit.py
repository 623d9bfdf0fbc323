"""What a reading by changes begins from, and a small tenant that says what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from aiohttp import web

from archiver.gathering.since import ChangeLink, RecoveryTrace, Remarks, Since, shape_digest_of
from archiver.graph.catalogue import load_catalogue
from archiver.graph.row import Row
from tests.archiver.gather_kit import TAKEN_AT, Prepare
from tests.graph.small_tenant import READ_ROLES, SmallTenant

ROLES = (*READ_ROLES, "AuditLog.Read.All")
NOTHING = RecoveryTrace({}, {})
Json = dict[str, Any]


class Known:
    """What the epoch's full holds, by collection."""

    def __init__(self, **ids: list[str]) -> None:
        self._ids = ids

    @property
    def collections(self) -> frozenset[str]:
        return frozenset((*self._ids, "deletedUsers", "deletedGroups", "deletedServicePrincipals"))

    def ids_of(self, collection: str) -> Iterator[str]:
        return iter(sorted(self._ids.get(collection, [])))


def row_of(collection: str, chosen: Sequence[str] = ()) -> Row:
    """The row as a run reads it whose app holds the permissions of all its properties; `chosen` as settings have it."""
    (row,) = (row for row in load_catalogue().chosen(chosen or [collection]) if row.collection == collection)
    select = tuple(sorted({*row.select, *(guarded.property for guarded in row.guarded)}))
    return msgspec.structs.replace(row, select=select) if row.guarded else row


def since(
    *collections: str,
    known: Known,
    began: timedelta = timedelta(days=2),
    recovery: RecoveryTrace = NOTHING,
    remarks: Remarks | None = None,
    chosen: Sequence[str] = (),
) -> Callable[[SmallTenant], Since]:
    """Links of these collections, taken `began` before the run, when that was to be seen of Microsoft's recovery."""

    def made(tenant: SmallTenant) -> Since:
        links = {
            name: ChangeLink(
                f"{tenant.origin}/v1.0/{name}/delta?$deltatoken=then", shape_digest_of(row_of(name, chosen))
            )
            for name in collections
        }
        return Since(links, TAKEN_AT - began, recovery, known, remarks or Remarks(known.collections))

    return made


def answer(*values: Json, **links: str) -> Callable[[], web.StreamResponse]:
    """A page of a change query; `next` and `delta` are links, and without any it is the last page."""
    body: Json = {"value": list(values)}
    if "next" in links:
        body["@odata.nextLink"] = links["next"]
    else:
        body["@odata.deltaLink"] = "https://localhost/v1.0/users/delta?$deltatoken=now"
    return lambda: web.json_response(body, headers={"x-strongroom-simulated": "1"})


def changed(collection: str, *values: Json) -> Prepare:
    """Answers the change query of a collection."""
    return lambda tenant: tenant.on(f"/{collection}/delta?$deltatoken=then", answer(*values))


def told(*prepares: Prepare) -> Prepare:
    """A tenant in which nobody has used Microsoft's recovery."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/directory/recovery/jobs"] = []
        tenant.lists["/auditLogs/directoryAudits"] = []
        for one in prepares:
            one(tenant)

    return prepare
