"""A process that kills itself at its Nth change to the file system, for tests of what a kill leaves behind.

The changes are the interpreter's own audit events (PEP 578), so that the product needs no seam for this.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kill_at_change(number: int, base: Path) -> Callable[[], int]:
    """Kills this process at its `number`th change below `base`, never for 0; returns what counts the changes."""
    process, folder = os.getpid(), str(base)
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if not (writes or event in CHANGES) or os.getpid() != process:
            return
        path = arguments[0]
        if isinstance(path, int) or not str(Path(os.fsdecode(path)).absolute()).startswith(folder):
            return
        seen += 1
        if seen == number:
            os.kill(process, signal.SIGKILL)

    sys.addaudithook(watch)
    return lambda: seen
