"""How the archiver signs in: a credential of azure-identity made from `[tenant.credential]`.

The one module that imports azure.identity.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity import CredentialUnavailableError
from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from archiver.graph.cloud import CLOUDS
from archiver.graph.errors import CredentialRefusedError, GraphUnreachableError
from archiver.graph.sign_in_transport import SignInTransport
from archiver.graph.trouble import next_step_of, next_step_of_refusal, words_of
from config.credential import CredentialSettings
from config.tenant import TenantSettings

MAX_SECRET_BYTES = 64 * 1024
"""Largest secret or certificate file, in bytes; a chain of five certificates with its key is about 12 KiB."""
SIGN_IN_SECONDS = 120.0
"""Seconds for one sign-in: a second where all is well, and all other requests wait for it."""
_CONNECT_SECONDS, _READ_SECONDS = 30.0, 60.0
_MANAGED_IDENTITY_STEP = (
    "See that this machine has a managed identity, and that tenant.credential.client_id, if it is set, is one of its "
    "own; where HTTP_PROXY is set, NO_PROXY must name 169.254.169.254, which no proxy reaches."
)

# What these libraries have to say comes back in errors, and is said once. Without a handler of its own a program
# that configures no logging would print their warnings to standard error.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


class Credential(AsyncTokenCredential):
    """Signs in as the settings say; `renew` drops the token that it holds.

    Raises, when made: CredentialRefusedError, if the files do not give a credential.
    """

    def __init__(self, tenant: TenantSettings, *, seconds: float = SIGN_IN_SECONDS) -> None:
        """`seconds` bounds one sign-in."""
        if tenant.credential is None:
            raise CredentialRefusedError(
                "tenant.credential is not set, so nobody can sign in to the tenant",
                next_step="Add [tenant.credential] to the settings of this host.",
            )
        self._tenant = tenant
        self._settings = tenant.credential
        self._seconds = seconds
        self.scope = CLOUDS[tenant.cloud].scope
        self._inner = self._made()
        self._old: list[AsyncTokenCredential] = []
        self._signing_in = asyncio.Lock()

    @property
    def generation(self) -> int:
        """How often `renew` dropped a token."""
        return len(self._old)

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """Gives a token, from the cache while it is good.

        Raises:
            CredentialRefusedError: the authority refuses the credential, or there is none here.
            GraphUnreachableError: the authority can't be reached.
        """
        try:
            # The lock lets many requests without a token sign in once; all of them give up together.
            async with asyncio.timeout(self._seconds), self._signing_in:
                return await self._inner.get_token(
                    *scopes, claims=claims, tenant_id=tenant_id, enable_cae=enable_cae, **kwargs
                )
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise self._refusal(error.message) from error
        except (AzureError, OSError) as error:  # TimeoutError is an OSError
            if isinstance(error, OSError) and error.filename:  # a workload identity's token is read at each sign-in
                raise _file_refusal(error) from error
            raise GraphUnreachableError(
                f"the login authority can't be reached at {_authority_of(self._tenant)}: {words_of(error)}",
                next_step=next_step_of(error, self._tenant),
            ) from error
        except ValueError as error:
            raise CredentialRefusedError(f"the credential can't be used: {error}") from error

    def _refusal(self, message: str) -> CredentialRefusedError:
        if self._settings.kind == "managed-identity":
            return CredentialRefusedError(
                f"the managed identity gives no token: {message}", next_step=_MANAGED_IDENTITY_STEP
            )
        return CredentialRefusedError(
            f"the login authority refuses the credential: {message}", next_step=next_step_of_refusal(message)
        )

    async def token(self) -> str:
        """Gives the text of a token for Graph.

        Raises:
            CredentialRefusedError, GraphUnreachableError: as `get_token`.
        """
        return (await self.get_token(self.scope, enable_cae=True)).token

    def renew(self, generation: int) -> None:
        """Forgets the token and reads the credential's files again: they may have been rotated.

        Does nothing if that happened since `generation` was read: of many requests that are refused at
        once, the first renews for all. Others may still be using the old one, so it closes with `close`.
        """
        if generation == self.generation:
            made = self._made()
            self._old.append(self._inner)
            self._inner = made

    async def close(self) -> None:
        """Closes the connections to the authority."""
        for credential in (*self._old, self._inner):
            await credential.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _made(self) -> AsyncTokenCredential:
        try:
            return _credential_of(self._tenant, self._settings)
        except OSError as error:
            raise _file_refusal(error) from error
        except ValueError as error:
            raise CredentialRefusedError(f"the files of tenant.credential give no credential: {error}") from error


def _file_refusal(error: OSError) -> CredentialRefusedError:
    return CredentialRefusedError(
        f"the files of tenant.credential give no credential: {error.filename}: {error.strerror}"
    )


def _authority_of(tenant: TenantSettings) -> str:
    return tenant.authority_url or CLOUDS[tenant.cloud].authority


def _credential_of(tenant: TenantSettings, settings: CredentialSettings) -> AsyncTokenCredential:
    options: dict[str, Any] = {
        "authority": _authority_of(tenant),
        "retry_total": 0,  # `reader` retries, in one place
        "transport": _transport_of(tenant),
    }
    if tenant.authority_url:
        options["disable_instance_discovery"] = True
    if settings.kind == "managed-identity":
        return ManagedIdentityCredential(client_id=settings.client_id)
    if settings.kind == "workload-identity":
        return WorkloadIdentityCredential(tenant_id=tenant.id, client_id=settings.client_id, **options)
    client_id = settings.client_id or ""
    if settings.kind == "secret":
        secret = _content_of(settings.secret_file).decode("utf-8").strip()
        return ClientSecretCredential(tenant.id, client_id, secret, **options)
    return CertificateCredential(
        tenant.id,
        client_id,
        certificate_data=_content_of(settings.certificate_file),
        send_certificate_chain=True,
        **options,
    )


def _transport_of(tenant: TenantSettings) -> SignInTransport:
    trust = {"connection_verify": str(tenant.ca_bundle_file)} if tenant.ca_bundle_file else {}
    return SignInTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, **trust)


def _content_of(path: Path | None) -> bytes:
    if path is None:
        raise ValueError("a file is not set")
    with path.open("rb") as source:
        content = source.read(MAX_SECRET_BYTES + 1)
    if not content or len(content) > MAX_SECRET_BYTES:
        raise ValueError(f"{path.name} is empty or larger than {MAX_SECRET_BYTES} bytes")
    return content
