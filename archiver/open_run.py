"""A run that holds the state, with everything opened that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting
from config.settings import Settings


@dataclass(frozen=True)
class OpenRun:
    """`say` takes what goes on, `watch` every second how far the reading is; `started_at` is when it got the state."""

    settings: Settings
    state: StateFolder
    vaulting: Vaulting
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    watch: Callable[[str], None] | None
    started_at: datetime
