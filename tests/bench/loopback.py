"""How fast this machine's loopback gives bytes to the client that reads Graph, over TLS: its bandwidth."""

from __future__ import annotations

import asyncio
import os
import ssl
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from aiohttp import web

from archiver.graph.client import GraphClient
from config.settings import Settings

BODY_BYTES = 4 * 1024 * 1024
"""About what a page of a thousand users is before it is compressed."""
BODIES = 48


def bytes_per_second(settings: Settings, certificate: Path) -> float:
    """Measures with as many requests at once as the settings say; a process of its own serves random bytes."""
    context = get_context("spawn")
    mine, its = context.Pipe()
    server = context.Process(target=_serve, args=(certificate, its), daemon=True)
    server.start()
    try:
        return asyncio.run(_rate(settings, f"https://localhost:{mine.recv()}"))
    finally:
        server.terminate()
        server.join()


async def _rate(settings: Settings, origin: str) -> float:
    parallel = settings.export.parallel_requests
    tenant = settings.tenant.model_copy(update={"graph_url": origin})
    async with GraphClient(tenant, connections=parallel) as client:
        await client.get(f"{origin}/")
        room = asyncio.Semaphore(parallel)

        async def get() -> int:
            async with room:
                return len((await client.get(f"{origin}/")).body)

        began_at = perf_counter()
        sizes = await asyncio.gather(*(get() for _ in range(BODIES)))
        return sum(sizes) / (perf_counter() - began_at)


def _serve(certificate: Path, told: Connection) -> None:
    asyncio.run(_answer(certificate, told))


async def _answer(certificate: Path, told: Connection) -> None:
    """Answers until the process is ended; tells its port."""
    body = os.urandom(BODY_BYTES)

    async def whole(_: web.Request) -> web.Response:
        return web.Response(body=body)

    app = web.Application()
    app.router.add_get("/", whole)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()
