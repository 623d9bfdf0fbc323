"""What an access token says of the app that holds it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import NamedTuple

from archiver.graph.errors import CredentialRefusedError

MAX_TOKEN_CHARACTERS = 64 * 1024
"""Longest token that is looked into; one with every Graph role is about 20,000."""


class TokenClaims(NamedTuple):
    """What an access token says of itself; its signature is Graph's business and not looked at.

    `roles` are names of permissions of Graph; `directory_roles` are template ids of directory roles (`wids`,
    Microsoft Learn, access token claims), as far as the token tells them.
    """

    roles: frozenset[str]
    tenant_id: str | None
    app_id: str | None
    directory_roles: frozenset[str] = frozenset()


def claims_of(token: str) -> TokenClaims:
    """Reads the payload of a JSON Web Token (RFC 7519).

    Raises:
        CredentialRefusedError: the token is no such thing; a managed proxy may hand out opaque ones.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_TOKEN_CHARACTERS:
        raise CredentialRefusedError("the access token is no JSON Web Token")
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise CredentialRefusedError("the access token has no readable payload") from error
    if not isinstance(payload, dict):
        raise CredentialRefusedError("the access token has no readable payload")
    return TokenClaims(
        roles=_texts_in(payload, "roles"),
        tenant_id=_text_in(payload, "tid"),
        app_id=_text_in(payload, "appid"),
        directory_roles=_texts_in(payload, "wids"),
    )


def _texts_in(payload: dict[str, object], name: str) -> frozenset[str]:
    values = payload.get(name)
    return frozenset(one for one in values if isinstance(one, str)) if isinstance(values, list) else frozenset()


def _text_in(payload: dict[str, object], name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) else None
