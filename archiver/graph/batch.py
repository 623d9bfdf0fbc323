"""Up to twenty reads in one request, each with its own fate (Microsoft Learn, JSON batching).

Bodies are built and taken apart by hand: what an inner answer holds stays the bytes that Graph sent. Each
inner request is metered alone and gets its own 429, which the SDKs do not retry; here it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, TypeVar

import msgspec

from archiver.graph.errors import MalformedPageError, ReadError, ServerFaultError, ThrottledOutError
from archiver.graph.page import members_of, values_of
from archiver.graph.reader import GraphReader, Trial, retry_after_in, trial_of
from archiver.graph.row import Bucket, Version
from archiver.graph.tries import Tries

MAX_BATCH = 20
"""Requests in one batch (Microsoft Learn, JSON batching)."""

T = TypeVar("T")


class InnerAnswer(NamedTuple):
    """One answer out of a batch; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    """What became of one inner request, whether trying again may help, and when."""

    result: T | ReadError
    passing: bool
    wait_seconds: float = 0.0

    def is_worth_waiting(self, tries: Tries) -> bool:
        """Whether trying again may help in time; one that asks for a day does not end the tries of the others."""
        return self.passing and tries.has_time_for(self.wait_seconds)

    @property
    def is_fault(self) -> bool:
        """Whether the request itself failed; a 429 is the bucket's affair."""
        return self.passing and not isinstance(self.result, ThrottledOutError)


async def read_batch(
    reader: GraphReader,
    version: Version,
    paths: Mapping[str, str],
    parse: Callable[[str, bytes], T],
    *,
    bucket: Bucket,
    units: float,
) -> dict[str, T | ReadError]:
    """Reads up to `MAX_BATCH` paths such as `/groups/ID/members?$select=id`; `units` is the price of one.

    Gives, for each name in `paths`, what `parse` made of the name and its answer, or why there is none.

    Raises:
        CredentialRefusedError: Graph or the authority refuses the app.
    """
    results: dict[str, T | ReadError] = {}
    waiting = dict(paths)
    tries = reader.tries()
    while waiting:
        try:
            answers = await _posted(reader, version, waiting, bucket, units, tries.deadline)
        except ReadError as error:
            return results | dict.fromkeys(waiting, error)
        outcomes = {
            name: _outcome_of(reader, answers.get(name), partial(parse, name), bucket, units) for name in waiting
        }
        results |= {name: outcome.result for name, outcome in outcomes.items()}
        waiting = {name: paths[name] for name, outcome in outcomes.items() if outcome.is_worth_waiting(tries)}
        faulty = any(outcomes[name].is_fault for name in waiting)
        asked = max([outcomes[name].wait_seconds for name in waiting], default=0.0)
        wait = tries.next_wait(asked, is_fault=faulty)
        if wait is None:
            break
        if faulty:
            await reader.sleep(wait)
    return results


async def _posted(
    reader: GraphReader, version: Version, paths: Mapping[str, str], bucket: Bucket, units: float, until: float
) -> dict[str, InnerAnswer]:
    names = list(paths)
    body = body_of([paths[name] for name in names])
    url = reader.client.url_of(version, "/$batch")
    answers = await reader.ask(
        lambda: reader.client.post(url, body),
        lambda unverified: answers_of(unverified, len(names)),
        bucket=bucket,
        units=units * len(names),
        until=until,
        judge=_envelope_trial_of,
    )
    return {names[number]: answer for number, answer in answers.items()}


def _envelope_trial_of(status: int, headers: Mapping[str, str], body: bytes) -> Trial:
    """Gives what it means that a whole batch is refused: nothing that could be said of any of its requests."""
    trial = trial_of(status, headers, body)
    if trial.passing:
        return trial
    error = ServerFaultError(f"the batch that asked for it was refused: {trial.error.message}")
    return Trial(error, passing=True, retry_after=retry_after_in(headers))


def _outcome_of(
    reader: GraphReader, answer: InnerAnswer | None, parse: Callable[[bytes], T], bucket: Bucket, units: float
) -> _Outcome[T]:
    if answer is None:
        return _Outcome(ServerFaultError("the batch has no answer for this request"), passing=True)
    if answer.status == 200:
        try:
            return _Outcome(parse(answer.body), passing=False)
        except MalformedPageError as error:
            return _Outcome(error, passing=True)
    trial = trial_of(answer.status, answer.headers, answer.body)
    if isinstance(trial.error, ThrottledOutError):
        reader.pace.returned(bucket, units)
        wait = reader.note_throttled(bucket, trial.retry_after)
        return _Outcome(trial.error, passing=True, wait_seconds=wait)
    return _Outcome(trial.error, passing=trial.passing, wait_seconds=trial.retry_after or 0.0)


def body_of(paths: Iterable[str]) -> bytes:
    """Gives the body of a batch of GETs; their ids are their numbers, from 0."""
    requests = [{"id": str(number), "method": "GET", "url": path} for number, path in enumerate(paths)]
    return msgspec.json.encode({"requests": requests})


def answers_of(unverified: bytes, asked: int) -> dict[int, InnerAnswer]:
    """Takes the answer to a batch of `asked` requests apart, by number.

    Raises:
        MalformedPageError: it is no such answer, or it answers what was not asked, or one request twice.
    """
    numbers = {str(number): number for number in range(asked)}
    answers: dict[int, InnerAnswer] = {}
    for item in values_of(members_of(unverified).get("responses", b"")):
        members = members_of(bytes(item))
        try:
            number = numbers.pop(msgspec.json.decode(members["id"], type=str))
            status = msgspec.json.decode(members["status"], type=int)
            headers = msgspec.json.decode(members.get("headers", b"{}"), type=dict[str, str])
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            raise MalformedPageError(f"a batch has an answer that is none, or to no request of it: {error}") from error
        lower = {name.lower(): value for name, value in headers.items()}
        answers[number] = InnerAnswer(status, lower, _body_in(members.get("body", b"")))
    return answers


def _body_in(body: bytes) -> bytes:
    """An answer that is not JSON comes as base64 text (Microsoft Learn, JSON batching)."""
    if not body.startswith(b'"'):
        return body
    try:
        return base64.b64decode(msgspec.json.decode(body, type=str), validate=True)
    except (msgspec.MsgspecError, binascii.Error, UnicodeDecodeError) as error:
        raise MalformedPageError("a batch has a body that is neither JSON nor base64") from error
