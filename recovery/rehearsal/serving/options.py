"""How a simulated tenant is started."""

from __future__ import annotations

from typing import NamedTuple

from recovery.rehearsal.altering.tenant import DEFAULT_SEED, DEFAULT_USERS
from recovery.rehearsal.graph.faults import FaultPlan
from recovery.rehearsal.population.blueprint import NO_MORE, AtLeast
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.tokens import DEFAULT_LIFETIME_SECONDS

LONGEST_LATENCY_MS = 60_000
"""A client that waits longer than a minute for an answer tests its own patience only."""


class Options(NamedTuple):
    """`quota` is in resource units per second, None for no throttling; `token_lifetime` in seconds; port 0: any.

    `latency_ms` is what every answer waits for, in milliseconds.
    """

    users: int = DEFAULT_USERS
    at_least: AtLeast = NO_MORE
    seed: int = DEFAULT_SEED
    quota: float | None = None
    faults: FaultPlan = FaultPlan()
    roles: tuple[str, ...] = READ_ROLES
    token_lifetime: int = DEFAULT_LIFETIME_SECONDS
    host: str = "127.0.0.1"
    port: int = 0
    latency_ms: int = 0
