"""A plan that breaks requests to the simulated tenant in every way that it knows."""

from __future__ import annotations

from typing import Any

from archiver.graph.patience import Patience
from recovery.rehearsal.graph.faults import FAULTS

SHARE = 0.05
"""Of all requests, those that break."""
PATIENT = Patience(attempts=8, first_wait_seconds=0.02, longest_wait_seconds=0.1, deadline_seconds=120)
"""The product's attempts, with shorter waits between them."""

_PLAIN = r"^GET (?!.*(/users\?|skiptoken|in \$batch))"
"""Requests that no other rule is for: of two rules for one request the first alone does anything."""
_BATCHED = ("429", "503", "504", "500", "502")


def every_fault(seed: int, retry_after_seconds: int | None = 1) -> dict[str, Any]:
    """Gives the plan: at random, and besides each kind once where it does its worst, so that none is left to chance.

    A foreign link and an expired one are nothing to an answer of one page; `$batch` hides a status inside a 200.
    """
    kinds = sorted(FAULTS)
    plain = [{"match": _PLAIN, "nth": 6 * n + 4, "fault": kind} for n, kind in enumerate(kinds)]
    batched = [{"match": r"in \$batch$", "nth": 7 * n + 2, "fault": kind} for n, kind in enumerate(_BATCHED)]
    links = [
        {"match": r"/users\?.*displayName", "fault": "foreign-link"},
        {"match": r"/users\?.*expand=manager", "fault": "foreign-link"},
        {"match": r"/members\?.* in \$batch$", "fault": "foreign-link", "times": 1000},
        {"match": r"/users\?.*displayName.*skiptoken", "fault": "expired-link"},
        {"match": r"/members\?.*skiptoken", "fault": "expired-link"},
    ]
    return {
        "rates": {kind: SHARE / len(kinds) for kind in kinds},
        "rules": [*batched, *links, *plain],
        "seed": seed,
        "slow_seconds": 0.2,
        "retry_after_seconds": retry_after_seconds,
    }
