"""A wish: what wakes the service, or the watch over a run of its own."""

from __future__ import annotations

from enum import Enum


class Wish(Enum):
    """What wakes the service."""

    DUE = "due"
    ENDED = "ended"
    STOP = "stop"
