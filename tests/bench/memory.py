"""Peak memory of a process with all its children, sampled from /proc.

PSS counts a page that several processes share once, so that its sum over them is what the machine gives. The
peak of each process by itself (VmHWM) is the kernel's own and misses nothing between two samples.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import NamedTuple

from tests.bench.process import CommandFailedError

SAMPLE_SECONDS = 0.03


class Peak(NamedTuple):
    """In bytes: the largest sum of PSS, and the largest resident size of the parent and of each child."""

    together: int
    each: tuple[int, ...]


def peak_of(command: Sequence[str], folder: Path) -> Peak:
    """Runs a program and samples it.

    Raises:
        CommandFailedError: it failed.
    """
    together, each = 0, dict[int, int]()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            processes = tree_of(process.pid)
            together = max(together, sum(bytes_of(pid, "smaps_rollup", "Pss:") for pid in processes))
            for pid in processes:
                each[pid] = max(each.get(pid, 0), bytes_of(pid, "status", "VmHWM:"))
            sleep(SAMPLE_SECONDS)
        said = process.stderr.read() if process.stderr else b""
    if process.returncode:
        raise CommandFailedError(f"{' '.join(command)}: {said.decode('utf-8', 'replace')[-2000:]}")
    return Peak(together, tuple(each.values()))


def tree_of(root: int) -> list[int]:
    """A process and all below it. One that ends meanwhile is left out."""
    found = [root]
    for pid in found:
        with suppress(OSError):
            for task in (Path("/proc") / str(pid) / "task").iterdir():
                found += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return found


def bytes_of(pid: int, name: str, field: str) -> int:
    """A field of a file in /proc that is given in kB; 0 when the process has ended."""
    with suppress(OSError):
        for line in (Path("/proc") / str(pid) / name).read_text(encoding="ascii").splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0
