"""What the server has done so far, for reports and tests."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from recovery.rehearsal.graph.address import Address

_ID = re.compile(r"\{\w+\}")


def path_class_of(address: Address) -> str:
    """The kind of a request: its path with ids left out, as in `v1.0 groups/{id}/members`."""
    if address.stream is not None:
        return f"{address.version} {_ID.sub('{id}', address.stream.path)}"
    parts = [_ID.sub("{id}", address.row.paths[0])]
    if address.id is not None:
        parts.append("{id}")
    if address.relation is not None:
        parts.append(address.relation.name)
    if address.delta:
        parts.append("delta")
    if address.counts:
        parts.append("$count")
    return f"{address.version} {'/'.join(parts)}"


class Tally:
    """Counters. A `$batch` counts as one request, and each request in it under its own path class."""

    def __init__(self) -> None:
        self.requests = 0
        self.graph_requests = 0
        self.units = 0
        self.throttled = 0
        self.tokens = 0
        self.body_bytes = 0
        self.wire_bytes = 0
        self.path_classes: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def as_json(self) -> dict[str, Any]:
        """The members of `GET /_sim/stats`."""
        return {
            "requests": self.requests,
            "graph_requests": self.graph_requests,
            "resource_units": self.units,
            "throttled": self.throttled,
            "tokens": self.tokens,
            "body_bytes": self.body_bytes,
            "wire_bytes": self.wire_bytes,
            "path_classes": dict(sorted(self.path_classes.items())),
            "statuses": dict(sorted(self.statuses.items())),
            "faults": dict(sorted(self.faults.items())),
        }
