"""A law: whatever requests break in passing, the records are those of a calm day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.graph.catalogue import load_catalogue
from archiver.graph.patience import Patience
from archiver.graph.permission import permissions_of
from recovery.rehearsal.graph.faults import FAULTS
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.archiver.simulated_reading import read_simulated

ROWS = load_catalogue().chosen(
    [
        "users",
        "groups",
        "deletedUsers",
        "servicePrincipals",
        "appRoleAssignments",
        "authorizationPolicy",
        "roleAssignments",
    ]
)
"""A list with references, large and small relations, contained objects, one object, a recycle bin."""
STUBBORN = Patience(attempts=40, first_wait_seconds=0.005, longest_wait_seconds=0.01, deadline_seconds=120)
"""No read may be given up by chance: the law is of faults that pass."""
MAX_SHARE = 0.25

Sample = tuple[RunningTenant, list[bytes]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """A tenant, and its records on a calm day."""
    folder = tmp_path_factory.mktemp("tenant")
    with simulated_tenant(folder, users=40, roles=permissions_of(ROWS)) as tenant:
        gathered, sink = read_simulated(tenant, ROWS, STUBBORN)
        assert gathered.gaps == ()
        yield tenant, sink.lines()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    share=st.floats(0.01, MAX_SHARE),
    kinds=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, unique=True),
)
def test_faults_that_pass_change_no_record(sample: Sample, seed: int, share: float, kinds: list[str]) -> None:
    """Any seed, any kinds of fault, alone or together, up to a quarter of all requests."""
    tenant, calm = sample
    rates = {kind: share / len(kinds) for kind in kinds}
    tenant.set_faults({"rates": rates, "seed": seed, "slow_seconds": 0.01, "retry_after_seconds": 0})
    try:
        gathered, sink = read_simulated(tenant, ROWS, STUBBORN)
    finally:
        tenant.set_faults(None)
    assert gathered.gaps == ()
    assert sink.lines() == calm
