"""Programs that are timed as a whole: from the call to the end of the last process."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

MAX_SHOWN_CHARACTERS = 2000
_READ_BYTES = 4 * 1024 * 1024
_UTIME = 11
"""Place of `utime` among the fields after the process's name, `stime` next to it (proc(5): 14 and 15)."""


class CommandFailedError(Exception):
    """A program that is timed ended with an unexpected status."""


class Timing(NamedTuple):
    """`wall` and `cpu` in seconds; `cpu` counts all child processes. `output` is standard output."""

    wall: float
    cpu: float
    output: bytes


def warm(folder: Path) -> None:
    """Reads all files of a folder, so that whoever reads them next finds them in memory."""
    for path in sorted(folder.iterdir()):
        with path.open("rb", buffering=0) as file:
            while file.read(_READ_BYTES):
                pass


def timed(
    command: Sequence[str], *, folder: Path, environ: Mapping[str, str] | None = None, expected: tuple[int, ...] = (0,)
) -> Timing:
    """Runs a program in `folder` with `environ` added to the environment.

    What others have left to be written is written first, so that nobody pays for it.

    Raises:
        CommandFailedError: its exit status is not an expected one.
    """
    os.sync()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environ or {})}, stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expected:
            output.seek(0)
            errors.seek(0)
            said = (output.read() + errors.read()).decode("utf-8", "replace")[-MAX_SHOWN_CHARACTERS:]
            raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}: {said}")
        output.seek(0)
        return Timing(wall, usage.ru_utime + usage.ru_stime, output.read())


def shell(line: str, *, folder: Path, environ: Mapping[str, str] | None = None) -> Timing:
    """Runs a line of bash; its status is that of the last program of a pipeline."""
    return timed(["bash", "-c", line], folder=folder, environ=environ)


def cpu_seconds_of(process_id: int) -> float:
    """Processor time that a running process has taken, all its threads, its children not (proc(5), stat)."""
    after_name = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, after_name[_UTIME : _UTIME + 2])) / os.sysconf("SC_CLK_TCK")


def first_line_of(command: Sequence[str]) -> str | None:
    """The first line that a program prints, None if it is not installed."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return next(iter((result.stdout or result.stderr).splitlines()), "").strip() or None
