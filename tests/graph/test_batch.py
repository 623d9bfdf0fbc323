"""Batches: twenty requests in one, each with its own fate."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from archiver.graph.batch import answers_of, body_of, read_batch
from archiver.graph.client import GraphClient
from archiver.graph.errors import (
    MalformedPageError,
    NotFoundError,
    PermissionMissingError,
    ReadError,
    ServerFaultError,
    ThrottledOutError,
)
from archiver.graph.pace import Pace
from archiver.graph.page import Page, page_of
from archiver.graph.patience import Patience
from archiver.graph.reader import GraphReader
from tests.graph.reading_kit import body_answer, error_answer, reading
from tests.graph.small_tenant import SmallTenant


async def _members(reader: GraphReader, names: list[str]) -> dict[str, Page | ReadError]:
    paths = {name: f"/groups/{name}/members" for name in names}
    return await read_batch(reader, "beta", paths, lambda _, body: page_of(body), bucket="directory", units=2)


def test_a_batch_gives_each_of_its_requests_its_own_fate(tmp_path: Path) -> None:
    """One forbidden group must not cost nineteen others."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": "a"}, {"id": "b"}]
        tenant.related["/groups/a/members"] = [{"id": "m"}]
        denied = {"error": {"code": "Authorization_RequestDenied", "message": "no"}}
        tenant.inner_faults.append(["/groups/b/", {"status": 403, "headers": {}, "body": denied}, 1])
        found = await _members(reader, ["a", "b", "gone"])
        assert isinstance(found["a"], Page)
        assert json.loads(found["a"].values) == [{"id": "m"}]
        assert isinstance(found["b"], PermissionMissingError)
        assert isinstance(found["gone"], NotFoundError)

    reading(tmp_path, use)


def test_a_throttled_request_inside_a_batch_is_asked_again_alone(tmp_path: Path) -> None:
    """Graph answers 200 for the envelope, and the SDKs do not look inside."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": "a"}, {"id": "b"}]
        busy = {
            "status": 429,
            "headers": {"Retry-After": "1"},
            "body": {"error": {"code": "x", "message": "y"}},
        }
        tenant.inner_faults.append(["/groups/b/", busy, 2])
        found = await _members(reader, ["a", "b"])
        assert all(isinstance(page, Page) for page in found.values())
        assert [url for url in tenant.asked if "/groups/a" in url] == ["/groups/a/members"]
        assert reader.traffic.throttled == 2

    reading(tmp_path, use)


@pytest.mark.parametrize("retry_after", [None, "0", "1"], ids=["without a wait", "at once", "with a wait"])
def test_no_throttled_request_of_a_batch_is_lost_and_no_other_is_repeated(
    tmp_path: Path, retry_after: str | None
) -> None:
    """Twenty in an envelope of 200, each third throttled, some of them twice: all come, and each 429 counts."""
    names = [f"g{number:02}" for number in range(20)]
    throttled = {name: 1 + number % 2 for number, name in enumerate(names[::3])}

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": name} for name in names]
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        for name in names:
            tenant.related[f"/groups/{name}/members"] = [{"id": f"m-{name}"}]
        for name, times in throttled.items():
            busy = {"status": 429, "headers": headers, "body": {"error": {"code": "x", "message": "y"}}}
            tenant.inner_faults.append([f"/groups/{name}/", busy, times])
        found = await _members(reader, names)
        for name, page in found.items():
            assert isinstance(page, Page)
            assert json.loads(page.values) == [{"id": f"m-{name}"}]
        asked = Counter(url.split("/")[2] for url in tenant.asked if url.endswith("/members"))
        assert asked == {name: 1 + throttled.get(name, 0) for name in names}
        assert reader.traffic.throttled == sum(throttled.values())

    reading(tmp_path, use)


def test_a_request_of_a_batch_that_stays_throttled_is_missed_by_name(tmp_path: Path) -> None:
    """Time is all that a 429 costs, until there is none left; the others in the envelope are there."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": "a"}, {"id": "b"}]
        busy = {"status": 429, "headers": {"Retry-After": "100000"}, "body": {"error": {"code": "x", "message": "y"}}}
        tenant.inner_faults.append(["/groups/b/", busy, 1_000_000])
        found = await _members(reader, ["a", "b"])
        assert [type(found[name]) for name in "ab"] == [Page, ThrottledOutError]

    reading(tmp_path, use)


