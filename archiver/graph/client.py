"""One request to Graph, bytes out: msgraph-sdk's adapter and middleware, without its models and retries.

The one module that imports msgraph, kiota and httpx. Retrying is `reader`'s work: kiota's handler gives up
on a `Retry-After` of 180 s or more and does not see dropped connections and truncated answers, so it is
switched off, and so are its redirects and its rewriting of links, which are opaque.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import httpx
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_abstractions.request_option import RequestOption
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import (
    ParametersNameDecodingHandlerOption,
    RedirectHandlerOption,
    ResponseHandlerOption,
    RetryHandlerOption,
    UrlReplaceHandlerOption,
)
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_request_adapter import options as sdk_options
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]  # ships no py.typed

from archiver.graph.answer_body import MAX_ANSWER_BYTES, AnswerBody
from archiver.graph.cloud import CLOUDS
from archiver.graph.credential import Credential
from archiver.graph.errors import ForeignLinkError, GraphUnreachableError
from archiver.graph.origin import is_at
from archiver.graph.trouble import next_step_of, words_of
from config.errors import SettingsError
from config.tenant import TenantSettings

SPARE_CONNECTIONS = 1
"""Connections beyond the parallel requests: one question must get through while all others hang."""
_LOW_PRIORITY = {"x-ms-throttle-priority": "Low"}  # a backup gives way (Microsoft Learn, throttling limits)


class Limits(NamedTuple):
    """What one request may take.

    `read_seconds`: without a byte, before a connection counts as dead; kiota's own default. `request_seconds`:
    for one request and its whole answer; a page of 6 MB over 1 Mbit/s takes 50.
    """

    connect_seconds: float = 30.0
    read_seconds: float = 100.0
    request_seconds: float = 600.0
    answer_bytes: int = MAX_ANSWER_BYTES


LIMITS = Limits()
_CLOSING_SECONDS = 0.05
"""For the loop to close what was cancelled in a TLS handshake: asyncio does that some steps after it was asked to."""


class Response(NamedTuple):
    """An answer; the names of `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GraphClient:
    """Sends requests to the configured Graph host and to no other. Use as an async context manager."""

    def __init__(self, tenant: TenantSettings, *, connections: int, limits: Limits = LIMITS) -> None:
        """`connections` is the greatest number of requests under way at once.

        Raises:
            CredentialRefusedError: the files of `tenant.credential` give no credential.
            SettingsError: `tenant.ca_bundle_file` holds no certificates.
        """
        self.origin = tenant.graph_url or CLOUDS[tenant.cloud].graph
        self._tenant = tenant
        self._limits = limits
        self._credential = Credential(tenant)
        connections += SPARE_CONNECTIONS
        self._http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(
                verify=_trust_of(tenant),
                timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds, pool=None),
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                event_hooks={"response": [self._bound]},
            ),
            options=_options(),
        )
        self._adapter = GraphRequestAdapter(
            AzureIdentityAuthenticationProvider(
                self._credential, scopes=[self._credential.scope], allowed_hosts=[urlsplit(self.origin).hostname or ""]
            ),
            self._http,
        )
        self._adapter.base_url = self.origin

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # msgraph-core's transport does not close the one that it wraps, so that is done here.
        for wrapping in (self._http._transport, *self._http._mounts.values()):
            inner = getattr(wrapping, "transport", None)
            if isinstance(inner, httpx.AsyncBaseTransport):
                await inner.aclose()
        await self._http.aclose()
        await self._credential.close()
        await asyncio.sleep(_CLOSING_SECONDS)

    def url_of(self, version: str, path_and_query: str) -> str:
        """Gives the URL of a path such as `/users?$top=999` in `v1.0` or `beta`."""
        return f"{self.origin}/{version}{path_and_query}"

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Sends a GET.

        Raises:
            ForeignLinkError: the URL leaves the configured host; nothing was sent.
            GraphUnreachableError: no whole answer came.
            CredentialRefusedError: no token could be had.
            MalformedPageError: the answer is too large, or its compression is damaged.
        """
        return await self._send(Method.GET, url, headers or {}, None)

    async def post(self, url: str, body: bytes) -> Response:
        """Sends a POST of JSON; used for `$batch` of reads and for an action that only reads.

        Raises:
            ForeignLinkError, GraphUnreachableError, CredentialRefusedError, MalformedPageError: as `get`.
        """
        return await self._send(Method.POST, url, {"Content-Type": "application/json"}, body)

    async def token(self) -> str:
        """Gives the access token, to see what the app was granted.

        Raises:
            CredentialRefusedError, GraphUnreachableError: no token could be had.
        """
        return await self._credential.token()

    @property
    def generation(self) -> int:
        """Which token is in use, counted from 0; to be read before sending and given to `renew`."""
        return self._credential.generation

    def renew(self, generation: int) -> None:
        """Drops the token of this generation, so that the next request brings a new one.

        Raises:
            CredentialRefusedError: the files of the credential give none any more.
        """
        self._credential.renew(generation)

    async def _send(self, method: Method, url: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        self._refuse_foreign(url)
        request = RequestInformation()
        request.http_method = method
        request.url = url
        request.headers = HeadersCollection()
        own = {"Accept": "application/json", "Accept-Encoding": "gzip", **_LOW_PRIORITY}
        for name, value in {**own, **headers}.items():
            request.headers.add(name, value)
        request.content = body
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                answer = await self._adapter.send_primitive_async(request, "bytes", {})
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:  # TimeoutError is an OSError
            raise GraphUnreachableError(
                f"no answer from {self.origin}: {words_of(error)}", next_step=next_step_of(error, self._tenant)
            ) from error
        except httpx.InvalidURL as error:
            raise ForeignLinkError(f"a link is no URL: {error}") from error
        if not isinstance(answer, httpx.Response):
            raise GraphUnreachableError(f"no answer from {self.origin}")
        return Response(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)

    async def _bound(self, response: httpx.Response) -> None:
        """Has the body inflated and bounded here, before httpx gathers it in memory."""
        body = AnswerBody(response.headers.pop("content-encoding", ""), self._limits.answer_bytes)
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise GraphUnreachableError(f"no answer from {self.origin}")
        response.stream = _BoundedStream(response.stream, body)

    def _refuse_foreign(self, url: str) -> None:
        """A token must not leave the host that the settings name, whatever a next link says."""
        if not is_at(url, self.origin):
            raise ForeignLinkError(f"a link leads away from {self.origin}: {url[:200]!r}")


class _BoundedStream(httpx.AsyncByteStream):
    """A stream of the wire's chunks, as `body` gives them on.

    The wire's stream knows the response, and the response this one. That circle is broken at the end, so that a body
    of megabytes is freed when it was read and not when the garbage collector comes by.
    """

    def __init__(self, wire: httpx.AsyncByteStream, body: AnswerBody) -> None:
        self._wire: httpx.AsyncByteStream | None = wire
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._wire is None:
            raise httpx.StreamClosed
        async for chunk in self._wire:
            yield self._body.take(chunk)
        self._body.finish()

    async def aclose(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.aclose()


def _trust_of(tenant: TenantSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=tenant.ca_bundle_file)
    except OSError as error:  # ssl.SSLError is one: a file without certificates
        raise SettingsError(
            f"tenant.ca_bundle_file {tenant.ca_bundle_file} gives no certificates: {error.strerror}.",
            next_step="Name a readable file of PEM certificates, or remove the setting.",
        ) from error


def _options() -> dict[str, RequestOption]:
    own: list[RequestOption] = [
        RetryHandlerOption(max_retries=0, should_retry=False),
        RedirectHandlerOption(should_redirect=False),
        ParametersNameDecodingHandlerOption(enable=False),
        UrlReplaceHandlerOption(enabled=False),
    ]
    return {**sdk_options, **{option.get_key(): option for option in own}}
