"""When a process was born: what tells it from a later one that got the same number, after a reboot too."""

from __future__ import annotations

from pathlib import Path

_PROC = Path("/proc")
_BOOT_ID = Path("sys/kernel/random/boot_id")  # random(4): another one after each boot
_START = 19
"""Field 22 of proc(5)'s stat (clock ticks after boot), counted from behind the name, which may hold anything."""


def birth_of(process: int, proc: Path = _PROC) -> str | None:
    """Returns the boot and the instant of a process's birth; None if it is gone or hidden, or the kernel is silent."""
    try:
        boot = (proc / _BOOT_ID).read_text("ascii").strip()
        fields = (proc / str(process) / "stat").read_bytes().rpartition(b")")[2].split()
        return f"{boot}/{int(fields[_START])}"
    except (OSError, ValueError, IndexError):
        return None
