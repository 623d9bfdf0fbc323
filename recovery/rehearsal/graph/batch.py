"""JSON batching: up to 20 requests in one, each charged, throttled and answered by itself."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import uuid4

import msgspec

from recovery.rehearsal.graph.faults import BODY_FAULTS
from recovery.rehearsal.graph.graph import Graph, Request, Response, Roles, json_of
from recovery.rehearsal.graph.refusal import Refusal, bad_request
from recovery.rehearsal.population.entropy import Draw

LARGEST_BATCH = 20
"""Requests in a batch (Graph's JSON batching page)."""


class Batch:
    """Answers `$batch` through a Graph service; the order of responses is not that of the requests, as documented."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self._graph = graph
        self._seed = seed
        self._count = 0

    def respond(self, outer: Request, body: bytes, roles: Roles) -> Response:
        """The response to `POST /{version}/$batch`. Raises: Refusal 400 for a batch that is malformed or too long."""
        steps = self._steps_of(body)
        self._count += 1
        statuses: dict[str, int] = {}
        answers = []
        for step in steps:
            response = self._step(step, outer, roles, statuses)
            statuses[str(step["id"])] = response.status
            answers.append(
                {
                    "id": str(step["id"]),
                    "status": response.status,
                    "headers": response.headers,
                    "body": _body_of(response),
                }
            )
        turn = Draw(self._seed, "batch", self._count).below(len(answers)) if answers else 0
        content = msgspec.json.encode({"responses": answers[turn:] + answers[:turn]})
        return Response(200, {"Content-Type": "application/json", "request-id": str(uuid4())}, content)

    def _steps_of(self, body: bytes) -> list[dict[str, Any]]:
        content = json_of(body)
        steps = content.get("requests") if isinstance(content, dict) else None
        if not isinstance(steps, list) or not all(
            isinstance(s, dict) and {"id", "method", "url"} <= s.keys() for s in steps
        ):
            raise bad_request("Invalid batch payload format.")
        if len(steps) > LARGEST_BATCH:
            raise bad_request(f"Number of batch request steps exceeds the maximum value of {LARGEST_BATCH}.")
        if len({str(s["id"]) for s in steps}) != len(steps):
            raise bad_request("Request Id values must be unique within a batch.")
        return steps

    def _step(self, step: dict[str, Any], outer: Request, roles: Roles, statuses: dict[str, int]) -> Response:
        failed = [id for id in step.get("dependsOn") or () if statuses.get(str(id), 424) >= 400]
        if failed:
            refusal = Refusal(424, "FailedDependency", f"The step depends on failed step {failed[0]}.")
            return Response(
                424,
                {"Content-Type": "application/json"},
                msgspec.json.encode({"error": {"code": refusal.code, "message": refusal.message}}),
            )
        given = step.get("headers")
        headers = {str(k).lower(): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
        path, _, query = str(step["url"]).lstrip("/").partition("?")
        request = Request(str(step["method"]).upper(), outer.version, path, query, headers, outer.origin)
        fault = self._graph.faults.next(f"{request.line} in $batch")
        if fault in BODY_FAULTS and fault != "foreign-link":
            fault = None
        if fault is not None:
            self._graph.tally.faults[fault] += 1
        return self._graph.respond(request, roles, fault)


def _body_of(response: Response) -> Any:
    if response.headers.get("Content-Type", "").startswith("application/json"):
        return msgspec.Raw(response.body)
    return b64encode(response.body).decode()
