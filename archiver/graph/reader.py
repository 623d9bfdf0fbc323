"""Reading one thing from Graph until it is whole, and what failure means."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from archiver.graph.client import GraphClient, Response
from archiver.graph.errors import (
    AnswerTooLargeError,
    CredentialRefusedError,
    DelegatedOnlyError,
    ExpiredLinkError,
    GraphUnreachableError,
    LicenceMissingError,
    MalformedPageError,
    NotFoundError,
    PermissionMissingError,
    ReadError,
    RequestRefusedError,
    ServerFaultError,
    ThrottledOutError,
)
from archiver.graph.http_date import http_date_of
from archiver.graph.pace import Pace
from archiver.graph.patience import Patience
from archiver.graph.presence import Presence
from archiver.graph.row import Bucket
from archiver.graph.simulation import is_simulated
from archiver.graph.tries import Tries
from archiver.graph.trouble import next_step_of_refusal

T = TypeVar("T")

_LICENCE_WORDS = re.compile(r"\b(?:premium|licen[cs]e[sd]?)\b")
_DELEGATED_WORDS = ("application-only", "app-only", "delegated")
_EXPIRED_WORDS = ("expiredpagetoken", "expired page token")
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MOST_RETRY_SECONDS = 1e6
"""Eleven days: nobody's patience is that long, and whatever is longer is treated like it."""
_BUSY = frozenset({429, 503, 504})
"""Statuses that a `Retry-After` may come with (Microsoft Learn, throttling)."""
_DETAIL_CHARACTERS = 300
PROBE_PATH = "/organization?$select=id"
"""What every run begins with, and so a question that Graph has answered before."""
_MAX_REFUSALS = 2
"""Answers 401 to one request, each followed by a new token, before the credential counts as refused."""


class _Error(msgspec.Struct):
    code: str


class _Refusal(msgspec.Struct):
    """What Graph answers in the place of what was asked for (Microsoft Learn, Microsoft Graph error responses)."""

    error: _Error


_REFUSAL: msgspec.json.Decoder[_Refusal] = msgspec.json.Decoder(_Refusal)


class Trial(NamedTuple):
    """What one answer came to: a failure and whether it may pass, with Graph's `Retry-After` in seconds."""

    error: ReadError
    passing: bool
    retry_after: float | None


@dataclass(slots=True)
class Traffic:
    """What went over the wire so far. `graph_date` is the last `Date` that Graph sent."""

    requests: int = 0
    throttled: int = 0
    resource_units: float = 0.0
    simulated: bool = False
    graph_date: datetime | None = None


