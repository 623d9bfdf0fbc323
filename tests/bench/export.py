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
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.bench.measured import MEASURED
from tests.bench.ours import REPOSITORY
from tests.bench.process import timed

CORES = os.cpu_count() or 1
WHOLE_CORE = MEASURED
WITHOUT_LARGE_PAGES = (*MEASURED, "-users", "-devices")
"""A page of users costs the quota one unit and the simulated tenant a third of a second; without them the quota
is what bounds a run, and not the server beside the client."""


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
        return max(0.0, 1 - self.client_cpu / (self.wall * CORES))

    @property
    def quota_share(self) -> float:
        """Share of the quota that was used, between the first request and the last."""
        return self.units / self.offered if self.offered else 0.0


def export(folder: Path, users: int, quota: float | None, collections: tuple[str, ...] = WHOLE_CORE) -> Export:
    """Archives a tenant once, whole process; `quota` in resource units per second, None for none."""
    with simulated_tenant(folder / "tenant", users=users, quota=quota) as tenant:
        settings = _settings_of(tenant) | {"export.collections": list(collections), "export.quota_share": 1.0}
        plan = FoundingPlan(folder / "host", folder / "offline", (), settings)
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
