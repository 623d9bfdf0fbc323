"""One request: it goes to the configured origin alone, and its answer is bounded before it is in memory."""

from __future__ import annotations

import asyncio
import gc
import gzip
import resource
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from aiohttp import web

from archiver.graph.answer_body import AnswerBody
from archiver.graph.client import LIMITS, GraphClient, Limits, Response
from archiver.graph.errors import AnswerTooLargeError, ForeignLinkError, GraphUnreachableError, MalformedPageError
from archiver.graph.origin import is_at
from config.errors import SettingsError
from tests.graph.reading_kit import USERS
from tests.graph.small_tenant import SmallTenant

T = TypeVar("T")
KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE
CONNECTIONS = 2
HOME = "https://graph.example.org:8443"


def asking(folder: Path, use: Callable[[SmallTenant, GraphClient], Awaitable[T]], limits: Limits = LIMITS) -> T:
    """Runs `use` with a client of a small tenant."""

    async def main() -> T:
        tenant = SmallTenant(folder, lists={"/users": USERS})
        async with tenant, GraphClient(tenant.settings(), connections=CONNECTIONS, limits=limits) as client:
            return await use(tenant, client)

    return asyncio.run(main())


def users_from(folder: Path, answer: Callable[[], web.StreamResponse], limits: Limits = LIMITS) -> Response:
    """Asks for the users, who come as `answer`."""

    async def use(tenant: SmallTenant, client: GraphClient) -> Response:
        tenant.on("/users", answer)
        return await client.get(client.url_of("v1.0", "/users"))

    return asking(folder, use, limits)


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.example.org:8443/v1.0/users",
        "https://graph.example.org:8444/v1.0/users",
        "https://graph.example.org/v1.0/users",
        "https://user@graph.example.org:8443/v1.0/users",
        "https://:password@graph.example.org:8443/v1.0/users",
        "https://user:password@graph.example.org:8443/v1.0/users",
        "https://@graph.example.org:8443/v1.0/users",
        "https://graph.example.org.:8443/v1.0/users",
        "https://graph.example.org.elsewhere.invalid:8443/v1.0/users",
        "https://elsewhere.invalid:8443/graph.example.org:8443",
        "https://elsewhere.invalid:8443#@graph.example.org:8443",
        "https://graph.example.org:8443\\@elsewhere.invalid/",
        "https://graph.example.org:port/",
        "https://graph.example.org:99999/",
        "//graph.example.org:8443/v1.0/users",
        "/v1.0/users",
        "",
    ],
)
def test_a_url_that_differs_in_one_part_leaves_the_origin(url: str) -> None:
    """Each part alone decides who gets the token."""
    assert not is_at(url, HOME)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://graph.example.org:8443/v1.0/users?$top=1", HOME),
        ("HTTPS://GRAPH.Example.ORG:8443/v1.0/users", HOME),
        ("https://graph.example.org:443/v1.0/users", "https://graph.example.org"),
        ("https://graph.example.org/v1.0/users", "https://graph.example.org:443"),
        ("https://graph.example.org", "https://graph.example.org"),
    ],
)
def test_a_url_of_the_same_origin_may_be_written_otherwise(url: str, origin: str) -> None:
    """Letter case and the default port mean nothing (RFC 6454)."""
    assert is_at(url, origin)


def test_a_foreign_link_is_refused_before_anybody_signs_in(tmp_path: Path) -> None:
    """The client asks, whatever its caller does."""

    async def use(tenant: SmallTenant, client: GraphClient) -> int:
        with pytest.raises(ForeignLinkError):
            await client.get(tenant.origin.replace("https://", "https://user@") + "/v1.0/users")
        return tenant.tokens

    assert asking(tmp_path, use) == 0


def test_one_question_gets_through_while_all_requests_hang(tmp_path: Path) -> None:
    """It is the one that decides whether Graph is there at all."""

    async def use(tenant: SmallTenant, client: GraphClient) -> int:
        tenant.faults.append(lambda request: tenant.silence(request) if "/users" in request.path else None)
        hanging = [asyncio.create_task(client.get(client.url_of("v1.0", "/users"))) for _ in range(CONNECTIONS)]
        while len(tenant.asked) < CONNECTIONS:
            await asyncio.sleep(0.01)
        answer = await asyncio.wait_for(client.get(client.url_of("v1.0", "/organization")), 10)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        return answer.status

    assert asking(tmp_path, use) == 200


