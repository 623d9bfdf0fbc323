"""State tokens of change tracking: what a round asks for and where it is, in text that nobody can read or forge."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import blake2b, shake_256

import msgspec

from recovery.rehearsal.graph.refusal import Refusal

TAG_BYTES = 16


class State(msgspec.Struct, frozen=True, array_like=True):
    """A place in a round of change tracking, of one collection and version.

    `select` and `ids` are what the first request asked for. The round tells of the alterations after the journal's
    entry `since` up to `until`; without `since` it lists everything. `since_at` is the tenant's time from which on
    the token's age counts. `place` and `offset` are the object, and which of its links, that the next page begins
    with. `finished` is a delta link's state: the next round begins there. `before` is where the round before began,
    if it told of alterations and listed nothing.
    """

    collection: str
    version: str
    select: tuple[str, ...] | None
    ids: tuple[str, ...] | None
    since: int | None
    since_at: int
    until: int
    until_at: int
    place: int = 0
    offset: int = 0
    finished: bool = False
    before: int | None = None


class StateTokens:
    """Writes states as tokens of one tenant and reads them. The key comes from the tenant: opaque, not secret."""

    def __init__(self, tenant_id: str) -> None:
        self._key = blake2b(f"delta|{tenant_id}".encode(), digest_size=32).digest()

    def token_of(self, state: State) -> str:
        """The token of a state."""
        body = msgspec.json.encode(state)
        tag = self._tag(body)
        return urlsafe_b64encode(tag + self._veil(body, tag)).rstrip(b"=").decode()

    def state_of(self, token: str) -> State:
        """The state in a token. Raises: Refusal (400) when the token is made up or another tenant's."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            tag, body = raw[:TAG_BYTES], self._veil(raw[TAG_BYTES:], raw[:TAG_BYTES])
            if not hmac.compare_digest(self._tag(body), tag):
                raise malformed_token()
            return msgspec.json.decode(body, type=State)
        except (Base64Error, ValueError, msgspec.MsgspecError) as error:
            raise malformed_token() from error

    def _tag(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=TAG_BYTES).digest()

    def _veil(self, body: bytes, tag: bytes) -> bytes:
        pad = shake_256(self._key + tag).digest(len(body))
        return bytes(a ^ b for a, b in zip(body, pad, strict=True))


def malformed_token() -> Refusal:
    """Graph's answer to a state token that it did not write."""
    return Refusal(400, "Request_BadRequest", "Badly formed token.")
