"""Reading over real TLS through the real SDK, while the other side misbehaves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web

from archiver.graph.batch import answers_of, body_of, read_batch
from archiver.graph.client import GraphClient
from archiver.graph.errors import (
    CredentialRefusedError,
    DelegatedOnlyError,
    ForeignLinkError,
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
from archiver.graph.pace import Pace
from archiver.graph.page import Page, page_of
from archiver.graph.reader import GraphReader, Patience, detail_of, retry_after_in, trial_of
from tests.graph.small_tenant import SmallTenant

T = TypeVar("T")

QUICK = Patience(attempts=4, first_wait_seconds=0.01, longest_wait_seconds=0.02, deadline_seconds=20)
USERS = [{"id": f"u{number}"} for number in range(3)]


def _error(status: int, code: str, message: str, **headers: str) -> Callable[[], web.StreamResponse]:
    text = json.dumps({"error": {"code": code, "message": message}})
    return lambda: web.Response(status=status, text=text, content_type="application/json", headers=headers)


def _body(body: bytes, **headers: str) -> Callable[[], web.StreamResponse]:
    return lambda: web.Response(body=body, content_type="application/json", headers=headers)


def _with(
    folder: Path,
    use: Callable[[SmallTenant, GraphReader], Awaitable[T]],
    *,
    patience: Patience = QUICK,
    **tenant_options: Any,
) -> T:
    async def main() -> T:
        tenant = SmallTenant(folder, lists={"/users": USERS}, **tenant_options)
        async with tenant, GraphClient(tenant.settings(), connections=8) as client:
            pace = Pace(parallel_requests=8, quota_share=1.0)
            return await use(tenant, GraphReader(client, pace, patience=patience))

    return asyncio.run(main())


async def _users(reader: GraphReader) -> Page:
    return await reader.read(reader.client.url_of("v1.0", "/users"), page_of, bucket="directory", units=1)


def test_a_page_comes_as_the_bytes_that_were_sent(tmp_path: Path) -> None:
    """Records are hashed from these bytes; models would rewrite dates and drop nulls."""
    body = '{"value":[{"id":"1","t":"2024-01-01T00:00:00.1234567Z","n":null,"d":2.50,"x":"\u00e9"}]}'.encode()

    async def use(tenant: SmallTenant, reader: GraphReader) -> bytes:
        tenant.on("/users", _body(body))
        return (await _users(reader)).values

    assert _with(tmp_path, use) == body[len('{"value":') : -1]


@pytest.mark.parametrize(
    "fault",
    [
        _error(503, "ServiceUnavailable", "busy"),
        _error(504, "GatewayTimeout", "slow"),
        _error(500, "InternalServerError", "oops"),
        _body(b""),
        _body(b'{"value":[{"id":"u0"}'),
        _body(b"<html>busy</html>"),
    ],
    ids=["503", "504", "500", "empty", "truncated", "html"],
)
def test_a_passing_fault_costs_nothing_but_time(
    tmp_path: Path, fault: Callable[[], web.StreamResponse]
) -> None:
    """Graph has such moments every night."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> Page:
        tenant.on("/users", fault, times=2)
        return await _users(reader)

    assert json.loads(_with(tmp_path, use).values) == USERS


