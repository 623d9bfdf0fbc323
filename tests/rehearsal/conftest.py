"""Simulated tenants for tests: one that nobody changes, and one whose settings are put back after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from recovery.rehearsal.serving.tokens import DEFAULT_LIFETIME_SECONDS
from tests.rehearsal.sdk import SdkClient

USERS = 130


@pytest.fixture(scope="session")
def still_tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant of USERS users, seed 1, that stays as it was made."""
    with simulated_tenant(tmp_path_factory.mktemp("still"), users=USERS) as tenant:
        yield tenant


@pytest.fixture(scope="session")
def _shared_tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    with simulated_tenant(tmp_path_factory.mktemp("shared"), users=USERS) as tenant:
        yield tenant


@pytest.fixture
def adjustable_tenant(_shared_tenant: RunningTenant) -> Iterator[RunningTenant]:
    """The same for faults, quota, roles and token lifetime, which are put back afterwards; objects stay."""
    yield _shared_tenant
    _shared_tenant.set_faults(None)
    _shared_tenant.set_quota(None)
    _shared_tenant.set_roles(READ_ROLES)
    _shared_tenant.set_token_lifetime(DEFAULT_LIFETIME_SECONDS)


@pytest.fixture
def changing_tenant(tmp_path: Path) -> Iterator[RunningTenant]:
    """A tenant of one's own, for tests that change objects."""
    with simulated_tenant(tmp_path / "changing", users=USERS) as tenant:
        yield tenant


@pytest.fixture(scope="session")
def still(still_tenant: RunningTenant) -> Iterator[SdkClient]:
    """Microsoft's client, pointed at the tenant that stays as it was made."""
    client = SdkClient(still_tenant)
    yield client
    client.close()


@pytest.fixture
def client_of() -> Iterator[Callable[..., SdkClient]]:
    """Opens a client with a token of its own; closed after the test."""
    opened: list[SdkClient] = []

    def open_client(tenant: RunningTenant, *, retries: int = 0) -> SdkClient:
        opened.append(SdkClient(tenant, retries=retries))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()
