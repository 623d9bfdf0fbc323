"""The login authority: discovery and the client-credentials grant, with Entra's error texts.

Error numbers and wording: Microsoft's list of AADSTS error codes.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from recovery.rehearsal.serving.tokens import GRAPH_AUDIENCES, Tokens

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION_CHARACTERS = 32_768
CLOCK_SKEW_SECONDS = 300
"""Tolerance for the times in an assertion, as Entra's five minutes."""


class Reply(NamedTuple):
    status: int
    body: dict[str, Any]


REFUSALS = {
    50027: (400, "invalid_request", "JWT token is invalid or malformed."),
    70003: (400, "unsupported_grant_type", "The app requested an unsupported grant type."),
    90002: (
        400,
        "invalid_request",
        (
            "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into "
            "the correct cloud."
        ),
    ),
    90014: (400, "invalid_request", "The required field 'scope' is missing from the credential."),
    500011: (400, "invalid_resource", "The resource principal named {0} was not found in the tenant."),
    700016: (
        400,
        "unauthorized_client",
        ("Application with identifier '{0}' was not found in the directory 'Simulated Example'."),
    ),
    700023: (401, "invalid_client", "Client assertion audience claim does not match Realm issuer."),
    700024: (401, "invalid_client", "Client assertion is not within its valid time range."),
    700027: (
        401,
        "invalid_client",
        ("The certificate with identifier used to sign the client assertion is not registered on application. {0}"),
    ),
    1002012: (
        400,
        "invalid_scope",
        (
            "The provided value for scope {0} is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier."
        ),
    ),
    7000215: (
        401,
        "invalid_client",
        (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            "value, not the client secret ID, for a secret added to app '{0}'."
        ),
    ),
    7000216: (
        401,
        "invalid_client",
        ("'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."),
    ),
}
"""Status, OAuth error and text by AADSTS number."""


class SignInError(Exception):
    """A sign-in that is refused; `number` is the AADSTS number, `detail` goes into its text."""

    def __init__(self, number: int, detail: str = "") -> None:
        self.number = number
        self.status, self.error, text = REFUSALS[number]
        self.text = text.format(detail)
        super().__init__(self.text)


class Authority:
    """Signs one application in. `roles` are what its next tokens will hold and may be changed while running;
    `directory_roles` gives the template ids of those that its service principal has by then.
    """

    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        secret: str,
        certificate: x509.Certificate,
        tokens: Tokens,
        roles: tuple[str, ...],
        directory_roles: Callable[[], tuple[str, ...]],
        aliases: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tenant_id, self._client_id, self._secret = tenant_id, client_id, secret
        self._certificate, self._tokens = certificate, tokens
        self._names = frozenset(name.lower() for name in (tenant_id, *aliases))
        self._clock = clock
        self.roles = roles
        self._directory_roles = directory_roles

    def discovery(self, tenant: str, origin: str) -> Reply:
        """`/{tenant}/v2.0/.well-known/openid-configuration`."""
        if tenant.lower() not in self._names:
            return self._refused(SignInError(90002, tenant))
        base = f"{origin}/{self._tenant_id}"
        return Reply(
            200,
            {
                "token_endpoint": f"{origin}/{tenant}/oauth2/v2.0/token",
                "issuer": f"{base}/v2.0",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "jwks_uri": f"{origin}/{tenant}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token"],
                "scopes_supported": ["openid", "profile"],
                "authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/devicecode",
                "end_session_endpoint": f"{origin}/{tenant}/oauth2/v2.0/logout",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
                "cloud_graph_host_name": "graph.windows.net",
                "msgraph_host": "graph.microsoft.com",
            },
        )

    def keys(self) -> Reply:
        """The public keys of access tokens."""
        return Reply(200, {"keys": [self._tokens.public_jwk()]})

    def token(self, tenant: str, form: Mapping[str, str], origin: str) -> Reply:
        """`/{tenant}/oauth2/v2.0/token` for grant_type=client_credentials; `form` is the decoded body."""
        try:
            if tenant.lower() not in self._names:
                raise SignInError(90002, tenant)
            if form.get("grant_type") != "client_credentials":
                raise SignInError(70003)
            audience = _audience_of(form.get("scope"))
            self._authenticate(form, [f"{origin}/{tenant}/oauth2/v2.0/token", f"{origin}/{self._tenant_id}/v2.0"])
            capabilities = _capabilities_of(form.get("claims"))
            token = self._tokens.issue(audience, self.roles, capabilities, self._directory_roles())
        except SignInError as error:
            return self._refused(error)
        lifetime = self._tokens.lifetime
        return Reply(
            200, {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}
        )

    def _authenticate(self, form: Mapping[str, str], audiences: list[str]) -> None:
        client = form.get("client_id", "")
        if client != self._client_id:
            raise SignInError(700016, client)
        if "client_assertion" in form:
            self._check_assertion(form, audiences)
        elif "client_secret" in form:
            if not hmac.compare_digest(form["client_secret"].encode(), self._secret.encode()):
                raise SignInError(7000215, client)
        else:
            raise SignInError(7000216)

    def _check_assertion(self, form: Mapping[str, str], audiences: list[str]) -> None:
        assertion = form["client_assertion"]
        too_long = len(assertion) > LONGEST_ASSERTION_CHARACTERS
        if too_long or form.get("client_assertion_type") != ASSERTION_TYPE:
            raise SignInError(50027)
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.InvalidTokenError as error:
            raise SignInError(50027) from error
        known = {
            "x5t": _thumbprint_of(self._certificate, hashes.SHA1()),
            "x5t#S256": _thumbprint_of(self._certificate, hashes.SHA256()),
        }
        named = [name for name in known if name in header]
        if not named or any(str(header[name]).rstrip("=") != known[name] for name in named):
            raise SignInError(700027)
        key = self._certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise SignInError(700027)
        try:
            jwt.decode(
                assertion,
                key,
                algorithms=["RS256", "PS256"],
                audience=audiences,
                issuer=self._client_id,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "aud", "iss", "sub"]},
                subject=self._client_id,
            )
        except jwt.InvalidAudienceError as error:
            raise SignInError(700023) from error
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
            raise SignInError(700024) from error
        except jwt.InvalidTokenError as error:
            raise SignInError(700027, str(error)) from error

    def _refused(self, error: SignInError) -> Reply:
        now = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        trace, correlation = str(uuid4()), str(uuid4())
        return Reply(
            error.status,
            {
                "error": error.error,
                "error_description": f"AADSTS{error.number}: {error.text} Trace ID: {trace} "
                f"Correlation ID: {correlation} Timestamp: {now}",
                "error_codes": [error.number],
                "timestamp": now,
                "trace_id": trace,
                "correlation_id": correlation,
                "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
            },
        )


def _thumbprint_of(certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> str:
    return urlsafe_b64encode(certificate.fingerprint(algorithm)).rstrip(b"=").decode()


def _audience_of(scope: str | None) -> str:
    if not scope:
        raise SignInError(90014)
    audience, dot, rest = scope.partition("/.default")
    if not dot or rest:
        raise SignInError(1002012, scope)
    if audience not in GRAPH_AUDIENCES:
        raise SignInError(500011, audience)
    return audience


def _capabilities_of(claims: str | None) -> tuple[str, ...]:
    if not claims:
        return ()
    try:
        values = json.loads(claims)["access_token"]["xms_cc"]["values"]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(str(v) for v in values) if isinstance(values, list) else ()
