"""Opaque skip tokens: a place in a listing, bound to the request that it continues."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b

from recovery.rehearsal.graph.refusal import Refusal

TAG_BYTES = 16
PLACE_BYTES = 8


class Cursor:
    """Makes and reads skip tokens. The key comes from the seed: tokens are opaque, not secret, and repeatable."""

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"cursor|{seed}".encode(), digest_size=32).digest()

    def token_of(self, request: str, place: int) -> str:
        """The token that continues `request` (version, path and query without token) at `place`."""
        body = place.to_bytes(PLACE_BYTES, "big")
        return urlsafe_b64encode(self._veil(body, request) + self._tag(body, request)).rstrip(b"=").decode()

    def place_of(self, request: str, token: str) -> int:
        """The place that `token` names. Raises: Refusal (400) when the token was made for another request."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (Base64Error, ValueError) as error:
            raise expired_token() from error
        body = self._veil(raw[:PLACE_BYTES], request)
        if len(raw) != PLACE_BYTES + TAG_BYTES or not hmac.compare_digest(self._tag(body, request), raw[PLACE_BYTES:]):
            raise expired_token()
        return int.from_bytes(body, "big")

    def _tag(self, body: bytes, request: str) -> bytes:
        return blake2b(body + request.encode(), key=self._key, digest_size=TAG_BYTES).digest()

    def _veil(self, body: bytes, request: str) -> bytes:
        pad = blake2b(b"veil" + request.encode(), key=self._key, digest_size=PLACE_BYTES).digest()
        return bytes(a ^ b for a, b in zip(body, pad, strict=False))


def expired_token() -> Refusal:
    """Graph's answer to a skip token that it does not know, or no longer."""
    return Refusal(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )
