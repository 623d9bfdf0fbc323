"""The Graph service: one request in, one response out, with permissions, throttling and faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from recovery.rehearsal.graph.actions import action_at
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.cursor import expired_token
from recovery.rehearsal.graph.delta_reset import RESETS
from recovery.rehearsal.graph.envelope import Answer
from recovery.rehearsal.graph.faults import FOREIGN_ORIGIN, STATUS_FAULTS, Faults
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.reader import Reader
from recovery.rehearsal.graph.refusal import Refusal, denied
from recovery.rehearsal.graph.tally import Tally, path_class_of
from recovery.rehearsal.graph.throttle import Charge, Throttle

Roles = frozenset[str]

_STATUS_CODES = {
    "429": "TooManyRequests",
    "500": "InternalServerError",
    "502": "BadGateway",
    "503": "ServiceUnavailable",
    "504": "GatewayTimeout",
}


class Request(NamedTuple):
    """A Graph request. `path` is raw, without the version; header names are in lower case."""

    method: str
    version: str
    path: str
    query: str
    headers: Mapping[str, str]
    origin: str
    body: bytes = b""

    @property
    def line(self) -> str:
        """What fault and churn rules match: `GET /v1.0/users?$top=5`."""
        return f"{self.method} /{self.version}/{self.path}{'?' if self.query else ''}{self.query}"


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Graph:
    """Answers Graph requests of one tenant. Nothing is raised to the caller: a refusal is a response.

    `answered` is told the line of each request that was answered with data.
    """

    def __init__(
        self, reader: Reader, throttle: Throttle, faults: Faults, tally: Tally, answered: Callable[[str], None]
    ) -> None:
        self._reader = reader
        self.throttle = throttle
        self.faults = faults
        self.tally = tally
        self._tell_answered = answered

    def respond(self, request: Request, roles: Roles, fault: str | None) -> Response:
        """The response to a request of a caller with `roles`; `fault` is what the plan has for it.

        Faults of the connection and the body are the server's; a status, an expired link and a foreign link
        are made here, so that requests inside a `$batch` get them too.
        """
        request_id = str(uuid4())
        self.tally.graph_requests += 1
        try:
            response = self._answered(request, roles, fault, request_id)
        except Refusal as refusal:
            if refusal.status == 429:
                self.tally.throttled += 1
            headers = {**refusal.headers, "Content-Type": "application/json", "request-id": request_id}
            response = Response(refusal.status, headers, refusal.body(request_id, datetime.now(UTC)))
        self.tally.statuses[str(response.status)] += 1
        return response

    def _answered(self, request: Request, roles: Roles, fault: str | None, request_id: str) -> Response:
        if fault in STATUS_FAULTS:
            raise self._status_refusal(str(fault))
        if fault == "expired-link" and "skiptoken" in request.query:
            raise expired_token()
        action = action_at(request.path) if request.method == "POST" else None
        if action is not None:
            return self._acted(action, request, roles, request_id)
        if request.method != "GET":
            raise self._write_refusal(roles)
        address, query = address_of(request.version, request.path), query_of(request.query)
        self.tally.path_classes[path_class_of(address)] += 1
        charge = self.throttle.charge(address, query)
        self.tally.units += charge.units
        caller = Caller(request.origin, roles, request.headers.get("consistencylevel", "").lower() == "eventual")
        question = Question(address, query, caller)
        if fault in RESETS and address.delta:
            self._reader.deltas.reset(question, str(fault))
        answer = self._link(self._reader.answer(question), request, fault)
        return self._response(answer, charge, request, request_id)

    def _acted(self, action: str, request: Request, roles: Roles, request_id: str) -> Response:
        """The response to an action that only reads."""
        self.tally.path_classes[f"{request.version} {action}"] += 1
        charge = self.throttle.charge_units(1)
        self.tally.units += charge.units
        caller = Caller(request.origin, roles)
        answer = self._reader.actions.answer(action, request.version, json_of(request.body), caller)
        return self._response(answer, charge, request, request_id)

    def _response(self, answer: Answer, charge: Charge, request: Request, request_id: str) -> Response:
        self._tell_answered(request.line)
        headers = {
            "Content-Type": answer.media_type,
            "request-id": request_id,
            "OData-Version": "4.0",
            "client-request-id": request.headers.get("client-request-id", request_id),
            **charge.headers,
        }
        return Response(200, headers, answer.body)

    def _link(self, answer: Answer, request: Request, fault: str | None) -> Answer:
        if fault != "foreign-link" or answer.next_link is None:
            return answer
        foreign = answer.next_link.replace(request.origin, FOREIGN_ORIGIN, 1)
        return answer._replace(
            body=answer.body.replace(msgspec.json.encode(answer.next_link), msgspec.json.encode(foreign), 1)
        )

    def _status_refusal(self, fault: str) -> Refusal:
        seconds = self.faults.plan.retry_after_seconds
        headers = {"Retry-After": str(seconds)} if seconds is not None and fault in ("429", "503") else {}
        return Refusal(int(fault), _STATUS_CODES[fault], "Injected by the fault plan.", headers)

    def _write_refusal(self, roles: Roles) -> Refusal:
        if not any("Write" in role for role in roles):
            return denied()
        return Refusal(501, "NotImplemented", "The simulated tenant is changed through /_sim and not through Graph.")


def json_of(body: bytes) -> Any:
    """A decoded JSON body. Raises: Refusal 400 when it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "BadRequest", f"Unable to read JSON request payload. {error}") from error
