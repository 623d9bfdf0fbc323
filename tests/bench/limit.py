"""A reading of a large tenant, held to what its quota, its latency, the wire and the client allow at best.

python -m tests.bench.limit [--users N] [--folder DIR] [--to DIR]

Server and client share the machine. It takes about ten minutes with the whole tenant, and is a program of its own for
that reason; what it finds is stored in `limit.json`, and stands in BENCHMARKS.md as a section that `tests.bench` keeps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from archiver.founding import Founded, FoundingPlan, found
from archiver.graph.catalogue import load_catalogue
from archiver.graph.row import Row
from config.loading import load_settings
from recovery.rehearsal.population.blueprint import AtLeast
from recovery.rehearsal.serving.certificates import SERVER_FILE
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.bench.bounds import Terms
from tests.bench.exchange import exchanges_in, mean_under_way, reading_seconds_of
from tests.bench.limit_section import AIM, FULL, PULSE, TITLES, UNCHANGED, WHOLE, Limit, Reading, put_limit
from tests.bench.machine import machine
from tests.bench.one_by_one import one_by_one
from tests.bench.ours import REPOSITORY
from tests.bench.process import CommandFailedError, cpu_seconds_of, timed

USERS = AIM["users"]
QUOTA_UNITS_PER_SECOND = 800.0
"""An app in a tenant of over 500 users: 8,000 in 10 s (Microsoft Learn, throttling limits)."""
LATENCY_MS = 60
_KINDS = {"groups": "groups", "servicePrincipals": "principals"}
"""What the tenant would have fewer of than AIM says, as `AtLeast` calls it."""
_HOMES = ("devices", "contacts")
"""Lists that are read besides those of AIM, without their relations: members and managers may be at home there. Graph
tells of no group that a member was deleted, so that a pulse believes a relation only where it sees who left."""


def rows_read() -> tuple[Row, ...]:
    """The lists of AIM and _HOMES as a run reads them, and whatever their objects contain, but for what is off."""
    return load_catalogue().chosen(_choice())


def _choice() -> list[str]:
    """What `rows_read` gives, in the words of `export.collections`."""
    catalogue = load_catalogue()
    rows = {row.collection: row for row in catalogue.collections}
    names = [
        row.collection
        for row in catalogue.collections
        if row.off is None and (*catalogue.lineage_of(row), row)[0].collection in AIM
    ]
    left_out = [f"-{home}.{relation.name}" for home in _HOMES for relation in rows[home].relations]
    return [*names, *_HOMES, *left_out]


class Measurement:
    """One run of it. `say` tells how far it is."""

    def __init__(self, folder: Path, users: int, say: Callable[[str], None]) -> None:
        self._folder, self._users, self._say = folder, users, say
        self._exchanges = folder / "exchanges.jsonl"
        self._readings: dict[str, Reading] = {}

    def measure(self) -> Limit:
        """Measures everything.

        Raises:
            CommandFailedError: a command failed, or a reading is not complete.
        """
        rows = rows_read()
        with simulated_tenant(
            self._folder / "tenant",
            users=self._users,
            at_least=AtLeast(**{kind: AIM[name] * self._users // USERS for name, kind in _KINDS.items()}),
            quota=QUOTA_UNITS_PER_SECOND,
            latency_ms=LATENCY_MS,
        ) as tenant:
            self._say(f"a tenant of {self._users:,} users answers")
            settings = tenant.settings | {"export.collections": _choice()}
            host = found(FoundingPlan(self._folder / "host", self._folder / "offline", (), settings), now)
            objects = self._read(tenant, host, FULL)
            floor = self._floor(tenant, host)
            self._read(tenant, host, UNCHANGED, "--pulse")
            changed = len(tenant.advance(1))
            self._read(tenant, host, PULSE, "--pulse")
            self._read(tenant, host, WHOLE)
            export = load_settings(host.files["settings"], {}).export
        terms = Terms(QUOTA_UNITS_PER_SECOND, export.quota_share, LATENCY_MS / 1000, export.parallel_requests)
        return Limit(machine(), objects, changed, terms, self._readings, floor, one_by_one(rows, objects))

    def _read(self, tenant: RunningTenant, host: Founded, name: str, *options: str) -> dict[str, int]:
        """Takes a snapshot and gives how many objects it has of each collection."""
        self._say(TITLES[name])
        before, server_before = tenant.stats(), cpu_seconds_of(tenant.process_id)
        command = ["run", *options, "--config", str(host.files["settings"]), "--json"]
        timing = timed(
            [sys.executable, "-m", "tests.bench.exchange", str(self._exchanges), *command], folder=REPOSITORY
        )
        server_cpu, after = cpu_seconds_of(tenant.process_id) - server_before, tenant.stats()
        run: dict[str, Any] = json.loads(timing.output)
        if run["outcome"] != "complete":
            raise CommandFailedError(f"{TITLES[name]}: {run['outcome']}, {run['gaps'][:3]}")
        exchanges = exchanges_in(self._exchanges)
        self._readings[name] = Reading(
            wall=timing.wall,
            cpu=timing.cpu,
            server_cpu=server_cpu,
            reading=reading_seconds_of(exchanges),
            under_way=mean_under_way(exchanges),
            requests=run["requests"],
            throttled=run["throttled"],
            units=after["resource_units"] - before["resource_units"],
            wire_bytes=after["wire_bytes"] - before["wire_bytes"],
            records=run["state_count"],
            calls=dict(sorted((Counter(after["path_classes"]) - Counter(before["path_classes"])).items())),
        )
        self._say(f"  {timing.wall:.1f} s, {run['requests']:,} requests, {self._readings[name].units:,.0f} units")
        return {collection: counts["objects"] for collection, counts in run["collections"].items()}

    def _floor(self, tenant: RunningTenant, host: Founded) -> Mapping[str, float]:
        """Sends the requests of the last reading once more, without a quota."""
        self._say("the same requests through the bare adapter")
        tenant.set_quota(None)
        server_before = cpu_seconds_of(tenant.process_id)
        certificate = tenant.ca_bundle_file.parent / SERVER_FILE
        command = ["tests.bench.floor", str(host.files["settings"]), str(self._exchanges), str(certificate)]
        timing = timed([sys.executable, "-m", *command], folder=REPOSITORY)
        server_cpu = cpu_seconds_of(tenant.process_id) - server_before
        tenant.set_quota(QUOTA_UNITS_PER_SECOND)
        floor: dict[str, float] = json.loads(timing.output)
        self._say(f"  {floor['wall']:.1f} s")
        return {**floor, "server_cpu": server_cpu}


def main(argv: Sequence[str]) -> int:
    """Measures, prints and stores. Exit 1 when something failed; a missed bound is no failure: the section says so."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.limit", description="A reading against its limits.")
    parser.add_argument("--users", type=int, default=USERS, help=f"users of the tenant (default: {USERS:,})")
    parser.add_argument("--folder", type=Path, help="keeps tenant, host and archive here (default: a temporary folder)")
    parser.add_argument("--to", type=Path, default=REPOSITORY, help="folder of BENCHMARKS.md and limit.json")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="strongroom-limit-") as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        try:
            limit = Measurement(folder, arguments.users, _say).measure()
        except CommandFailedError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    arguments.to.mkdir(parents=True, exist_ok=True)
    print(put_limit(arguments.to, limit))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
