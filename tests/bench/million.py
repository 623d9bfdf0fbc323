"""A tenant of a million users, on one machine: what archiving it and reading it back takes, above all in memory.

python -m tests.bench.million [--users N] [--folder DIR] [--to DIR] [--read-back]

Server and client share the machine. It takes an hour or so, and is a program of its own for that reason; what it finds
is stored in `million.json`, and stands in BENCHMARKS.md as its last section, where `tests.bench` leaves it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from archiver.founding import Founded, FoundingPlan, found
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.bench.course import READING, SEALING, Course, course_of
from tests.bench.machine import machine
from tests.bench.measured import MEASURED
from tests.bench.memory import bytes_of
from tests.bench.ours import REPOSITORY
from tests.bench.process import CommandFailedError
from tests.bench.section import Million, Step, put_section, stored_million

USERS = 1_000_000
MEGABYTE = 1e6


class Measurement:
    """One run of it. `say` tells how far it is."""

    def __init__(self, folder: Path, users: int, say: Callable[[str], None]) -> None:
        self._folder, self._users, self._say = folder, users, say
        self._steps: list[Step] = []

    def measure(self) -> Million:
        """Measures everything.

        Raises:
            CommandFailedError: a command failed.
        """
        began = perf_counter()
        with simulated_tenant(self._folder / "tenant", users=self._users) as tenant:
            start = perf_counter() - began
            self._say(f"a tenant of {self._users:,} users answers after {start:.0f} s")
            at_start = bytes_of(tenant.process_id, "status", "VmHWM:")
            settings = tenant.settings | {"export.collections": list(MEASURED), "export.quota_share": 1.0}
            host = found(FoundingPlan(self._folder / "host", self._folder / "offline", (), settings), now)
            first = self._run(host, "first day, a full")
            began = perf_counter()
            tenant.advance(1)
            self._say(f"a day passed in {perf_counter() - began:.0f} s")
            self._run(host, "second day, a delta")
            server = self._server(tenant)
        self._read_back(host.fingerprint)
        return Million(dict(machine()), self._users, start, at_start, server, first, self._steps)

    def measure_reading_back(self, stored: Million) -> Million:
        """Measures once more what reads the archive that lies in the folder, and keeps the rest of what was measured.

        Raises:
            CommandFailedError: a command failed.
            OSError: no archive lies there.
        """
        offline = self._folder / "offline"
        self._read_back((offline / "fingerprint.txt").read_text("ascii").split()[-1])
        date = machine()["date"]
        again = {step.name: step._replace(what=f"measured {date}") for step in self._steps}
        return stored._replace(steps=[again.get(step.name, step) for step in stored.steps])

    def _run(self, host: Founded, name: str) -> dict[str, Any]:
        course = self._step(name, "run", "--config", str(host.files["settings"]), "--json")
        document: dict[str, Any] = json.loads(course.output)
        self._steps[-1] = self._steps[-1]._replace(
            what=f"{document['state_count']:,} records, {document['requests']:,} requests",
            forecasts=[tuple(forecast) for forecast in course.forecasts()],
        )
        return {name: document[name] for name in ("state_count", "requests", "outcome", "kind", "seconds")}

    def _read_back(self, fingerprint: str) -> None:
        """Level 1 of both days, their difference, one user, and everything as plain files."""
        archive = str(self._folder / "archive")
        trust = ["--trust", f"sha256:{fingerprint}", "--identity", str(self._folder / "offline" / "identity.txt")]
        for day in (1, 2):
            command = ["--level", "1", "--snapshot", str(day), "--quiet"]
            self._step(f"prove day {day} at level 1", archive, *trust, *command, module="verify")
        target = self._folder / "difference.json"
        self._step("difference of the days", "diff", archive, "1", "2", *trust, "--out", str(target), "--quiet")
        user = self._some_user(target)
        self._step("one user, proved", "show", archive, "users", user, *trust, "--json")
        plain = self._folder / "plain"
        self._step("everything as JSON lines", "export", archive, *trust, "--to", str(plain), "--quiet")
        shutil.rmtree(plain)

    def _some_user(self, difference: Path) -> str:
        """A user that changed on the second day."""
        objects = json.loads(difference.read_bytes())["objects"]
        ids = (one["id"] for one in objects if one["collection"] == "users" and one["change"] == "changed")
        return str(next(ids))

    def _step(self, name: str, *arguments: str, module: str = "strongroom") -> Course:
        self._say(name)
        course = course_of([sys.executable, "-m", module, *arguments], REPOSITORY, expected=(0, 3))
        peak = course.peak()
        stages = {stage: course.peak(stage).together for stage in (READING, SEALING)} if arguments[0] == "run" else {}
        self._steps.append(Step(name, course.wall, peak.together, peak.each, peak.at, peak.stage, stages))
        self._say(f"  {course.wall:,.0f} s, {peak.together / MEGABYTE:,.0f} MB at {peak.at:,.0f} s ({peak.said})")
        return course

    def _server(self, tenant: RunningTenant) -> Mapping[str, float]:
        stats = tenant.stats()
        return {
            "peak_bytes": bytes_of(tenant.process_id, "status", "VmHWM:"),
            "requests": stats["requests"],
            "body_bytes": stats["body_bytes"],
        }


def main(argv: list[str]) -> int:
    """Measures, prints and stores. Exit 1 when something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.million", description="A tenant of a million users.")
    parser.add_argument("--users", type=int, default=USERS, help=f"users of the tenant (default: {USERS:,})")
    parser.add_argument("--folder", type=Path, help="keeps tenant, host and archive here (default: a temporary folder)")
    parser.add_argument("--to", type=Path, default=REPOSITORY, help="folder of BENCHMARKS.md and million.json")
    parser.add_argument("--read-back", action="store_true", help="measure the reading back alone, of what --folder has")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="strongroom-million-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        try:
            measurement = Measurement(folder, arguments.users, _say)
            if arguments.read_back:
                million = measurement.measure_reading_back(stored_million(arguments.to))
            else:
                million = measurement.measure()
        except CommandFailedError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    arguments.to.mkdir(parents=True, exist_ok=True)
    print(put_section(arguments.to, million))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