class GraphReader:
    """Reads through a client at a pace, and gives what a parser makes of the answer."""

    def __init__(
        self,
        client: GraphClient,
        pace: Pace,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.client = client
        self.pace = pace
        self.patience = patience or Patience()
        self.traffic = Traffic()
        self.clock = clock
        self.sleep = sleep
        self._presence = Presence(
            lambda: client.get(client.url_of("v1.0", PROBE_PATH)),
            silence_seconds=self.patience.silence_seconds,
            probe_seconds=self.patience.probe_seconds,
            clock=clock,
        )

    async def read(
        self,
        url: str,
        parse: Callable[[bytes], T],
        *,
        bucket: Bucket,
        units: float,
        headers: Mapping[str, str] | None = None,
        leads: bool = False,
    ) -> T:
        """Gives `parse(body)` of the first whole answer to a GET; `leads` as for `Pace.turn`.

        Raises:
            ReadError: one of its classes, once patience is at its end.
            CredentialRefusedError: Graph or the authority refuses the app.
        """
        return await self.ask(lambda: self.client.get(url, headers), parse, bucket=bucket, units=units, leads=leads)

    async def ask(
        self,
        send: Callable[[], Awaitable[Response]],
        parse: Callable[[bytes], T],
        *,
        bucket: Bucket,
        units: float,
        leads: bool = False,
        until: float | None = None,
        judge: Callable[[int, Mapping[str, str], bytes], Trial] | None = None,
    ) -> T:
        """Like `read`, for any request that `send` sends; nothing is waited for beyond `until`, of `clock`.

        `judge` says what an answer other than 200 and 401 means, `trial_of` where it is None.
        """
        tries = self.tries(until)
        refusals = 0
        while True:
            generation = self.client.generation
            try:
                response = await self._sent(send, bucket, units, leads, tries.deadline)
                if response.status == 200:
                    return parse(response.body)
                if response.status == 401:
                    refusals += 1
                    self._renew(response, refusals, generation)
                    continue
                trial = (judge or trial_of)(response.status, response.headers, response.body)
            except (GraphUnreachableError, MalformedPageError) as error:
                trial = Trial(error, passing=not isinstance(error, AnswerTooLargeError), retry_after=None)
            if not trial.passing:
                raise trial.error
            throttled = isinstance(trial.error, ThrottledOutError)
            # A 429 closes the bucket for everybody, in `pace`; any other fault is this request's own.
            asked = self.note_throttled(bucket, trial.retry_after) if throttled else trial.retry_after or 0.0
            wait = tries.next_wait(asked, is_fault=not throttled)
            if isinstance(trial.error, GraphUnreachableError):
                await self._presence.doubt(trial.error, giving_up=wait is None)
            if wait is None:
                raise trial.error
            if not throttled:
                await self.sleep(wait)

    def tries(self, until: float | None = None) -> Tries:
        """Gives what counts the tries of a question that is put now; `until` as for `Tries`."""
        return Tries(self.patience, self.clock, until)

    def note_throttled(self, bucket: Bucket, retry_after: float | None) -> float:
        """Counts a 429 and closes its bucket; gives the seconds until it opens."""
        self.traffic.throttled += 1
        return self.pace.throttled(bucket, retry_after)

    async def _sent(
        self, send: Callable[[], Awaitable[Response]], bucket: Bucket, units: float, leads: bool, until: float
    ) -> Response:
        self._presence.require()
        async with self.pace.turn(bucket, units, leads=leads, until=until):
            self._presence.require()
            self.traffic.requests += 1
            response = await self._answered(send)
        self._note(response)
        if response.status not in _BUSY:
            cost = _number_in(response.headers, "x-ms-resource-unit")
            spent = units if cost is None else cost
            self.traffic.resource_units += spent
            self.pace.granted(bucket, units, spent)
        used = _number_in(response.headers, "x-ms-throttle-limit-percentage")
        if used is not None:
            self.pace.neared(bucket, used)
        return response

    async def _answered(self, send: Callable[[], Awaitable[Response]]) -> Response:
        asked_at = self.clock()
        try:
            response = await send()
        except GraphUnreachableError:
            self._presence.unheard(asked_at)
            raise
        except MalformedPageError:
            self._presence.heard()
            raise
        self._presence.heard()
        return response

    def _note(self, response: Response) -> None:
        if is_simulated(response.headers):
            self.traffic.simulated = True
        date = http_date_of(response.headers.get("date", ""))
        if date is not None:  # a proxy may drop or mangle the header; the run's own clock is in the manifest too
            self.traffic.graph_date = date

    def _renew(self, response: Response, refusals: int, generation: int) -> None:
        if refusals > _MAX_REFUSALS:
            detail = detail_of(401, response.body)
            raise CredentialRefusedError(f"Graph refuses the token: {detail}", next_step=next_step_of_refusal(detail))
        self.client.renew(generation)


def trial_of(status: int, headers: Mapping[str, str], body: bytes) -> Trial:
    """Gives what an answer other than 200 means; header names in lower case.

    Only Graph knows that there is none: a 404 without its words is that of who is in between.
    """
    detail = detail_of(status, body)
    retry_after = retry_after_in(headers)
    if status == 429:
        return Trial(ThrottledOutError(detail), passing=True, retry_after=retry_after)
    if (status >= 500 and status != 501) or (status == 404 and not _is_of_graph(body)):
        return Trial(ServerFaultError(detail), passing=True, retry_after=retry_after)
    words = detail.lower()
    error: ReadError
    if status in (400, 403) and _LICENCE_WORDS.search(words):
        error = LicenceMissingError(detail)
    elif status == 403 and any(word in words for word in _DELEGATED_WORDS):
        error = DelegatedOnlyError(detail)
    elif status == 403:
        error = PermissionMissingError(detail)
    elif status == 404:
        error = NotFoundError(detail)
    elif status in (400, 410) and any(word in words for word in _EXPIRED_WORDS):
        error = ExpiredLinkError(detail)
    elif status in (400, 501):
        error = RequestRefusedError(detail)
    else:
        error = ServerFaultError(detail)
    return Trial(error, passing=False, retry_after=None)


def _is_of_graph(body: bytes) -> bool:
    try:
        _REFUSAL.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def detail_of(status: int, body: bytes) -> str:
    """Gives Graph's own words for an error, bounded: `403 Authorization_RequestDenied: Insufficient ...`."""
    try:
        error = msgspec.json.decode(body, type=dict[str, dict[str, object]])["error"]
        words = f"{error['code']}: {error['message']}"
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, RecursionError):
        words = "no error that Graph would send"
    return f"{status} {words}"[:_DETAIL_CHARACTERS]


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Gives `Retry-After` in seconds from now, None where there is none (RFC 9110 section 10.2.3)."""
    asked = headers.get("retry-after", "")
    if _SECONDS.fullmatch(asked):
        return min(float(asked), _MOST_RETRY_SECONDS)
    until, sent = http_date_of(asked), http_date_of(headers.get("date", ""))
    if until is None or sent is None:
        return None
    return min(max(0.0, (until - sent).total_seconds()), _MOST_RETRY_SECONDS)


def _number_in(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers[name])
    except (KeyError, ValueError):
        return None
    return number if 0 <= number < 1e6 else None
