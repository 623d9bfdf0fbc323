"""The way to the login authority: azure-core's own transport, with a bound on what an answer may hold."""

from __future__ import annotations

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

MAX_SIGN_IN_BYTES = 256 * 1024
"""Bytes of an answer of the authority as they come; a token with every role of Graph is about 20,000."""


class _BoundedAnswer(aiohttp.ClientResponse):
    """An answer that gives up when it has read more than a token and its surroundings can be."""

    async def read(self) -> bytes:
        body = bytearray()
        async for chunk in self.content.iter_any():
            body += chunk
            if len(body) > MAX_SIGN_IN_BYTES:
                self.close()
                raise aiohttp.ClientPayloadError(f"the answer is larger than {MAX_SIGN_IN_BYTES:,} bytes")
        return bytes(body)


class SignInTransport(AioHttpTransport):  # type: ignore[misc]  # azure-core gives the class at run time only
    """Sends the requests of azure-identity."""

    session: aiohttp.ClientSession | None

    async def open(self) -> None:
        """Opens the session that the base class would make, with answers that are bounded."""
        if not self.session:
            self.session = aiohttp.ClientSession(
                trust_env=True,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                response_class=_BoundedAnswer,
            )
        await super().open()
