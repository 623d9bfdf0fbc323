"""What the service does, and the times that it keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from apscheduler.triggers.base import BaseTrigger

from archiver.state.state_folder import StateFolder

RETRY_AFTER = timedelta(minutes=10)
"""A run that was killed, or that found no Graph or lost it, is tried once more after this."""
TICK_SECONDS = 60.0
"""Longest sleep: a clock that was set, or a machine that was suspended, is noticed after this."""
OUTBOX_SECONDS = 900.0
"""Between two tries to fill a store that was down."""
STOP_SECONDS = 90.0
"""What a run gets to end by itself when the service is stopped; deploy/systemd gives 120 to both together."""
TERMINATE_SECONDS = 15.0
LETTING_GO_SECONDS = 10.0
"""What the workers of a killed run get to end; until then they hold the lock that they inherited."""


class Duty(NamedTuple):
    """A kind of run, `name` in words: `trigger` gives its slots, `command` makes it."""

    name: str
    trigger: BaseTrigger
    command: Sequence[str]


@dataclass(frozen=True)
class ServicePlan:
    """What the service does: of `duties`, the first that has a slot.

    `finish_outbox` returns how many commits still wait; `say` takes what goes to the log of the service.
    """

    state: StateFolder
    duties: Sequence[Duty]
    finish_outbox: Callable[[], int]
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    tick_seconds: float = TICK_SECONDS
    outbox_seconds: float = OUTBOX_SECONDS
    stop_seconds: float = STOP_SECONDS
    terminate_seconds: float = TERMINATE_SECONDS
    letting_go_seconds: float = LETTING_GO_SECONDS
    retry_after: timedelta = RETRY_AFTER
