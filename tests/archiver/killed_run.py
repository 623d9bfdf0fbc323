"""A run in a process of its own that kills itself at its Nth change to the file system, or counts them.

python killed_run.py SETTINGS N [TIME]      N = 0: no kill; prints how many changes there were
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from archiver.run import archive_run
from config.loading import load_settings
from tests.kill_switch import kill_at_change


def main(settings_file: str, kill_at: int, time: str | None = None) -> None:
    """Runs once; see the module."""
    settings = load_settings(Path(settings_file), {})
    changes = kill_at_change(kill_at, Path(settings_file).parent.parent)
    result = archive_run(settings, lambda: datetime.fromisoformat(time) if time else datetime.now(UTC))
    if result.error is not None:
        raise result.error
    print(changes())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
