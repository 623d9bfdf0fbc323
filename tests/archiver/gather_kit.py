"""Gathering from a small tenant into memory, and the objects that such a tenant holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from archiver.gathering.gather import gather
from archiver.gathering.gathered import Gathered
from archiver.gathering.since import Since
from archiver.graph.catalogue import load_catalogue
from archiver.graph.client import LIMITS, GraphClient, Limits
from archiver.graph.patience import Patience
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import SmallTenant, export_settings

QUICK = Patience(attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.02, deadline_seconds=20)
USER = "#microsoft.graph.user"
PRINCIPAL = "#microsoft.graph.servicePrincipal"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
TAKEN_AT = datetime(2026, 11, 21, 2, 17, tzinfo=UTC)
Prepare = Callable[[SmallTenant], None]


def gathered_from(
    folder: Path,
    collections: list[str],
    prepare: Prepare = lambda tenant: None,
    *,
    settings: dict[str, Any] | None = None,
    patience: Patience = QUICK,
    limits: Limits = LIMITS,
    watch: Callable[[str], None] | None = None,
    since: Callable[[SmallTenant], Since] | None = None,
    export: dict[str, Any] | None = None,
    **options: Any,
) -> tuple[Gathered, MemorySink, SmallTenant]:
    """Gathers the collections and gives what came of it; `prepare` fills the tenant once it runs."""
    sink = MemorySink()
    tenant = SmallTenant(folder, **options)

    async def main() -> Gathered:
        async with tenant:
            prepare(tenant)
            configured = tenant.settings(**(settings or {}))
            async with GraphClient(configured, connections=8, limits=limits) as client:
                rows = load_catalogue().chosen(collections)
                return await gather(
                    client,
                    rows,
                    sink,
                    tenant=configured,
                    export=export_settings(**(export or {})),
                    now=lambda: TAKEN_AT,
                    patience=patience,
                    watch=watch,
                    since=since(tenant) if since is not None else None,
                )

    return asyncio.run(main()), sink, tenant


def with_users(count: int) -> Prepare:
    """Fills a tenant with users."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": f"u{n:04}", "displayName": f"User {n}"} for n in range(count)]

    return prepare


def with_group(*members: dict[str, str]) -> Prepare:
    """Fills a tenant with two groups; the first has these members."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/groups"] = [{"id": "g0"}, {"id": "g1"}]
        tenant.related["/groups/g0/members"] = list(members)

    return prepare


def user_targets(count: int) -> list[dict[str, str]]:
    """Gives users as targets of a relation."""
    return [{"@odata.type": USER, "id": f"u{n:04}"} for n in range(count)]


def error_answer(status: int, code: str = "Code", **headers: str) -> Callable[[], web.StreamResponse]:
    """Gives an error as Graph words it."""
    text = json.dumps({"error": {"code": code, "message": "why"}})
    return lambda: web.Response(status=status, text=text, content_type="application/json", headers=headers)


def reasons_of(gathered: Gathered) -> list[tuple[str, str | None, str | None, str]]:
    """Gives the gaps without their details."""
    return [gap[:4] for gap in gathered.gaps]


def lines_of(sink: MemorySink, collection: str) -> list[dict[str, object]]:
    """The records of a collection, parsed."""
    return [line for line in map(json.loads, sink.lines()) if line["collection"] == collection]
