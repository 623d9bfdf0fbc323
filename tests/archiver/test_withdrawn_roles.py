"""Permissions, each withdrawn singly: what `doctor` says that it costs is what a reading then loses."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.patience import Patience
from archiver.graph.permission import missing_of, permissions_of
from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.simulated_reading import read_simulated

ROWS = load_catalogue().chosen(["all"])
ROLES = permissions_of(ROWS)
PATIENCE = Patience(attempts=2, first_wait_seconds=0.01, longest_wait_seconds=0.02)
PART = " (a part of it)"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_doctor_says_of_each_permission_is_what_is_lost_without_it(tmp_path: Path) -> None:
    """`all granted` before a run that then has gaps is worse than no check, since nobody looks again."""
    silent, idle = {}, {}
    with simulated_tenant(tmp_path / "tenant", users=30, roles=ROLES) as tenant:
        assert read_simulated(tenant, ROWS, PATIENCE)[0].gaps == ()
        for role in ROLES:
            roles = [name for name in ROLES if name != role]
            tenant.set_roles(roles)
            gaps = read_simulated(tenant, ROWS, PATIENCE)[0].gaps
            lost = {gap.collection if gap.relation is None else f"{gap.collection}.{gap.relation}" for gap in gaps}
            named = {cost.removesuffix(PART) for one in missing_of(ROWS, frozenset(roles)) for cost in one.costs}
            silent[role] = {what for what in lost if not {what, what.partition(".")[0]} & named}
            idle[role] = bool(named) and not lost
    assert {role: what for role, what in silent.items() if what} == {}
    assert [role for role, is_idle in idle.items() if is_idle] == []
