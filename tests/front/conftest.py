"""Fixtures of the front door's tests: the program, a host that is founded, a simulated tenant."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select
from typing import Any

import pytest

from archiver.founding import Founded, FoundingPlan, found
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.front.outcome import Call, caller

TENANT = "contoso.onmicrosoft.com"
START_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine reach a test: an empty working directory, and a width of the terminal."""
    for name in ("STRONGROOM_CONFIG", "STRONGROOM_TRACEBACK", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process."""
    return caller(capsys)


def founded_in(folder: Path, settings: dict[str, Any]) -> Founded:
    """Founds an archive in `folder`/host, its private keys in `folder`/offline."""
    return found(FoundingPlan(folder / "host", folder / "offline", (), settings), now)


@pytest.fixture
def founded(tmp_path: Path) -> Founded:
    """An archive of a tenant that can't be reached; its certificate file is there, and empty."""
    one = founded_in(tmp_path, {"tenant.id": TENANT})
    certificate = tmp_path / "host" / "keys" / "graph.pem"
    certificate.touch(0o600)
    return one


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A simulated tenant of 20 users; tests put back what they change."""
    with simulated_tenant(tmp_path_factory.mktemp("simulated"), users=20) as tenant:
        yield tenant


@pytest.fixture
def tenant_folder(tmp_path: Path, repository: Path) -> Iterator[Path]:
    """The folder of a simulated tenant of 60 users that runs as `tenant simulate`."""
    folder = tmp_path / "tenant"
    command = [sys.executable, "-m", "strongroom", "tenant", "simulate", "--users", "60", "--port", "0", "--json"]
    with subprocess.Popen([*command, "--dir", str(folder)], cwd=repository, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and select([process.stdout], [], [], START_SECONDS)[0]
        yield folder
        process.terminate()


@pytest.fixture
def archiving(tmp_path: Path, simulated: RunningTenant) -> Founded:
    """An archive of the simulated tenant, ready to run."""
    return founded_in(tmp_path, settings_of(simulated))


def settings_of(tenant: RunningTenant) -> dict[str, Any]:
    """The settings that point at a simulated tenant."""
    return {
        "tenant.id": tenant.tenant_id,
        "tenant.simulated": True,
        "tenant.graph_url": tenant.graph_url,
        "tenant.authority_url": tenant.authority_url,
        "tenant.ca_bundle_file": str(tenant.ca_bundle_file),
        "tenant.credential.client_id": tenant.client_id,
        "tenant.credential.certificate_file": str(tenant.certificate_file),
    }
