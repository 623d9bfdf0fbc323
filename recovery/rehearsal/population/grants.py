"""Delegated consent: `oAuth2PermissionGrant` objects."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from recovery.rehearsal.population.applications import MAIL_TOOL
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.principals import Principals

Value = dict[str, Any]


def grant_of(client_id: str, resource_id: str, principal_id: str | None, scope: str) -> Value:
    """A grant of `scope` to one person, or to everybody when `principal_id` is None.

    The id is Entra's form: URL-safe base64 of the GUID bytes of client, resource and, if any, principal.
    """
    parts = [client_id, resource_id, *([principal_id] if principal_id else [])]
    return {
        "id": urlsafe_b64encode(b"".join(UUID(p).bytes_le for p in parts)).rstrip(b"=").decode(),
        "clientId": client_id,
        "consentType": "Principal" if principal_id else "AllPrincipals",
        "principalId": principal_id,
        "resourceId": resource_id,
        "scope": scope,
    }


def grants_of(plan: Blueprint, principals: Principals) -> list[Value]:
    """The grants of the first day: one for everybody per third application, and personal ones for 1 in 20 users."""
    graph = plan.id_of("servicePrincipals", principals.graph_index)
    everybody = {
        index: "openid profile User.Read" + (" Mail.ReadWrite offline_access" if index == MAIL_TOOL else "")
        for index in (MAIL_TOOL, *range(3, plan.applications, 3))
    }
    values = [grant_of(plan.id_of("servicePrincipals", i), graph, None, scope) for i, scope in everybody.items()]
    for user in range(3, plan.users, 20):
        draw = Draw(plan.seed, "grant", user)
        client = plan.id_of("servicePrincipals", draw.below(plan.applications))
        values.append(
            grant_of(client, graph, plan.id_of("users", user), draw.pick(("User.Read", "Files.Read.All Mail.Read")))
        )
    return values
