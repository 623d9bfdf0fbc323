"""Runs a `strongroom` command line in a process that notes every request to Graph and when its answer was there.

    python -m tests.bench.exchange FILE run --config SETTINGS --json

FILE gets an exchange a line. Noting one takes microseconds, so that the run is timed all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Literal

import msgspec
from kiota_abstractions.method import Method

from archiver.graph.client import GraphClient, Response
from strongroom.__main__ import main

Verb = Literal["GET", "POST"]


class Exchange(msgspec.Struct, frozen=True, array_like=True):
    """A request and its answer. Times in seconds of one clock; `size` is the answer's body, inflated, in bytes."""

    verb: Verb
    url: str
    headers: dict[str, str]
    body: str | None
    began_at: float
    ended_at: float
    status: int
    size: int


def run(target: Path, command: list[str]) -> int:
    """Carries the command out and writes what went over the wire, in the order of the answers."""
    exchanges: list[Exchange] = []
    send = GraphClient._send

    async def noted(
        self: GraphClient, method: Method, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response:
        began_at = perf_counter()
        response = await send(self, method, url, headers, body)
        text = None if body is None else body.decode()
        verb: Verb = "GET" if method is Method.GET else "POST"
        ended_at = perf_counter()
        exchanges.append(
            Exchange(verb, url, dict(headers), text, began_at, ended_at, response.status, len(response.body))
        )
        return response

    GraphClient._send = noted  # type: ignore[method-assign]
    status = main(command)
    target.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in exchanges))
    return status


def exchanges_in(file: Path) -> list[Exchange]:
    """What `run` wrote, in the order in which the requests were sent."""
    decoder = msgspec.json.Decoder(Exchange)
    return sorted(decoder.decode_lines(file.read_bytes()), key=lambda one: one.began_at)


def reading_seconds_of(exchanges: Sequence[Exchange]) -> float:
    """From the first request to the last answer."""
    return max(one.ended_at for one in exchanges) - min(one.began_at for one in exchanges)


def mean_under_way(exchanges: Sequence[Exchange]) -> float:
    """How many requests were under way at once, on average from the first request to the last answer."""
    return sum(one.ended_at - one.began_at for one in exchanges) / reading_seconds_of(exchanges)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
