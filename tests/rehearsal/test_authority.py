"""The login authority, as azure-identity and a forger see it."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from azure.identity.aio import CertificateCredential as AsyncCertificateCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.population.applications import ARCHIVER
from recovery.rehearsal.serving.certificates import certificates_in
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.conftest import USERS
from tests.rehearsal.sdk import CLOSING_SECONDS, SCOPE, SdkClient, credential_options


def secret_of(tenant: RunningTenant) -> str:
    return tenant.secret_file.read_text().strip()


def posted(tenant: RunningTenant, form: dict[str, str], name: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a token request that is not azure-identity's."""
    context = ssl.create_default_context(cafile=str(tenant.ca_bundle_file))
    url = f"{tenant.authority_url}/{name or tenant.tenant_id}/oauth2/v2.0/token"
    data = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(url, data, context=context, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def assertion_of(tenant: RunningTenant, **changed: Any) -> dict[str, str]:
    """A token request with a client assertion in which some claims are changed."""
    pem = tenant.certificate_file.read_bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    now = int(time.time())
    claims = {
        "aud": f"{tenant.authority_url}/{tenant.tenant_id}/oauth2/v2.0/token",
        "iss": tenant.client_id,
        "sub": tenant.client_id,
        "jti": str(uuid4()),
        "nbf": now,
        "exp": now + 600,
        **changed,
    }
    key: Any = load_pem_private_key(pem, None)
    thumbprint = jwt.utils.base64url_encode(certificate.fingerprint(hashes.SHA1())).decode()
    return {
        "grant_type": "client_credentials",
        "client_id": tenant.client_id,
        "scope": SCOPE,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, key, algorithm="RS256", headers={"x5t": thumbprint}),
    }


def test_the_blocking_credentials_sign_in_by_secret_and_by_certificate(still_tenant: RunningTenant) -> None:
    """Operators use both kinds; neither may need a changed library."""
    options = credential_options(still_tenant)
    by_secret = ClientSecretCredential(
        still_tenant.tenant_id, still_tenant.client_id, secret_of(still_tenant), **options
    )
    by_certificate = CertificateCredential(
        still_tenant.tenant_id, still_tenant.client_id, str(still_tenant.certificate_file), **options
    )
    with by_secret, by_certificate:
        assert by_secret.get_token(SCOPE).token.count(".") == 2
        assert by_certificate.get_token(SCOPE).token.count(".") == 2


def test_the_asynchronous_credentials_sign_in_by_secret_and_by_certificate_chain(
    still_tenant: RunningTenant,
) -> None:
    """The archiver uses these; they skip discovery and post straight to the token endpoint."""
    options = credential_options(still_tenant)

    async def tokens() -> list[str]:
        by_secret = AsyncClientSecretCredential(
            still_tenant.tenant_id, still_tenant.client_id, secret_of(still_tenant), **options
        )
        by_certificate = AsyncCertificateCredential(
            still_tenant.tenant_id,
            still_tenant.client_id,
            str(still_tenant.certificate_file),
            send_certificate_chain=True,
            **options,
        )
        async with by_secret, by_certificate:
            found = [(await c.get_token(SCOPE)).token for c in (by_secret, by_certificate)]
        await asyncio.sleep(CLOSING_SECONDS)
        return found

    assert all(token.count(".") == 2 for token in asyncio.run(tokens()))


def test_a_token_says_who_may_do_what_in_which_tenant(still_tenant: RunningTenant) -> None:
    """Clients read roles, tenant and expiry out of the token."""
    form = {
        "grant_type": "client_credentials",
        "client_id": still_tenant.client_id,
        "scope": SCOPE,
        "client_secret": secret_of(still_tenant),
        "claims": '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
    }
    status, reply = posted(still_tenant, form)
    claims = jwt.decode(reply["access_token"], options={"verify_signature": False})
    assert status == 200
    assert claims["tid"] == still_tenant.tenant_id
    assert claims["appid"] == still_tenant.client_id
    assert claims["aud"] == "https://graph.microsoft.com"
    assert "User.Read.All" in claims["roles"]
    assert claims["xms_cc"] == ["CP1"]
    assert claims["exp"] - claims["iat"] == reply["expires_in"]


def test_a_token_verifies_with_the_published_key(still_tenant: RunningTenant) -> None:
    """The signature is a real one, so a client that checks it finds it valid."""
    context = ssl.create_default_context(cafile=str(still_tenant.ca_bundle_file))
    url = f"{still_tenant.authority_url}/{still_tenant.tenant_id}/v2.0/.well-known/openid-configuration"
    with urllib.request.urlopen(url, context=context, timeout=10) as response:
        keys_url = json.load(response)["jwks_uri"]
    with urllib.request.urlopen(keys_url, context=context, timeout=10) as response:
        key = jwt.PyJWK(json.load(response)["keys"][0])
    _, reply = posted(still_tenant, assertion_of(still_tenant))
    jwt.decode(reply["access_token"], key, algorithms=["RS256"], audience="https://graph.microsoft.com")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_id": str(uuid4())}, 400, 700016),
        ({"scope": "https://graph.microsoft.com/User.Read"}, 400, 1002012),
        ({"scope": "https://vault.azure.net/.default"}, 400, 500011),
        ({"scope": ""}, 400, 90014),
        ({"grant_type": "password"}, 400, 70003),
    ],
)
def test_a_wrong_request_gets_the_documented_error(
    still_tenant: RunningTenant, changed: dict[str, str], status: int, code: int
) -> None:
    """An operator searches for the AADSTS number; it must be the right one."""
    form = {
        "grant_type": "client_credentials",
        "client_id": still_tenant.client_id,
        "scope": SCOPE,
        "client_secret": secret_of(still_tenant),
        **changed,
    }
    answered, reply = posted(still_tenant, form)
    assert (answered, reply["error_codes"]) == (status, [code])
    assert reply["error_description"].startswith(f"AADSTS{code}: ")


