"""Credentials and clouds: who signs in where, and what a wrong file comes to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.cloud import CLOUDS
from archiver.graph.credential import MAX_SECRET_BYTES, Credential
from archiver.graph.errors import CredentialRefusedError, GraphUnreachableError
from config.credential import CredentialSettings
from config.tenant import TenantSettings
from tests.graph.small_tenant import CLIENT_ID, TENANT_ID


def _tenant(**credential: Any) -> TenantSettings:
    return TenantSettings.model_construct(
        id=TENANT_ID,
        cloud="china",
        simulated=False,
        graph_url=None,
        authority_url="https://localhost:1",
        ca_bundle_file=None,
        credential=CredentialSettings.model_construct(
            **{"client_id": CLIENT_ID, "certificate_file": None, "secret_file": None, **credential}
        ),
    )


@pytest.mark.parametrize(
    ("cloud", "scope", "authority"),
    [
        ("global", "https://graph.microsoft.com/.default", "https://login.microsoftonline.com"),
        ("usgov", "https://graph.microsoft.us/.default", "https://login.microsoftonline.us"),
        ("usgov-dod", "https://dod-graph.microsoft.us/.default", "https://login.microsoftonline.us"),
        ("china", "https://microsoftgraph.chinacloudapi.cn/.default", "https://login.chinacloudapi.cn"),
    ],
)
def test_each_cloud_has_its_own_hosts(cloud: str, scope: str, authority: str) -> None:
    """A token of one cloud is worthless, and a leak, in another."""
    assert (CLOUDS[cloud].scope, CLOUDS[cloud].authority) == (scope, authority)


def test_the_scope_stays_that_of_the_cloud_when_the_url_is_another(tmp_path: Path) -> None:
    """A proxy has another host and the same audience."""
    (tmp_path / "secret").write_text("s")
    credential = Credential(_tenant(kind="secret", secret_file=tmp_path / "secret"))
    assert credential.scope == "https://microsoftgraph.chinacloudapi.cn/.default"
    asyncio.run(credential.close())


@pytest.mark.parametrize("content", [b"", b"no certificate", b"x" * (MAX_SECRET_BYTES + 1)])
def test_a_certificate_file_that_is_none_is_a_refused_credential(tmp_path: Path, content: bytes) -> None:
    """The mistake is found before anybody is asked."""
    (tmp_path / "graph.pem").write_bytes(content)
    with pytest.raises(CredentialRefusedError) as caught:
        Credential(_tenant(kind="certificate", certificate_file=tmp_path / "graph.pem"))
    assert caught.value.exit_status == 11


def test_settings_without_a_credential_can_not_sign_in() -> None:
    """A host that only reads archives has none."""
    settings = _tenant(kind="secret").model_copy(update={"credential": None})
    with pytest.raises(CredentialRefusedError):
        Credential(settings)


def test_a_workload_identity_without_its_surroundings_is_a_refused_credential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Outside a cluster nobody projects its token file."""
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE", raising=False)
    with pytest.raises(CredentialRefusedError):
        Credential(_tenant(kind="workload-identity"))


def test_a_managed_identity_needs_no_file() -> None:
    """It is asked only when a token is needed."""
    asyncio.run(Credential(_tenant(kind="managed-identity", client_id=None)).close())


def test_an_authority_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    """And not a wrong password."""
    (tmp_path / "secret").write_text("s")

    async def main() -> None:
        async with Credential(_tenant(kind="secret", secret_file=tmp_path / "secret")) as credential:
            with pytest.raises(GraphUnreachableError):
                await credential.token()

    asyncio.run(main())
