"""A run killed anywhere leaves an archive that verifies, and the next run is whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.founding import Founded, FoundingPlan, found
from archiver.run import archive_run
from config.loading import load_settings
from recovery.rehearsal.process import RunningTenant, simulated_tenant
from verify.ceremony import Ceremony, Request
from verify.identity import identities_of
from verify.store import DirectoryReader

KILLS = 56
"""Points at which a run is killed, spread evenly over all its changes to the file system."""

SCRIPT = Path(__file__).with_name("killed_run.py")


def now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def settings_of(tenant: RunningTenant) -> dict[str, Any]:
    """What `init` is told about the simulated tenant."""
    return {
        "tenant.id": tenant.tenant_id,
        "tenant.simulated": True,
        "tenant.graph_url": tenant.graph_url,
        "tenant.authority_url": tenant.authority_url,
        "tenant.ca_bundle_file": str(tenant.ca_bundle_file),
        "tenant.credential.client_id": tenant.client_id,
        "tenant.credential.certificate_file": str(tenant.certificate_file),
    }


class Place:
    """One archive of the shared simulated tenant."""

    def __init__(self, base: Path, tenant: RunningTenant) -> None:
        self.tenant = tenant
        self.archive = base / "archive"
        self.settings_file = base / "host" / "strongroom.toml"
        self.founded: Founded = found(FoundingPlan(base / "host", base / "offline", (), settings_of(tenant)), now)
        self.identities = identities_of((base / "offline" / "identity.txt").read_bytes())

    def run(self) -> dict[str, Any]:
        """A run in this process, that must succeed."""
        result = archive_run(load_settings(self.settings_file, {}), now)
        assert result.error is None
        assert result.exit_status == 0
        return result.document

    def killed_run(self, at: int) -> subprocess.CompletedProcess[str]:
        """A run in a process that kills itself at its change number `at`."""
        return subprocess.run(
            [sys.executable, str(SCRIPT), str(self.settings_file), str(at)],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def verdict(self, level: int) -> str:
        """The verdict over everything in the store."""
        request = Request(self.founded.fingerprint, level, now(), "all", self.identities)
        verdict = Ceremony(DirectoryReader(self.archive), request).outcome().verdict
        failed = [check for check in verdict.checks if check.result == "FAIL"]
        assert not failed, failed
        return verdict.word


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant of 60 users."""
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=60) as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_run_killed_at_any_point_leaves_a_verifiable_archive_and_the_next_run_is_whole(
    tmp_path: Path, tenant: RunningTenant, kind: str
) -> None:
    """Power cuts and the out-of-memory killer do not ask."""
    place = Place(tmp_path, tenant)
    place.run()
    if kind == "full":
        # Without its epoch table a run seals a full; removed again before each kill below.
        remove_table(place)
    counted = place.killed_run(0)
    assert counted.returncode == 0, counted.stderr
    points = sorted({1 + at * int(counted.stdout) // (KILLS // 2) for at in range(KILLS // 2)})
    assert len(points) >= KILLS // 2 - 1
    for at in points:
        if kind == "full":
            remove_table(place)
        tenant.advance(1)
        killed = place.killed_run(at)
        assert killed.returncode == -9, (at, killed.stderr)
        assert place.verdict(0) == "PASS"
        document = place.run()
        assert document["outcome"] == "complete"
        assert place.verdict(0) == "PASS"
    assert place.verdict(1) == "PASS"


def remove_table(place: Place) -> None:
    """Removes the epoch table, so that the next run seals a full."""
    for table in (place.settings_file.parent / "state" / "ledger").glob("table-*"):
        table.unlink()
