"""A run in a process of its own that kills itself at its Nth change to the file system, or counts them.

    python killed_run.py SETTINGS N      N = 0: no kill; prints how many changes there were

The changes are the interpreter's own audit events (PEP 578), so that the product needs no seam for this.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.run import archive_run
from config.loading import load_settings

CHANGES = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main(settings_file: str, kill_at: int) -> None:
    """Runs once; see the module."""
    settings = load_settings(Path(settings_file), {})
    base = str(Path(settings_file).parent.parent)
    process = os.getpid()
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if not (writes or event in CHANGES) or os.getpid() != process:
            return
        path = arguments[0]
        if isinstance(path, int) or not str(Path(os.fsdecode(path)).absolute()).startswith(base):
            return
        seen += 1
        if seen == kill_at:
            os.kill(process, signal.SIGKILL)

    sys.addaudithook(watch)
    result = archive_run(settings, lambda: datetime.now(UTC))
    if result.error is not None:
        raise result.error
    print(seen)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
