"""Reproducible draws: the same seed, kind and index always give the same object.

Nothing here is secret, and nothing here is used for keys: it only decides what the simulated people are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, shake_256
from typing import TypeVar

_T = TypeVar("_T")

POOL_BYTES = 64
"""Bytes drawn at once: one BLAKE2b digest (RFC 7693), enough for the 40 or so draws of a user."""

_LOW_POOL = 1 << 64

REFERENCE_AT = datetime(2026, 11, 1, tzinfo=UTC)
"""The simulated tenant's first day. Dates inside objects lean on it and never on the machine's clock."""

REFERENCE_SECONDS = int(REFERENCE_AT.timestamp())


def guid_of(*name: object) -> str:
    """A random-looking GUID (RFC 9562 version 4 layout) that depends on nothing but `name`."""
    text = blake2b("|".join(map(str, name)).encode(), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:]}"


def bytes_of(count: int, *name: object) -> bytes:
    """`count` random-looking bytes that depend on nothing but `name`."""
    return shake_256("|".join(map(str, name)).encode()).digest(count)


class Draw:
    """A stream of small decisions that depends on nothing but its name."""

    __slots__ = ("_name", "_pool", "_refills")

    def __init__(self, *name: object) -> None:
        self._name = "|".join(map(str, name))
        self._refills = 0
        self._pool = int.from_bytes(blake2b(self._name.encode(), digest_size=POOL_BYTES).digest(), "little")

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        if self._pool < _LOW_POOL:
            self._refills += 1
            fresh = blake2b(f"{self._name}#{self._refills}".encode(), digest_size=POOL_BYTES).digest()
            self._pool = int.from_bytes(fresh, "little")
        self._pool, value = divmod(self._pool, limit)
        return value

    def chance(self, per_mille: int) -> bool:
        """True in `per_mille` of 1,000 cases."""
        return self.below(1000) < per_mille

    def pick(self, items: Sequence[_T]) -> _T:
        return items[self.below(len(items))]

    def share(self) -> float:
        """A number above 0 and at most 1."""
        return (self.below(1_000_000) + 1) / 1_000_000

    def past(self, days: int, *, not_before: int = 0) -> str:
        """An instant between `days` and `not_before` days before the tenant's first day, to the second."""
        seconds = not_before * 86_400 + self.below((days - not_before) * 86_400)
        return instant_of(REFERENCE_SECONDS - seconds)

    def past_fine(self, days: int) -> str:
        """Like `past`, with the seven fraction digits that Graph's policy services print."""
        return f"{self.past(days)[:-1]}.{self.below(9_999_999) + 1:07d}Z"


def instant_of(seconds: int) -> str:
    """RFC 3339 text, UTC, whole seconds, of Unix time `seconds`."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
