"""Access tokens: RS256 JSON Web Tokens (RFC 7519) that the authority issues and Graph checks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from recovery.rehearsal.graph.refusal import Refusal

GRAPH_AUDIENCES = (
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
)
"""Resources that a token may be for: Graph in the global and the national clouds."""

DEFAULT_LIFETIME_SECONDS = 3599
"""`expires_in` of a client-credentials token, as Entra sends it."""

EVERY_APPLICATION = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"
"""In `wids` of every application's token, and no role of its own."""

REMEMBERED_TOKENS = 256
"""Tokens whose signature is not checked again; the expiry always is."""

KEY_BITS = 2048


class Tokens:
    """Issues and checks tokens of one tenant. `lifetime` is in seconds and may be changed while running."""

    def __init__(self, tenant_id: str, client_id: str, lifetime: int, clock: Callable[[], float] = time.time) -> None:
        self._tenant_id, self._client_id = tenant_id, client_id
        self.lifetime = lifetime
        self._clock = clock
        self._key = rsa.generate_private_key(65537, KEY_BITS)
        self._checked: dict[str, dict[str, Any]] = {}

    def issue(
        self,
        audience: str,
        roles: tuple[str, ...],
        capabilities: tuple[str, ...] = (),
        directory_roles: tuple[str, ...] = (),
    ) -> str:
        """A signed token for `audience`; `capabilities` become `xms_cc`, `directory_roles` are added to `wids`."""
        now = int(self._clock())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime,
            "app_displayname": "Strongroom archive reader",
            "appid": self._client_id,
            "appidacr": "1",
            "idp": f"https://sts.windows.net/{self._tenant_id}/",
            "idtyp": "app",
            "oid": self._client_id,
            "roles": list(roles),
            "sub": self._client_id,
            "tid": self._tenant_id,
            "uti": uuid4().hex[:22],
            "ver": "1.0",
            "wids": [EVERY_APPLICATION, *directory_roles],
            "xms_tcdt": 1521019613,
            "xms_idrel": "7 2",
        }
        if capabilities:
            claims["xms_cc"] = list(capabilities)
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "simulated"})

    def roles_of(self, authorization: str | None) -> frozenset[str]:
        """The roles in an `Authorization` header's token.

        Raises: Refusal 401 InvalidAuthenticationToken when it is absent, forged, expired or for somebody
        else.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("Access token is empty.")
        claims = self._checked.get(token)
        if claims is None:
            try:
                claims = jwt.decode(
                    token,
                    self._key.public_key(),
                    algorithms=["RS256"],
                    audience=GRAPH_AUDIENCES,
                    options={
                        "require": ["exp", "aud", "appid"],
                        "verify_exp": False,
                        "verify_nbf": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidTokenError as error:
                raise _unauthorized(f"Access token validation failure. {error}.") from error
            if len(self._checked) >= REMEMBERED_TOKENS:
                self._checked.clear()
            self._checked[token] = claims
        if claims["exp"] <= self._clock():
            raise _unauthorized("Lifetime validation failed, the token is expired.")
        return frozenset(claims["roles"])

    def public_jwk(self) -> dict[str, Any]:
        """The key that tokens are signed with, as the authority publishes it (RFC 7517)."""
        return {
            **jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True),
            "kid": "simulated",
            "use": "sig",
        }


def _unauthorized(message: str) -> Refusal:
    return Refusal(
        401,
        "InvalidAuthenticationToken",
        message,
        {
            "WWW-Authenticate": 'Bearer realm="", '
            'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
            'client_id="00000003-0000-0000-c000-000000000000"'
        },
    )
