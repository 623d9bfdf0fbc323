"""Export over HTTPS: `strongroom run` against a simulated tenant that a server on this machine plays.

Client and server share the cores, so that the client's own processor time says more than the wall.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from archiver.founding import FoundingPlan, found
from recovery.rehearsal.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.bench.ours import REPOSITORY
from tests.bench.process import timed

CLIENT_CORES = min(2, os.cpu_count() or 1)


class Export(NamedTuple):
    """One run. Times in seconds, `units` in resource units; `offered` is what the quota would have granted."""

    wall: float
    client_cpu: float
    requests: int
    throttled: int
    units: float
    offered: float
    records: int
    outcome: str

    @property
    def idle_share(self) -> float:
        """Share of the cores that the client left idle, the server's part included."""
        return max(0.0, 1 - self.client_cpu / (self.wall * CLIENT_CORES))

    @property
    def quota_share(self) -> float:
        """Share of the quota that was used, between the first request and the last."""
        return self.units / self.offered if self.offered else 0.0


def export(folder: Path, users: int, quota: float | None) -> Export:
    """Archives the whole core of a tenant once, whole process; `quota` in resource units per second."""
    with simulated_tenant(folder / "tenant", users=users, quota=quota) as tenant:
        plan = FoundingPlan(folder / "host", folder / "offline", (), _settings_of(tenant))
        settings_file = str(found(plan, now).files["settings"])
        command = [sys.executable, "-m", "strongroom", "run", "--config", settings_file, "--json"]
        timing = timed(command, folder=REPOSITORY)
        stats = tenant.stats()
    run = json.loads(timing.output)
    return Export(
        timing.wall,
        timing.cpu,
        run["requests"],
        run["throttled"],
        stats["resource_units"],
        stats["resource_units_offered"] or 0.0,
        run["state_count"],
        run["outcome"],
    )


def _settings_of(tenant: RunningTenant) -> dict[str, Any]:
    """The tenant's settings as dotted paths."""
    section = tomllib.loads(tenant.settings_toml)["tenant"]
    credential = section.pop("credential")
    return {
        **{f"tenant.{name}": value for name, value in section.items()},
        **{f"tenant.credential.{name}": value for name, value in credential.items()},
    }
