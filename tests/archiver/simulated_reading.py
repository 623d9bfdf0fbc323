"""Gathering from the simulated tenant into memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from archiver.gathering.gather import gather
from archiver.gathering.gathered import Gathered
from archiver.graph.client import GraphClient
from archiver.graph.patience import Patience
from archiver.graph.row import Row
from config.credential import CredentialSettings
from config.tenant import TenantSettings
from recovery.rehearsal.serving.process import RunningTenant
from strongroom.clock import now
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import export_settings


def read_simulated(
    tenant: RunningTenant,
    rows: Sequence[Row],
    patience: Patience,
    kind: Literal["certificate", "secret"] = "certificate",
) -> tuple[Gathered, MemorySink]:
    """Gives what came of reading the rows, and the records."""
    credential = CredentialSettings(
        kind=kind,
        client_id=tenant.client_id,
        certificate_file=tenant.certificate_file if kind == "certificate" else None,
        secret_file=tenant.secret_file if kind == "secret" else None,
    )
    settings = TenantSettings.model_construct(
        id=tenant.tenant_id,
        cloud="global",
        simulated=True,
        graph_url=tenant.graph_url,
        authority_url=tenant.authority_url,
        ca_bundle_file=tenant.ca_bundle_file,
        credential=credential,
    )
    sink = MemorySink()

    async def main() -> Gathered:
        async with GraphClient(settings, connections=16) as client:
            return await gather(
                client, rows, sink, tenant=settings, export=export_settings(), now=now, patience=patience
            )

    return asyncio.run(main()), sink
