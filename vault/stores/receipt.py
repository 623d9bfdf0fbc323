"""A receipt: what a store confirmed about one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Receipt:
    """A file is acknowledged: the store has confirmed the bytes, `bytes` of them, under the name that was asked for.

    `retain_until` is until when the store keeps them locked, None where it enforces no retention. Acknowledged is
    not observed: that another identity has read the bytes and the lock back is a statement of its own.
    """

    bytes: int
    retain_until: datetime | None
