"""Up to twenty reads in one request, each with its own fate (Microsoft Learn, JSON batching).

Bodies are built and taken apart by hand: what an inner answer holds stays the bytes that Graph sent. Each
inner request is metered alone and gets its own 429, which the SDKs do not retry; here it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from archiver.graph.catalogue import Bucket, Version
from archiver.graph.errors import MalformedPageError, ReadError, ServerFaultError, ThrottledOutError
from archiver.graph.page import members_of, values_of
from archiver.graph.reader import GraphReader, trial_of

MAX_BATCH = 20
"""Requests in one batch (Microsoft Learn, JSON batching)."""

T = TypeVar("T")


class InnerAnswer(NamedTuple):
    """One answer out of a batch; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def read_batch(
    reader: GraphReader,
    version: Version,
    paths: Mapping[str, str],
    parse: Callable[[bytes], T],
    *,
    bucket: Bucket,
    units: float,
) -> dict[str, T | ReadError]:
    """Reads up to `MAX_BATCH` paths such as `/groups/ID/members?$select=id`; `units` is the price of one.

    Gives, for each name in `paths`, what `parse` made of its answer, or why there is none.

    Raises:
        CredentialRefusedError: Graph or the authority refuses the app.
    """
    results: dict[str, T | ReadError] = {}
    waiting = dict(paths)
    deadline = reader.clock() + reader.patience.deadline_seconds
    faults = 0
    while waiting:
        failed: dict[str, ReadError] = {}
        try:
            answers = await _posted(reader, version, waiting, bucket, units)
        except ReadError as error:
            return results | dict.fromkeys(waiting, error)
        faulty, wait = False, 0.0
        for name in list(waiting):
            outcome, passing, inner_wait = _outcome_of(reader, answers.get(name), parse, bucket)
            if isinstance(outcome, ThrottledOutError):
                reader.pace.returned(bucket, units)
            if isinstance(outcome, ReadError) and passing:
                failed[name] = outcome
                faulty |= not isinstance(outcome, ThrottledOutError)
                wait = max(wait, inner_wait)
            else:
                results[name] = outcome
        faults += faulty
        if failed and (faults >= reader.patience.attempts or reader.clock() + wait > deadline):
            return results | failed
        if faulty:
            await reader.sleep(max(wait, reader.patience.wait_after(faults)))
        waiting = {name: waiting[name] for name in failed}
    return results


async def _posted(
    reader: GraphReader, version: Version, paths: Mapping[str, str], bucket: Bucket, units: float
) -> dict[str, InnerAnswer]:
    names = list(paths)
    body = body_of([paths[name] for name in names])
    url = reader.client.url_of(version, "/$batch")
    answers = await reader.ask(
        lambda: reader.client.post(url, body), answers_of, bucket=bucket, units=units * len(names)
    )
    return {names[number]: answer for number, answer in answers.items() if number < len(names)}


def _outcome_of(
    reader: GraphReader, answer: InnerAnswer | None, parse: Callable[[bytes], T], bucket: Bucket
) -> tuple[T | ReadError, bool, float]:
    """Gives what became of one inner request, whether trying again may help, and the seconds to wait."""
    if answer is None:
        return ServerFaultError("the batch has no answer for this request"), True, 0.0
    if answer.status == 200:
        try:
            return parse(answer.body), False, 0.0
        except MalformedPageError as error:
            return error, True, 0.0
    trial = trial_of(answer.status, answer.headers, answer.body)
    if isinstance(trial.error, ThrottledOutError):
        return trial.error, True, reader.note_throttled(bucket, trial.retry_after)
    return trial.error, trial.passing, trial.retry_after or 0.0


def body_of(paths: Iterable[str]) -> bytes:
    """Gives the body of a batch of GETs; their ids are their numbers, from 0."""
    requests = [{"id": str(number), "method": "GET", "url": path} for number, path in enumerate(paths)]
    return msgspec.json.encode({"requests": requests})


def answers_of(unverified: bytes) -> dict[int, InnerAnswer]:
    """Takes the answer to a batch apart, by number.

    Raises:
        MalformedPageError: it is no such answer.
    """
    answers = {}
    for item in values_of(members_of(unverified).get("responses", b"")):
        members = members_of(bytes(item))
        try:
            number = int(msgspec.json.decode(members["id"], type=str))
            status = msgspec.json.decode(members["status"], type=int)
            headers = msgspec.json.decode(members.get("headers", b"{}"), type=dict[str, str])
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            raise MalformedPageError(f"a batch has an answer that is none: {error}") from error
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