def test_a_dropped_connection_is_asked_again(tmp_path: Path) -> None:
    """The SDK's own retry does not see these."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> Page:
        tenant.reset_on("/users", times=2)
        return await _users(reader)

    assert json.loads(_with(tmp_path, use).values) == USERS


@pytest.mark.parametrize(
    ("fault", "error", "reason", "exit_status"),
    [
        (_error(500, "InternalServerError", "oops"), ServerFaultError, "server-error", 13),
        (_body(b'{"value":[{"id":'), MalformedPageError, "malformed-page", 35),
        (_body(b'{"value":[],"value":[]}'), MalformedPageError, "malformed-page", 35),
        (_error(403, "Authorization_RequestDenied", "no"), PermissionMissingError, "forbidden", 12),
        (
            _error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "no premium license"),
            LicenceMissingError,
            "licence-missing",
            12,
        ),
        (
            _error(403, "AccessDenied", "Application-only authentication context is not allowed"),
            DelegatedOnlyError,
            "delegated-only",
            12,
        ),
        (_error(404, "Request_ResourceNotFound", "gone"), NotFoundError, "not-found", 13),
        (_error(400, "BadRequest", "no such property"), RequestRefusedError, "server-error", 13),
        (
            _error(302, "Found", "elsewhere", Location="https://elsewhere.invalid/"),
            ServerFaultError,
            "server-error",
            13,
        ),
    ],
    ids=["500", "truncated", "twice", "403", "licence", "delegated", "404", "400", "redirect"],
)
def test_a_fault_that_stays_has_a_name_a_reason_and_an_exit_status(
    tmp_path: Path,
    fault: Callable[[], web.StreamResponse],
    error: type[ReadError],
    reason: str,
    exit_status: int,
) -> None:
    """The reason stands in a signed gap."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("/users", fault)
        with pytest.raises(error) as caught:
            await _users(reader)
        assert type(caught.value) is error
        assert (caught.value.reason, caught.value.exit_status) == (reason, exit_status)
        assert caught.value.next_step

    _with(tmp_path, use)


def test_a_refusal_is_not_asked_again(tmp_path: Path) -> None:
    """403 stays 403, and asking costs quota."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> int:
        tenant.on("/users", _error(403, "Authorization_RequestDenied", "no"))
        with pytest.raises(PermissionMissingError):
            await _users(reader)
        return len(tenant.asked)

    assert _with(tmp_path, use) == 1


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """Asking earlier makes Graph angrier."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> float:
        tenant.on("/users", _error(429, "TooManyRequests", "slow down", **{"Retry-After": "1"}), times=1)
        started = time.monotonic()
        await _users(reader)
        assert reader.traffic.throttled == 1
        return time.monotonic() - started

    assert 1.0 <= _with(tmp_path, use) < 3.0


def test_throttling_beyond_the_deadline_is_a_gap(tmp_path: Path) -> None:
    """A run has to end before the next begins."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("/users", _error(429, "TooManyRequests", "slow down", **{"Retry-After": "300"}))
        with pytest.raises(ThrottledOutError):
            await _users(reader)

    _with(tmp_path, use, patience=Patience(deadline_seconds=5))


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    """DNS, firewall, proxy: the operator's first question."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.reset_on("/users", times=1000)
        with pytest.raises(GraphUnreachableError):
            await _users(reader)

    _with(tmp_path, use)


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.invalid/v1.0/users",
        "http://localhost/v1.0/users",
        "https://localhost:1/v1.0/users",
        "https://localhost.elsewhere.invalid/x",
        "https://user@localhost/x",
        "//elsewhere.invalid/x",
        "https://[broken/x",
        "",
    ],
)
def test_a_link_to_another_host_is_refused_before_anything_is_sent(tmp_path: Path, link: str) -> None:
    """Whoever forges a next link must not be handed the tenant's token."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        with pytest.raises(ForeignLinkError):
            await reader.read(link, page_of, bucket="directory", units=1)
        assert tenant.tokens == 0

    _with(tmp_path, use)


def test_an_expired_token_is_renewed_once_for_all(tmp_path: Path) -> None:
    """Sixteen requests that meet an expired token at once must not sign in sixteen times."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> int:
        await _users(reader)
        tenant.on("/users", _error(401, "InvalidAuthenticationToken", "expired"), times=5)
        await asyncio.gather(*[_users(reader) for _ in range(5)])
        return tenant.tokens

    assert _with(tmp_path, use) in (2, 3)


