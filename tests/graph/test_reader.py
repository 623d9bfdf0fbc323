"""Reading over real TLS through the real SDK, while the other side misbehaves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from archiver.graph.client import LIMITS, GraphClient
from archiver.graph.errors import (
    AnswerTooLargeError,
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
from archiver.graph.patience import Patience
from archiver.graph.reader import GraphReader, detail_of, retry_after_in, trial_of
from tests.graph.reading_kit import QUICK, USERS, body_answer, error_answer, reading
from tests.graph.small_tenant import SmallTenant


async def _users(reader: GraphReader) -> Page:
    return await reader.read(reader.client.url_of("v1.0", "/users"), page_of, bucket="directory", units=1)


def test_a_page_comes_as_the_bytes_that_were_sent(tmp_path: Path) -> None:
    """Records are hashed from these bytes; models would rewrite dates and drop nulls."""
    body = '{"value":[{"id":"1","t":"2024-01-01T00:00:00.1234567Z","n":null,"d":2.50,"x":"\u00e9"}]}'.encode()

    async def use(tenant: SmallTenant, reader: GraphReader) -> bytes:
        tenant.on("/users", body_answer(body))
        return (await _users(reader)).values

    assert reading(tmp_path, use) == body[len('{"value":') : -1]


@pytest.mark.parametrize(
    "fault",
    [
        error_answer(503, "ServiceUnavailable", "busy"),
        error_answer(504, "GatewayTimeout", "slow"),
        error_answer(500, "InternalServerError", "oops"),
        body_answer(b""),
        body_answer(b'{"value":[{"id":"u0"}'),
        body_answer(b"<html>busy</html>"),
    ],
    ids=["503", "504", "500", "empty", "truncated", "html"],
)
def test_a_passing_fault_costs_nothing_but_time(tmp_path: Path, fault: Callable[[], web.StreamResponse]) -> None:
    """Graph has such moments every night."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> Page:
        tenant.on("/users", fault, times=2)
        return await _users(reader)

    assert json.loads(reading(tmp_path, use).values) == USERS


def test_a_dropped_connection_is_asked_again(tmp_path: Path) -> None:
    """The SDK's own retry does not see these."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> Page:
        tenant.reset_on("/users", times=2)
        return await _users(reader)

    assert json.loads(reading(tmp_path, use).values) == USERS


@pytest.mark.parametrize(
    ("fault", "error", "reason", "exit_status"),
    [
        (error_answer(500, "InternalServerError", "oops"), ServerFaultError, "server-error", 13),
        (body_answer(b'{"value":[{"id":'), MalformedPageError, "malformed-page", 35),
        (body_answer(b'{"value":[],"value":[]}'), MalformedPageError, "malformed-page", 35),
        (error_answer(403, "Authorization_RequestDenied", "no"), PermissionMissingError, "forbidden", 12),
        (
            error_answer(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "no premium license"),
            LicenceMissingError,
            "licence-missing",
            12,
        ),
        (
            error_answer(403, "AccessDenied", "Application-only authentication context is not allowed"),
            DelegatedOnlyError,
            "delegated-only",
            12,
        ),
        (error_answer(404, "Request_ResourceNotFound", "gone"), NotFoundError, "not-found", 13),
        (lambda: web.Response(status=404, text="<html>"), ServerFaultError, "server-error", 13),
        (lambda: web.json_response({"message": "no route"}, status=404), ServerFaultError, "server-error", 13),
        (error_answer(400, "BadRequest", "no such property"), RequestRefusedError, "server-error", 13),
        (
            error_answer(302, "Found", "elsewhere", Location="https://elsewhere.invalid/"),
            ServerFaultError,
            "server-error",
            13,
        ),
    ],
    ids=[
        "500",
        "truncated",
        "twice",
        "403",
        "licence",
        "delegated",
        "404",
        "a page's 404",
        "a gateway's 404",
        "400",
        "redirect",
    ],
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

    reading(tmp_path, use)


def test_a_refusal_is_not_asked_again(tmp_path: Path) -> None:
    """403 stays 403, and asking costs quota."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> int:
        tenant.on("/users", error_answer(403, "Authorization_RequestDenied", "no"))
        with pytest.raises(PermissionMissingError):
            await _users(reader)
        return len(tenant.asked)

    assert reading(tmp_path, use) == 1