def test_a_request_that_a_batch_leaves_out_is_asked_again_and_then_missed(tmp_path: Path) -> None:
    """An answer with eighteen of twenty is no answer for the other two."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("$batch", body_answer(b'{"responses":[{"id":"0","status":200,"headers":{},"body":{"value":[]}}]}'))
        found = await _members(reader, ["a", "b", "c", "d", "e"])
        kinds = [type(found[name]) for name in "abcde"]
        assert kinds == [Page, Page, Page, Page, ServerFaultError]

    reading(tmp_path, use)


def test_a_batch_that_never_comes_is_a_failure_for_each_of_its_requests(tmp_path: Path) -> None:
    """Nothing may be forgotten because its envelope was."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("$batch", error_answer(500, "x", "y"))
        found = await _members(reader, ["a", "b"])
        assert [type(found[name]) for name in "ab"] == [ServerFaultError, ServerFaultError]

    reading(tmp_path, use)


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_batch_that_is_refused_is_sent_again_and_then_a_fault_of_each_of_its_requests(
    tmp_path: Path, status: int
) -> None:
    """Called not found, or forbidden, it would be said of objects that nobody has looked for."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("$batch", error_answer(status, "Refused", "why"))
        found = await _members(reader, ["a", "b"])
        assert [type(found[name]) for name in "ab"] == [ServerFaultError, ServerFaultError]
        assert str(found["a"]).startswith(f"the batch that asked for it was refused: {status} Refused")
        assert len(tenant.asked) == reader.patience.attempts

    reading(tmp_path, use)


def test_bodies_inside_a_batch_stay_the_bytes_that_were_sent() -> None:
    """They become records like any other page."""
    body = b'{"responses":[{"id":"1","status":200,"headers":{"Retry-After":"3"},"body":{"value":[{"d":2.50}]}}]}'
    (answer,) = answers_of(body, 2).values()
    assert answer == (200, {"retry-after": "3"}, b'{"value":[{"d":2.50}]}')


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"responses":{}}', b'{"responses":[{}]}', b'{"responses":[{"id":"x","status":200}]}',
     b'{"responses":[{"id":"1","status":200,"body":"no base64!"}]}'],
)  # fmt: skip
def test_an_answer_that_is_no_batch_is_malformed(body: bytes) -> None:
    """A guess would give one group's members to another."""
    with pytest.raises(MalformedPageError):
        answers_of(body, 2)


@pytest.mark.parametrize("id_", ["-1", "2", "01", " 1", "+1", "1_0", "\u0661"])
def test_an_answer_to_no_request_of_a_batch_is_nobodys(id_: str) -> None:
    """Counted from the end, or read as a number that it is not, it would be another object's members."""
    body = {"responses": [{"id": id_, "status": 200, "headers": {}, "body": {"value": []}}]}
    with pytest.raises(MalformedPageError):
        answers_of(json.dumps(body).encode(), 2)


def test_two_answers_to_one_request_of_a_batch_are_none() -> None:
    """Nobody knows which of them is true."""
    one = {"id": "0", "status": 200, "headers": {}, "body": {"value": []}}
    with pytest.raises(MalformedPageError):
        answers_of(json.dumps({"responses": [one, one]}).encode(), 2)


def test_a_batch_whose_answers_have_other_numbers_is_asked_again(tmp_path: Path) -> None:
    """Without it the last of the batch would have the members that came under number -1."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": "a"}, {"id": "b"}]
        tenant.related["/groups/b/members"] = [{"id": "m"}]
        strange = body_answer(b'{"responses":[{"id":"-1","status":200,"headers":{},"body":{"value":[{"id":"x"}]}}]}')
        tenant.on("$batch", strange, times=1)
        found = await _members(reader, ["a", "b"])
        assert isinstance(found["b"], Page)
        assert json.loads(found["b"].values) == [{"id": "m"}]

    reading(tmp_path, use)


def test_a_request_of_a_batch_gets_no_more_than_one_patience(tmp_path: Path) -> None:
    """Each envelope with a patience of its own would be waited for anew, though the first is nearly over."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await asyncio.sleep(0)

    async def main() -> float:
        tenant = SmallTenant(tmp_path, lists={"/groups": [{"id": "a"}]})
        busy = {"status": 503, "headers": {"Retry-After": "60"}, "body": {"error": {"code": "x", "message": "y"}}}
        tenant.inner_faults.append(["/groups/a/", busy, 1])
        async with tenant, GraphClient(tenant.settings(), connections=1) as client:
            pace = Pace(parallel_requests=1, quota_share=1.0, clock=lambda: now[0], sleep=sleep)
            reader = GraphReader(
                client, pace, patience=Patience(deadline_seconds=100), clock=lambda: now[0], sleep=sleep
            )
            refuse_all = error_answer(429, "x", "y", **{"Retry-After": "60"})
            tenant.faults.append(lambda request: refuse_all() if now[0] >= 60 else None)
            found = await _members(reader, ["a"])
            assert isinstance(found["a"], ThrottledOutError)
            return now[0]

    assert asyncio.run(main()) <= 100


def test_one_request_of_a_batch_that_asks_for_a_day_does_not_end_the_others(tmp_path: Path) -> None:
    """Each has its own fate: what passes in a moment is asked again."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.lists["/groups"] = [{"id": "a"}, {"id": "b"}]
        for name, seconds in (("a", "86400"), ("b", "0")):
            busy = {
                "status": 503,
                "headers": {"Retry-After": seconds},
                "body": {"error": {"code": "x", "message": "y"}},
            }
            tenant.inner_faults.append([f"/groups/{name}/", busy, 1])
        found = await _members(reader, ["a", "b"])
        assert [type(found[name]) for name in "ab"] == [ServerFaultError, Page]

    reading(tmp_path, use)


def test_a_batch_holds_reads_and_nothing_else() -> None:
    """The archiver's only POST must not be able to write."""
    body = json.loads(body_of(["/a", "/b"]))
    assert body == {"requests": [{"id": "0", "method": "GET", "url": "/a"}, {"id": "1", "method": "GET", "url": "/b"}]}
