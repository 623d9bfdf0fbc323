"""The client's floor: the requests of a run once more, through the same adapter, with nothing done with the answers.

    python -m tests.bench.floor SETTINGS EXCHANGES CERTIFICATE

As many requests are under way at once as the settings say, and each goes as soon as there is room: a page does not
wait for the one before it, as it must where the link to it is not known yet. CERTIFICATE is the simulated server's,
with its key, under which the loopback's bandwidth is measured through the same client.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from archiver.graph.client import GraphClient
from config.loading import load_settings
from config.settings import Settings
from tests.bench.exchange import Exchange, exchanges_in
from tests.bench.loopback import bytes_per_second

THROTTLED = 429


class Floor(NamedTuple):
    """`wall` from the first request to the last answer and the processor time of the client, in seconds.

    `loopback` is in bytes per second.
    """

    wall: float
    cpu: float
    requests: int
    loopback: float


class OtherAnswersError(Exception):
    """The requests were not answered as they were in the run, so that their time says nothing about it."""


async def replay(settings: Settings, exchanges: Sequence[Exchange]) -> tuple[float, float]:
    """Sends the requests and gives the wall and the processor time, in seconds. What was throttled is left out.

    Raises:
        OtherAnswersError: statuses or sizes differ from those of the run.
    """
    answered = [one for one in exchanges if one.status != THROTTLED]
    parallel = settings.export.parallel_requests
    statuses: Counter[int] = Counter()
    waiting = iter(answered)
    async with GraphClient(settings.tenant, connections=parallel) as client:
        await client.token()

        async def drain() -> None:
            for one in waiting:
                sending = (
                    client.get(one.url, one.headers) if one.body is None else client.post(one.url, one.body.encode())
                )
                statuses[(await sending).status] += 1

        began_at, cpu_before = perf_counter(), process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(parallel):
                group.create_task(drain())
        wall, cpu = perf_counter() - began_at, process_time() - cpu_before
    if statuses != Counter(one.status for one in answered):
        raise OtherAnswersError(f"{dict(statuses)} and not {dict(Counter(one.status for one in answered))}")
    return wall, cpu


def main(settings_file: Path, exchanges_file: Path, certificate: Path) -> None:
    """Prints the floor as JSON."""
    settings = load_settings(settings_file, os.environ)
    exchanges = exchanges_in(exchanges_file)
    wall, cpu = asyncio.run(replay(settings, exchanges))
    print(json.dumps(Floor(wall, cpu, len(exchanges), bytes_per_second(settings, certificate))._asdict()))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
