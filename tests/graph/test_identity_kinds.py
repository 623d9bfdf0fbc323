"""Identities without a secret of ours: a machine's, from a local double of its endpoint, and a workload's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from archiver.graph.client import GraphClient, Response
from archiver.graph.credential import Credential
from archiver.graph.errors import CredentialRefusedError
from archiver.graph.token_claims import claims_of
from config.credential import CredentialSettings
from config.tenant import TenantSettings
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.graph.small_tenant import CLIENT_ID, SmallTenant
from tests.rehearsal.test_authority import assertion_of

SURROUNDINGS = [
    "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER",
    "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy",
]  # fmt: skip
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that runs the tests may be one of these itself."""
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def asked_as_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Response, list[web.Request]]]:
    """Asks Graph with the identity of a machine; gives the answer, and what the machine's endpoint was asked."""

    def asked(
        client_id: str | None, cloud: str = "global", answer: Answer | None = None
    ) -> tuple[Response, list[web.Request]]:
        tenant, questions = SmallTenant(tmp_path), list[web.Request]()

        async def give(request: web.Request) -> web.StreamResponse:
            questions.append(request)
            if answer is not None:
                return await answer(request)
            resource = request.query["resource"]
            return web.json_response(
                {
                    "access_token": tenant.access_token(),
                    "expires_in": "3599",
                    "expires_on": "4102444800",
                    "resource": resource,
                    "token_type": "Bearer",
                }
            )

        async def main() -> Response:
            app = web.Application()
            app.router.add_get("/metadata/identity/oauth2/token", give)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"http://127.0.0.1:{runner.addresses[0][1]}")
            credential = CredentialSettings(kind="managed-identity", client_id=client_id)
            try:
                async with (
                    tenant,
                    GraphClient(tenant.settings(credential=credential, cloud=cloud), connections=1) as client,
                ):
                    return await client.get(client.url_of("v1.0", "/organization"))
            finally:
                await runner.cleanup()

        response = asyncio.run(main())
        assert tenant.sign_ins == []
        return response, questions

    return asked


@pytest.mark.parametrize(
    ("cloud", "resource"),
    [
        ("global", "https://graph.microsoft.com"),
        ("usgov", "https://graph.microsoft.us"),
        ("usgov-dod", "https://dod-graph.microsoft.us"),
        ("china", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
@pytest.mark.parametrize("client_id", [None, CLIENT_ID], ids=["of the machine", "assigned to it"])
def test_a_machine_s_identity_reads_with_the_token_that_its_endpoint_gives(
    asked_as_machine: Callable[..., tuple[Response, list[web.Request]]],
    client_id: str | None,
    cloud: str,
    resource: str,
) -> None:
    """One question, with the header that keeps others from asking it; the login authority is not spoken to."""
    response, (question,) = asked_as_machine(client_id, cloud)
    assert response.status == 200
    assert question.headers["Metadata"] == "true"
    assert question.query["resource"] == resource
    assert question.query.get("client_id") == client_id


def test_an_identity_that_the_machine_does_not_have_is_a_refused_credential(
    asked_as_machine: Callable[..., tuple[Response, list[web.Request]]],
) -> None:
    """Who asked for it looks at the machine, and not at a login authority that nobody spoke to."""

    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "invalid_request", "error_description": "Identity not found"}, status=400)

    with pytest.raises(CredentialRefusedError) as caught:
        asked_as_machine(CLIENT_ID, "global", refuse)
    assert "managed identity gives no token" in caught.value.message and "login authority" not in caught.value.message
    assert "NO_PROXY" in caught.value.next_step and caught.value.exit_status == 11


@pytest.fixture(scope="module")
def simulated_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    with simulated_tenant(tmp_path_factory.mktemp("authority"), users=20) as tenant:
        yield tenant


@pytest.fixture
def workload(
    simulated_authority: RunningTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[TenantSettings, Path]:
    """The settings of a workload identity, and the file in which its platform puts its token."""
    file = tmp_path / "azure-identity-token"
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(file))
    monkeypatch.setenv("AZURE_CLIENT_ID", simulated_authority.client_id)
    settings = TenantSettings.model_construct(
        id=simulated_authority.tenant_id,
        cloud="global",
        simulated=True,
        graph_url=simulated_authority.graph_url,
        authority_url=simulated_authority.authority_url,
        ca_bundle_file=simulated_authority.ca_bundle_file,
        credential=CredentialSettings(kind="workload-identity"),
    )
    return settings, file


def token_of(settings: TenantSettings) -> str:
    async def main() -> str:
        async with Credential(settings) as credential:
            return await credential.token()

    return asyncio.run(main())


def federated(tenant: RunningTenant, **changed: Any) -> str:
    """A token that the simulated authority takes for the application, as one of a platform that it trusts."""
    return assertion_of(tenant, **changed)["client_assertion"]


def test_a_workload_signs_in_with_the_token_in_its_file(
    simulated_authority: RunningTenant, workload: tuple[TenantSettings, Path]
) -> None:
    """The file, the client id and nothing else: there is no secret to keep."""
    settings, file = workload
    file.write_text(federated(simulated_authority))
    claims = claims_of(token_of(settings))
    assert claims.app_id == simulated_authority.client_id and claims.tenant_id == simulated_authority.tenant_id


def test_a_workload_s_token_is_read_again_when_it_was_exchanged(
    simulated_authority: RunningTenant, workload: tuple[TenantSettings, Path]
) -> None:
    """Platforms exchange it each hour; a run that outlives one goes on with the next."""
    settings, file = workload
    file.write_text(federated(simulated_authority, exp=1, nbf=0))

    async def main() -> str:
        async with Credential(settings) as credential:
            with pytest.raises(CredentialRefusedError) as caught:
                await credential.token()
            assert "AADSTS700024" in caught.value.message
            file.write_text(federated(simulated_authority))
            credential.renew(credential.generation)
            return await credential.token()

    assert asyncio.run(main()).count(".") == 2


def test_a_workload_s_token_for_somebody_else_is_refused(
    simulated_authority: RunningTenant, workload: tuple[TenantSettings, Path]
) -> None:
    """The authority decides, and its number stands in the error."""
    settings, file = workload
    file.write_text(federated(simulated_authority, aud="https://elsewhere.example"))
    with pytest.raises(CredentialRefusedError) as caught:
        token_of(settings)
    assert "AADSTS700023" in caught.value.message and caught.value.exit_status == 11


def test_a_workload_without_its_token_s_file_is_a_refused_credential_that_names_it(
    workload: tuple[TenantSettings, Path],
) -> None:
    """And not an authority that can't be reached: nobody was asked."""
    settings, file = workload
    with pytest.raises(CredentialRefusedError) as caught:
        token_of(settings)
    assert str(file) in caught.value.message
