"""A reader on a small tenant, and answers for it to give."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from archiver.graph.client import GraphClient
from archiver.graph.pace import Pace
from archiver.graph.patience import Patience
from archiver.graph.reader import GraphReader
from tests.graph.small_tenant import SmallTenant

T = TypeVar("T")

USERS = [{"id": f"u{number}"} for number in range(3)]
QUICK = Patience(attempts=4, first_wait_seconds=0.01, longest_wait_seconds=0.02, deadline_seconds=20)


def error_answer(status: int, code: str, message: str, **headers: str) -> Callable[[], web.StreamResponse]:
    """Gives an error as Graph words it."""
    text = json.dumps({"error": {"code": code, "message": message}})
    return lambda: web.Response(status=status, text=text, content_type="application/json", headers=headers)


def body_answer(body: bytes, **headers: str) -> Callable[[], web.StreamResponse]:
    """Gives a 200 with these bytes."""
    return lambda: web.Response(body=body, content_type="application/json", headers=headers)


def reading(
    folder: Path,
    use: Callable[[SmallTenant, GraphReader], Awaitable[T]],
    *,
    patience: Patience = QUICK,
    **tenant_options: Any,
) -> T:
    """Runs `use` with a reader on a small tenant with three users."""

    async def main() -> T:
        tenant = SmallTenant(folder, lists={"/users": USERS}, **tenant_options)
        async with tenant, GraphClient(tenant.settings(), connections=8) as client:
            pace = Pace(parallel_requests=8, quota_share=1.0)
            return await use(tenant, GraphReader(client, pace, patience=patience))

    return asyncio.run(main())
