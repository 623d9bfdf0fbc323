"""What may be adjusted in a simulated tenant while it runs, and the bounds of each adjustment."""

from __future__ import annotations

import time
from typing import Any

from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.delta import Deltas
from recovery.rehearsal.graph.delta_reset import RESETS
from recovery.rehearsal.graph.graph import Graph
from recovery.rehearsal.graph.surface import ROW_BY_COLLECTION
from recovery.rehearsal.graph.throttle import Throttle
from recovery.rehearsal.serving.authority import Authority
from recovery.rehearsal.serving.options import LONGEST_LATENCY_MS
from recovery.rehearsal.serving.tokens import Tokens

LARGEST_DELTA_PAGE = 100_000
MOST_RESETS = 10_000


class Adjustments:
    """Settings of a running tenant. `latency_ms` is what every answer waits for, in milliseconds."""

    def __init__(self, authority: Authority, tokens: Tokens, graph: Graph, deltas: Deltas, latency_ms: int) -> None:
        self._authority, self._tokens, self._graph, self._deltas = authority, tokens, graph, deltas
        self.latency_ms = latency_ms
        self._setters = {
            "roles": self._set_roles,
            "quota": self._set_quota,
            "token_lifetime": self._set_token_lifetime,
            "latency_ms": self._set_latency,
            "delta_page": self._set_delta_page,
            "delta_links": self._set_delta_links,
            "delta_reset": self._set_delta_reset,
        }

    def adjust(self, content: Any) -> dict[str, Any]:
        """Changes what `content` names and says how everything stands.

        Raises: ScriptError for what is unknown or out of bounds.
        """
        if not isinstance(content, dict) or not content.keys() <= self._setters.keys():
            raise ScriptError(f"settings are {', '.join(self._setters)}")
        for name, value in content.items():
            self._setters[name](value)
        return {
            "roles": list(self._authority.roles),
            "quota": self._graph.throttle.quota,
            "token_lifetime": self._tokens.lifetime,
            "latency_ms": self.latency_ms,
            "delta_page": self._deltas.objects_a_page,
            "delta_links": self._deltas.links_a_page,
            "delta_reset": self._deltas.resets.style,
        }

    def order_reset(self, content: Any) -> dict[str, Any]:
        """Has the next requests with a state token answered with a reset. Raises: ScriptError when it can't be read."""
        if not isinstance(content, dict) or not content.keys() <= {"reset", "collection", "times"}:
            raise ScriptError("an order is `reset`, and if need be `collection` and `times`")
        style, collection = content.get("reset", self._deltas.resets.style), content.get("collection")
        if style not in RESETS:
            raise ScriptError(f"resets are {', '.join(RESETS)}")
        tracked = [name for name, row in ROW_BY_COLLECTION.items() if row.tracks is not None]
        if collection is not None and collection not in tracked:
            raise ScriptError(f"change tracking is of {', '.join(tracked)}")
        times = whole_of(content.get("times", 1), "times", 1, MOST_RESETS)
        self._deltas.resets.order(style, collection, times)
        return {"reset": style, "collection": collection, "times": times}

    def _set_roles(self, roles: Any) -> None:
        """Of tokens issued from now on."""
        if not isinstance(roles, list):
            raise ScriptError("roles are a list of names")
        self._authority.roles = tuple(str(role) for role in roles)

    def _set_quota(self, quota: Any) -> None:
        """In resource units per second, or null; the buckets start full."""
        if quota is not None and (not isinstance(quota, int | float) or quota <= 0):
            raise ScriptError("quota is a number above 0, or null")
        self._graph.throttle = Throttle(quota, time.monotonic)

    def _set_token_lifetime(self, seconds: Any) -> None:
        self._tokens.lifetime = whole_of(seconds, "token_lifetime")

    def _set_latency(self, milliseconds: Any) -> None:
        self.latency_ms = whole_of(milliseconds, "latency_ms", 0, LONGEST_LATENCY_MS)

    def _set_delta_page(self, objects: Any) -> None:
        self._deltas.objects_a_page = whole_of(objects, "delta_page", 1, LARGEST_DELTA_PAGE)

    def _set_delta_links(self, links: Any) -> None:
        self._deltas.links_a_page = whole_of(links, "delta_links", 1, LARGEST_DELTA_PAGE)

    def _set_delta_reset(self, style: Any) -> None:
        if style not in RESETS:
            raise ScriptError(f"resets are {', '.join(RESETS)}")
        self._deltas.resets.style = style


def whole_of(value: Any, name: str, least: int | None = None, most: int | None = None) -> int:
    """A whole number of a control command, from `least` to `most`. Raises: ScriptError for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ScriptError(f"{name} is a whole number")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ScriptError(f"{name} must be {least} to {most}, not {value}")
    return value
