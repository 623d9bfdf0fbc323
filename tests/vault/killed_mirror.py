"""A mirror in a process of its own that kills itself at its Nth change to the file system, or counts them.

python killed_mirror.py ARCHIVE FINGERPRINT TARGET N      N = 0: no kill; prints how many changes there were
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.kill_switch import kill_at_change
from vault.mirror import mirror
from verify.archive import Archive
from verify.store import DirectoryReader


def main(source: str, fingerprint: str, target: str, kill_at: int) -> None:
    """Mirrors once; see the module."""
    archive = Archive.open(DirectoryReader(Path(source)), fingerprint)
    changes = kill_at_change(kill_at, Path(target))
    mirror(archive, Path(target), since=1, now=datetime.now(UTC))
    print(changes())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
