"""A run killed anywhere leaves an archive that verifies, and the next run is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.archiver.place import Place

KILLS = 56
"""Points at which a run is killed, spread evenly over all its changes to the file system."""


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
    """Power cuts and the out-of-memory killer do not ask. Logs are killed by themselves, in test_events."""
    place = Place(tmp_path, tenant)
    leave_logs_out(place)
    place.run()
    if kind == "full":
        # Without its epoch table a run seals a full; removed again before each kill below.
        remove_table(place)
    counted = place.killed_run(0)
    assert counted.returncode == 0, counted.stderr
    changes, kills = int(counted.stdout), 0
    points = sorted({1 + at * changes // (KILLS // 2) for at in range(KILLS // 2)})
    assert len(points) >= KILLS // 2 - 1
    for at in points:
        if kind == "full":
            remove_table(place)
        tenant.advance(1)
        killed = place.killed_run(at)
        # How many files its workers write, a run does not know beforehand: one may end before its last points.
        assert killed.returncode == -9 or (killed.returncode == 0 and at > 0.9 * changes), (at, killed.stderr)
        kills += killed.returncode == -9
        assert place.verdict(0) == "PASS"
        document = place.run()
        assert document["outcome"] == "complete"
        assert place.verdict(0) == "PASS"
    assert kills >= KILLS // 2 - 3
    assert place.verdict(1) == "PASS"


def leave_logs_out(place: Place) -> None:
    """A run in which the logs tell nothing new makes a fifth fewer changes, so that nobody could count them before."""
    text = place.settings_file.read_text()
    chosen = '\n[export]\ncollections = ["all", "-directoryAudits", "-signIns", "-provisioning"]'
    assert "\n[export]" in text and "\ncollections" not in text
    place.settings_file.write_text(text.replace("\n[export]", chosen, 1))


def remove_table(place: Place) -> None:
    """Removes the epoch table, so that the next run seals a full."""
    for table in (place.settings_file.parent / "state" / "ledger").glob("table-*"):
        table.unlink()