def test_an_answer_that_is_too_large_is_not_asked_again(tmp_path: Path) -> None:
    """Eight times 64 MiB would tell no more than one."""

    async def main() -> int:
        async with SmallTenant(tmp_path, lists={"/users": USERS}) as tenant:
            async with GraphClient(tenant.settings(), connections=1, limits=LIMITS._replace(answer_bytes=10)) as client:
                reader = GraphReader(client, Pace(parallel_requests=1, quota_share=1.0), patience=QUICK)
                with pytest.raises(AnswerTooLargeError) as caught:
                    await _users(reader)
            assert (caught.value.reason, caught.value.exit_status) == ("malformed-page", 35)
            return len(tenant.asked)

    assert asyncio.run(main()) == 1


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    """Asking earlier makes Graph angrier."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> float:
        tenant.on("/users", error_answer(429, "TooManyRequests", "slow down", **{"Retry-After": "1"}), times=1)
        started = time.monotonic()
        await _users(reader)
        assert reader.traffic.throttled == 1
        return time.monotonic() - started

    assert 1.0 <= reading(tmp_path, use) < 3.0


def test_throttling_beyond_the_deadline_is_a_gap(tmp_path: Path) -> None:
    """A run has to end before the next begins."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("/users", error_answer(429, "TooManyRequests", "slow down", **{"Retry-After": "300"}))
        with pytest.raises(ThrottledOutError):
            await _users(reader)

    reading(tmp_path, use, patience=Patience(deadline_seconds=5))


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    """DNS, firewall, proxy: the operator's first question."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.reset_on("/users", times=1000)
        with pytest.raises(GraphUnreachableError):
            await _users(reader)

    reading(tmp_path, use)


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

    reading(tmp_path, use)


def test_an_expired_token_is_renewed_once_for_all(tmp_path: Path) -> None:
    """Sixteen requests that meet an expired token at once must not sign in sixteen times."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> int:
        await _users(reader)
        tenant.on("/users", error_answer(401, "InvalidAuthenticationToken", "expired"), times=5)
        await asyncio.gather(*[_users(reader) for _ in range(5)])
        return tenant.tokens

    assert reading(tmp_path, use) in (2, 3)


def test_a_token_that_stays_refused_is_a_refused_credential(tmp_path: Path) -> None:
    """The app was deleted or disabled; reading on is hopeless."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> None:
        tenant.on("/users", error_answer(401, "InvalidAuthenticationToken", "revoked"))
        with pytest.raises(CredentialRefusedError):
            await _users(reader)

    reading(tmp_path, use)


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


def test_retry_after_may_be_seconds_or_a_date() -> None:
    """RFC 9110 allows both."""
    date = "Sat, 21 Nov 2026 10:00:00 GMT"
    assert retry_after_in({"retry-after": "17"}) == 17
    assert retry_after_in({"retry-after": "Sat, 21 Nov 2026 10:05:00 GMT", "date": date}) == 300
    assert retry_after_in({"retry-after": "soon", "date": date}) is None
    assert retry_after_in({}) is None


@pytest.mark.parametrize("asked", ["86400000", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_beyond_all_bounds_is_a_long_one(asked: str) -> None:
    """Taken for none, it would be answered with a question a second later."""
    assert retry_after_in({"retry-after": asked, "date": "Sat, 21 Nov 2026 10:00:00 GMT"}) == 1e6


STRANGE_DATES = [
    "Fri, 31 Dec 9999 23:59:59 -1200",
    "Fri, 31 Dec 2026 23:59:59 +99999999999999",
    "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
    "Fri, 99 Foo",
    "",
]


@pytest.mark.parametrize("date", STRANGE_DATES)
def test_a_date_that_no_clock_shows_is_none(tmp_path: Path, date: str) -> None:
    """A proxy's header must not end a run that has all of the tenant."""

    async def use(tenant: SmallTenant, reader: GraphReader) -> Page:
        tenant.on("/users", body_answer(b'{"value":[]}', Date=date))
        page = await _users(reader)
        assert reader.traffic.graph_date is None
        return page

    assert reading(tmp_path, use).values == b"[]"
    assert retry_after_in({"retry-after": date, "date": "Sat, 21 Nov 2026 10:00:00 GMT"}) is None
    assert retry_after_in({"retry-after": "Sat, 21 Nov 2026 10:05:00 GMT", "date": date}) is None


def test_a_wait_beyond_patience_ends_all_who_wait_for_it(tmp_path: Path) -> None:
    """One 429 that asks for a day: nobody sleeps for it, and a question to another bucket is answered."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await asyncio.sleep(0)

    async def main() -> list[object]:
        tenant = SmallTenant(tmp_path, lists={"/users": USERS})
        tenant.on("/users", error_answer(429, "TooManyRequests", "slow", **{"Retry-After": "86400"}), times=1)
        async with tenant, GraphClient(tenant.settings(), connections=1) as client:
            pace = Pace(parallel_requests=1, quota_share=1.0, clock=lambda: now[0], sleep=sleep)
            reader = GraphReader(client, pace, clock=lambda: now[0], sleep=sleep)
            results = await asyncio.gather(*[_users(reader) for _ in range(30)], return_exceptions=True)
            results += await asyncio.gather(_users(reader), return_exceptions=True)
            url = client.url_of("v1.0", "/users")
            return [*results, await reader.read(url, page_of, bucket="other", units=1)]

    *throttled, page = asyncio.run(main())
    assert {type(result) for result in throttled} == {ThrottledOutError}
    assert isinstance(page, Page)
    assert now[0] <= Patience().deadline_seconds


def test_an_errors_detail_is_graphs_own_words_and_bounded() -> None:
    """It stands in a signed gap that people read."""
    assert detail_of(403, b'{"error":{"code":"C","message":"M"}}') == "403 C: M"
    assert detail_of(502, b"<html>") == "502 no error that Graph would send"
    assert len(detail_of(500, json.dumps({"error": {"code": "C", "message": "x" * 9999}}).encode())) == 300


def test_501_does_not_pass() -> None:
    """A property that a list can't give is not given later either."""
    assert not trial_of(501, {}, b"").passing
