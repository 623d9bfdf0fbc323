"""A receipt: what a store confirmed about one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Receipt:
    """A file is acknowledged: the store has confirmed these bytes under this name.

    `retain_until` is None where the store enforces no retention (`mode` "none"). Acknowledged is not
    observed: that another identity has read the bytes and the lock back is a statement of its own.
    """

    store: str
    name: str
    sha256: str
    bytes: int
    mode: str
    retain_until: datetime | None
