"""How a program went from its start to its end: its memory over time, and what it said about its progress.

Its standard error is a terminal, because progress is shown on nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import NamedTuple

from tests.bench.memory import bytes_of, tree_of
from tests.bench.process import MAX_SHOWN_CHARACTERS, CommandFailedError

READING, SEALING = "reading", "sealing"
_LINE_ENDS = re.compile(r"[\r\n]|\x1b\[[0-9;]*[A-Za-z]")
_LEFT = re.compile(r"(?:about|at least|to) ([0-9.]+) (s|min|h) left")
"""Of a range the longer time: the shorter one is what it can't be less than."""
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_READ_BYTES = 65536
_SAMPLE_SECONDS = 0.2
"""A sample walks all of a program's pages, which takes milliseconds."""


class Sample(NamedTuple):
    """The memory of a program and all below it, in bytes (PSS), and the last line that it had said by then."""

    at: float
    together: int
    each: tuple[int, ...]
    said: str

    @property
    def stage(self) -> str:
        """What the program was at, by its own words."""
        return re.split(r"[ :]", self.said, maxsplit=1)[0] or "start"


class Line(NamedTuple):
    """A line that a program said, and when."""

    at: float
    text: str


class Forecast(NamedTuple):
    """What a line of progress said was left, and what then was; in seconds. `share` of the work was done."""

    share: float
    said: float
    was: float


class Course(NamedTuple):
    """A program from start to end. `samples` are the peaks of each second."""

    wall: float
    output: bytes
    samples: list[Sample]
    lines: list[Line]

    def peak(self, stage: str | None = None) -> Sample:
        """The greatest sample, of one stage or of all."""
        chosen = [sample for sample in self.samples if stage in (None, sample.stage)]
        return max(chosen, key=lambda sample: sample.together, default=Sample(0.0, 0, (), ""))

    def forecasts(self) -> list[Forecast]:
        """What was said of the time left while reading, at each tenth of it that had such a line."""
        end = next((line.at for line in self.lines if line.text.startswith(SEALING)), self.wall)
        found: dict[int, Forecast] = {}
        for line in self.lines:
            if (left := _LEFT.search(line.text)) and line.text.startswith(READING) and line.at < end:
                share = line.at / end
                found.setdefault(int(share * 10), Forecast(share, float(left[1]) * _SECONDS[left[2]], end - line.at))
        return list(found.values())


def course_of(command: Sequence[str], folder: Path, *, expected: tuple[int, ...] = (0,)) -> Course:
    """Runs a program to its end.

    Raises:
        CommandFailedError: its exit status is not an expected one.
    """
    mine, its = os.openpty()
    lines: list[Line] = []
    start = perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=its)
        os.close(its)
        listener = Thread(target=_listen, args=(mine, lines, start), daemon=True)
        listener.start()
        samples = _sampled(process, lines, start)
        wall = perf_counter() - start
        listener.join()
        output.seek(0)
        said = output.read()
    if process.returncode not in expected:
        words = "\n".join(line.text for line in lines)[-MAX_SHOWN_CHARACTERS:]
        raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}: {words}")
    return Course(wall, said, samples, lines)


def _sampled(process: subprocess.Popen[bytes], lines: list[Line], start: float) -> list[Sample]:
    peaks: dict[int, Sample] = {}
    with process:
        while process.poll() is None:
            each = tuple(bytes_of(pid, "smaps_rollup", "Pss:") for pid in tree_of(process.pid))
            at = perf_counter() - start
            if int(at) not in peaks or peaks[int(at)].together < sum(each):
                peaks[int(at)] = Sample(at, sum(each), each, lines[-1].text if lines else "")
            with suppress(subprocess.TimeoutExpired):
                process.wait(_SAMPLE_SECONDS)
    return list(peaks.values())


def _listen(terminal: int, lines: list[Line], start: float) -> None:
    rest, began_at = "", 0.0
    with suppress(OSError):  # EIO: nobody holds the other end any more
        while content := os.read(terminal, _READ_BYTES):
            now = perf_counter() - start
            *whole, left = _LINE_ENDS.split(rest + content.decode("utf-8", "replace"))
            # A line of progress has no end until the next one comes: what counts is when it could be read.
            times = [began_at if rest else now, *[now] * len(whole)]
            lines += [Line(at, text.strip()) for at, text in zip(times, whole, strict=False) if text.strip()]
            rest, began_at = left, times[len(whole)]
    os.close(terminal)