def test_a_request_without_a_proof_is_refused(still_tenant: RunningTenant) -> None:
    """Knowing the client id is not enough."""
    form = {"grant_type": "client_credentials", "client_id": still_tenant.client_id, "scope": SCOPE}
    assert posted(still_tenant, form)[1]["error_codes"] == [7000216]


def test_another_tenant_is_not_found(still_tenant: RunningTenant) -> None:
    """A typing error in the tenant must not sign in anywhere."""
    assert posted(still_tenant, assertion_of(still_tenant), str(uuid4()))[1]["error_codes"] == [90002]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exp": 1_600_000_000, "nbf": 1_500_000_000}, 700024),
        ({"aud": "https://login.example/other"}, 700023),
        ({"sub": "somebody"}, 700027),
    ],
)
def test_a_forged_assertion_is_refused(still_tenant: RunningTenant, changed: dict[str, Any], code: int) -> None:
    """Time, audience and subject of an assertion are checked, as Entra does."""
    status, reply = posted(still_tenant, assertion_of(still_tenant, **changed))
    assert (status, reply["error_codes"]) == (401, [code])


def test_an_assertion_by_another_certificate_is_refused(still_tenant: RunningTenant, tmp_path: Path) -> None:
    """Only the registered certificate signs in; azure-identity reports the number."""
    other = certificates_in(tmp_path, datetime.now(UTC))
    credential = CertificateCredential(
        still_tenant.tenant_id, still_tenant.client_id, str(other.client_file), **credential_options(still_tenant)
    )
    with credential, pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential.get_token(SCOPE)


def test_a_damaged_assertion_is_refused(still_tenant: RunningTenant) -> None:
    """A flipped signature is no signature."""
    form = assertion_of(still_tenant)
    head, body, signature = form["client_assertion"].split(".")
    flipped = ("A" if signature[10] != "A" else "B").join((signature[:10], signature[11:]))
    assert posted(still_tenant, {**form, "client_assertion": f"{head}.{body}.{flipped}"})[1]["error_codes"] == [700027]
    assert posted(still_tenant, {**form, "client_assertion": "nonsense"})[1]["error_codes"] == [50027]


def test_an_expired_token_is_refused_by_graph(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """A run that outlives its token must ask for another one."""
    adjustable_tenant.set_token_lifetime(0)
    got = client_of(adjustable_tenant).get("/v1.0/organization")
    assert (got.status, got.error_code) == (401, "InvalidAuthenticationToken")


def test_roles_that_are_taken_away_stay_in_tokens_that_were_issued(adjustable_tenant: RunningTenant) -> None:
    """As in Entra: a change of permissions reaches a client with its next token."""
    form = assertion_of(adjustable_tenant)
    before = posted(adjustable_tenant, form)[1]["access_token"]
    adjustable_tenant.set_roles(["Device.Read.All"])
    after = posted(adjustable_tenant, form)[1]["access_token"]
    roles = [jwt.decode(t, options={"verify_signature": False})["roles"] for t in (before, after)]
    assert "User.Read.All" in roles[0]
    assert roles[1] == ["Device.Read.All"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer a.b.c", "Basic abc"])
def test_graph_refuses_what_is_no_token(still_tenant: RunningTenant, header: str) -> None:
    """Nothing of the tenant is readable without a token, and refusals say that they are simulated."""
    context = ssl.create_default_context(cafile=str(still_tenant.ca_bundle_file))
    request = urllib.request.Request(f"{still_tenant.graph_url}/v1.0/users", headers={"Authorization": header})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, context=context, timeout=10)
    with caught.value as error:
        assert error.code == 401
        assert error.headers["x-strongroom-simulated"] == "1"
        assert error.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_names_the_directory_roles_of_the_application(changing_tenant: RunningTenant) -> None:
    """Whoever makes the archiver an administrator shows in its next token, as with Entra."""
    administrator = "62e90394-69f5-4237-9190-012177145e10"

    def roles() -> list[str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": changing_tenant.client_id,
            "client_secret": secret_of(changing_tenant),
            "scope": SCOPE,
        }
        token = posted(changing_tenant, form)[1]["access_token"]
        return list(jwt.decode(token, options={"verify_signature": False})["wids"])

    assert administrator not in roles()
    own = SimulatedTenant(USERS).population.plan.id_of("servicePrincipals", ARCHIVER)
    plant = {"op": "plant-role-assignment", "principal_id": own, "role_id": administrator, "scope": "/"}
    changing_tenant.attack([plant])
    assert administrator in roles()