def test_a_token_that_stays_refused_is_a_refused_credential(tmp_path: Path) -> None:
    """The app was deleted or disabled; reading on is hopeless."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("/users", _error(401, "InvalidAuthenticationToken", "revoked"))
        with pytest.raises(CredentialRefusedError):
            await _users(reader)

    _with(tmp_path, use)


def test_the_settings_decide_whom_to_trust(tmp_path: Path) -> None:
    """Without its authority the small tenant's certificate is nobody's."""

    async def main() -> None:
        async with SmallTenant(tmp_path, lists={"/users": USERS}) as tenant:
            settings = tenant.settings(ca_bundle_file=None)
            async with GraphClient(settings, connections=1) as client:
                pace = Pace(parallel_requests=1, quota_share=1.0)
                with pytest.raises(GraphUnreachableError):
                    await _users(GraphReader(client, pace, patience=QUICK))

    asyncio.run(main())


async def _members(reader: GraphReader, names: list[str]) -> dict[str, Page | ReadError]:
    paths = {name: f"/groups/{name}/members" for name in names}
    return await read_batch(reader, "beta", paths, page_of, bucket="directory", units=2)


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

    _with(tmp_path, use)


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

    _with(tmp_path, use)


def test_a_request_that_a_batch_leaves_out_is_asked_again_and_then_missed(tmp_path: Path) -> None:
    """An answer with eighteen of twenty is no answer for the other two."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on(
            "$batch", _body(b'{"responses":[{"id":"0","status":200,"headers":{},"body":{"value":[]}}]}')
        )
        found = await _members(reader, ["a", "b", "c", "d", "e"])
        kinds = [type(found[name]) for name in "abcde"]
        assert kinds == [Page, Page, Page, Page, ServerFaultError]

    _with(tmp_path, use)


def test_a_batch_that_never_comes_is_a_failure_for_each_of_its_requests(tmp_path: Path) -> None:
    """Nothing may be forgotten because its envelope was."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("$batch", _error(500, "x", "y"))
        found = await _members(reader, ["a", "b"])
        assert [type(found[name]) for name in "ab"] == [ServerFaultError, ServerFaultError]

    _with(tmp_path, use)


def test_bodies_inside_a_batch_stay_the_bytes_that_were_sent() -> None:
    """They become records like any other page."""
    body = (
        b'{"responses":[{"id":"1","status":200,"headers":{"Retry-After":"3"},"body":{"value":[{"d":2.50}]}}]}'
    )
    (answer,) = answers_of(body).values()
    assert answer == (200, {"retry-after": "3"}, b'{"value":[{"d":2.50}]}')


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"responses":{}}', b'{"responses":[{}]}', b'{"responses":[{"id":"x","status":200}]}',
     b'{"responses":[{"id":"1","status":200,"body":"no base64!"}]}'],
)  # fmt: skip
def test_an_answer_that_is_no_batch_is_malformed(body: bytes) -> None:
    """A guess would give one group's members to another."""
    with pytest.raises(MalformedPageError):
        answers_of(body)


def test_a_batch_holds_reads_and_nothing_else() -> None:
    """The archiver's only POST must not be able to write."""
    body = json.loads(body_of(["/a", "/b"]))
    assert body == {
        "requests": [{"id": "0", "method": "GET", "url": "/a"}, {"id": "1", "method": "GET", "url": "/b"}]
    }


def test_retry_after_may_be_seconds_or_a_date() -> None:
    """RFC 9110 allows both."""
    date = "Sat, 21 Nov 2026 10:00:00 GMT"
    assert retry_after_in({"retry-after": "17"}) == 17
    assert retry_after_in({"retry-after": "Sat, 21 Nov 2026 10:05:00 GMT", "date": date}) == 300
    assert retry_after_in({"retry-after": "soon", "date": date}) is None
    assert retry_after_in({}) is None


def test_an_errors_detail_is_graphs_own_words_and_bounded() -> None:
    """It stands in a signed gap that people read."""
    assert detail_of(403, b'{"error":{"code":"C","message":"M"}}') == "403 C: M"
    assert detail_of(502, b"<html>") == "502 no error that Graph would send"
    assert len(detail_of(500, json.dumps({"error": {"code": "C", "message": "x" * 9999}}).encode())) == 300


def test_501_does_not_pass() -> None:
    """A property that a list can't give is not given later either."""
    assert not trial_of(501, {}, b"").passing