def test_an_endless_answer_is_cut_off_at_the_bound(tmp_path: Path) -> None:
    """Whoever answers in Graph's name must not decide how much memory the host has."""

    async def use(tenant: SmallTenant, client: GraphClient) -> None:
        tenant.faults.append(lambda request: tenant.flood(request) if "/users" in request.path else None)
        with pytest.raises(AnswerTooLargeError, match="larger than 1,048,576 bytes"):
            await client.get(client.url_of("v1.0", "/users"))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asking(tmp_path, use, Limits(answer_bytes=MEBIBYTE))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KIBIBYTE < 64 * MEBIBYTE


def test_an_answer_that_inflates_beyond_the_bound_is_cut_off(tmp_path: Path) -> None:
    """A megabyte on the wire may be a gigabyte in memory."""
    bomb = gzip.compress(b"\0" * (32 * MEBIBYTE))
    with pytest.raises(AnswerTooLargeError):
        users_from(
            tmp_path,
            lambda: web.Response(body=bomb, headers={"Content-Encoding": "gzip"}),
            Limits(answer_bytes=MEBIBYTE),
        )


def test_an_answer_of_just_the_bound_is_taken(tmp_path: Path) -> None:
    """Compressed or not."""
    text = b'{"value":[]}'.ljust(MEBIBYTE)
    limits = Limits(answer_bytes=MEBIBYTE)
    assert users_from(tmp_path, lambda: web.Response(body=text), limits).body == text
    packed = gzip.compress(text)
    answer = users_from(tmp_path, lambda: web.Response(body=packed, headers={"Content-Encoding": "gzip"}), limits)
    assert answer.body == text


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b'{"value":[]}')[:-4]),
        ("gzip", b'{"value":[]}'),
        ("gzip", gzip.compress(b'{"value":[]}') + b"more"),
        ("zstd", b'{"value":[]}'),
        ("deflate", zlib.compress(b'{"value":[]}')),
    ],
    ids=["cut", "plain", "more", "zstd", "deflate"],
)
def test_a_compression_that_is_damaged_or_was_not_asked_for_is_malformed(
    tmp_path: Path, encoding: str, body: bytes
) -> None:
    """Half a page must not pass for a whole one."""
    with pytest.raises(MalformedPageError):
        users_from(tmp_path, lambda: web.Response(body=body, headers={"Content-Encoding": encoding}))


def test_an_empty_body_of_any_encoding_is_empty(tmp_path: Path) -> None:
    """What it means is the reader's business."""
    answer = users_from(tmp_path, lambda: web.Response(body=b"", headers={"Content-Encoding": "gzip"}))
    assert answer == (200, answer.headers, b"")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_chunks_of_any_size_come_to_the_same_body(size: int) -> None:
    """The wire cuts where it likes."""
    text = bytes(range(256)) * 40
    packed = gzip.compress(text)
    body = AnswerBody("gzip", len(text))
    taken = b"".join(body.take(packed[at : at + size]) for at in range(0, len(packed), size))
    body.finish()
    assert taken == text


def test_an_endless_answer_of_the_login_authority_is_cut_off(tmp_path: Path) -> None:
    """It is asked before Graph is."""

    async def use(tenant: SmallTenant, client: GraphClient) -> None:
        tenant.authority_faults.append(tenant.flood)
        with pytest.raises(GraphUnreachableError, match="the login authority can't be reached"):
            await asyncio.wait_for(client.token(), 20)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asking(tmp_path, use)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * KIBIBYTE < 64 * MEBIBYTE


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "none"])
def test_an_authority_file_without_certificates_is_a_mistake_in_the_settings(
    tmp_path: Path, content: bytes | None
) -> None:
    """And not a failing disk."""
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    settings = SmallTenant(tmp_path).settings(ca_bundle_file=bundle, graph_url=HOME, authority_url=HOME)
    with pytest.raises(SettingsError, match="ca_bundle_file") as caught:
        GraphClient(settings, connections=1)
    assert "None" not in caught.value.message


def test_an_answer_is_freed_when_it_was_read(tmp_path: Path) -> None:
    """Sixteen of six megabytes are under way at once; the garbage collector counts objects and no bytes."""

    async def use(tenant: SmallTenant, client: GraphClient) -> list[object]:
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                await client.get(client.url_of("v1.0", "/users"))
            return [one for one in gc.get_objects() if isinstance(one, httpx.Response)]
        finally:
            gc.enable()

    assert asking(tmp_path, use) == []
