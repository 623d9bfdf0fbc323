"""Runs a `strongroom` command line in a process that counts what it reads from the archive.

    python -m tests.bench.counting FILE show ARCHIVE ...

FILE gets a JSON document: how many bytes, in how many reads.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from strongroom.__main__ import main
from verify.store import DirectoryReader


def run(target: Path, command: list[str]) -> int:
    """Carries the command out and writes the count."""
    sizes: list[int] = []
    read = DirectoryReader.read

    def counted(self: DirectoryReader, name: str, offset: int, length: int) -> bytes:
        content = read(self, name, offset, length)
        sizes.append(len(content))
        return content

    DirectoryReader.read = counted  # type: ignore[method-assign]
    status = main(command)
    target.write_text(json.dumps({"bytes": sum(sizes), "reads": len(sizes)}), encoding="ascii")
    return status


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
