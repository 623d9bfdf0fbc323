"""A client made of Microsoft's own libraries: azure-identity's credential and msgraph-sdk's request adapter."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
from azure.identity.aio import CertificateCredential
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from kiota_http.middleware.options import ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]  # ships no py.typed

from recovery.rehearsal.serving.process import RunningTenant

SCOPE = "https://graph.microsoft.com/.default"
TIMEOUT_SECONDS = 20.0
CLOSING_SECONDS = 0.05
"""aiohttp, under azure-identity, closes a TLS connection only in a later turn of the event loop."""


class Got(NamedTuple):
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def values(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json["value"]
        return found

    @property
    def error_code(self) -> str:
        return str(self.json["error"]["code"])


def credential_options(tenant: RunningTenant) -> dict[str, Any]:
    """What azure-identity must be told to sign in at the simulated authority."""
    return {
        "authority": tenant.authority_url,
        "disable_instance_discovery": True,
        "connection_verify": str(tenant.ca_bundle_file),
    }


class SdkClient:
    """Sends requests through one GraphRequestAdapter and one token; close it. `retries` is kiota's retry limit."""

    def __init__(self, tenant: RunningTenant, *, retries: int = 0) -> None:
        self._runner = asyncio.Runner()
        self._session = self._runner.run(AdapterSession(tenant, retries).__aenter__())

    def close(self) -> None:
        self._runner.run(self._session.__aexit__())
        self._runner.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Got:
        """GET of `/v1.0/...`, or of a whole URL such as a next link."""
        return self._runner.run(self._session.send(path, headers or {}))

    def all(self, path: str) -> list[dict[str, Any]]:
        """All objects of a listing, links followed."""
        found: list[dict[str, Any]] = []
        while path:
            got = self.get(path)
            found += got.values
            path = str(got.json.get("@odata.nextLink", ""))
        return found

    def each(self, *paths: str) -> list[Got]:
        """Several GETs, one after the other."""
        return [self.get(path) for path in paths]

    def together(self, *paths: str) -> list[Got]:
        """Several GETs at the same time."""

        async def gathered() -> list[Got]:
            return await asyncio.gather(*(self._session.send(path, {}) for path in paths))

        return self._runner.run(gathered())

    def batch(self, requests: list[dict[str, Any]], version: str = "v1.0") -> Got:
        """POST of `$batch`."""
        content = json.dumps({"requests": requests}).encode()
        return self._runner.run(self._session.send(f"/{version}/$batch", {}, Method.POST, content))


class AdapterSession:
    """One request adapter of msgraph-sdk with its credential, as an asynchronous context."""

    def __init__(self, tenant: RunningTenant, retries: int) -> None:
        self._origin = tenant.graph_url
        self._retries = retries
        self._credential = CertificateCredential(
            tenant.tenant_id, tenant.client_id, str(tenant.certificate_file), **credential_options(tenant)
        )
        context = ssl.create_default_context(cafile=str(tenant.ca_bundle_file))
        self._inner = httpx.AsyncHTTPTransport(verify=context)
        client = httpx.AsyncClient(transport=self._inner, base_url=self._origin, timeout=TIMEOUT_SECONDS)
        self._http = GraphClientFactory.create_with_default_middleware(client=client, options=options)
        provider = AzureIdentityAuthenticationProvider(self._credential, scopes=[SCOPE], allowed_hosts=["localhost"])
        self.request_adapter = GraphRequestAdapter(provider, self._http)
        self.request_adapter.base_url = f"{self._origin}/v1.0"

    async def __aenter__(self) -> AdapterSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        # msgraph-core's transport does not close the one that it wraps.
        await self._inner.aclose()
        await self._http.aclose()
        await self._credential.close()
        await asyncio.sleep(CLOSING_SECONDS)

    async def send(
        self, path: str, headers: Mapping[str, str], method: Method = Method.GET, content: bytes = b""
    ) -> Got:
        information = RequestInformation()
        information.http_method = method
        information.url = path if path.startswith("https://") else f"{self._origin}{path}"
        information.headers = HeadersCollection()
        for name, value in headers.items():
            information.headers.add(name, value)
        if content:
            information.set_stream_content(content, "application/json")
        handler = ResponseHandlerOption(NativeResponseHandler())
        information.add_request_options([handler, RetryHandlerOption(max_retries=self._retries)])
        response: Any = await self.request_adapter.send_primitive_async(information, "bytes", {})
        return Got(response.status_code, dict(response.headers), response.content)


def adapter_of(tenant: RunningTenant) -> AdapterSession:
    """The adapter for those who want the typed client."""
    return AdapterSession(tenant, 0)
