"""Service principals by the appId of their application: what a policy names, and what acts with its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from recovery.attribute import Value
from recovery.naming import app_roles_of, name_in
from recovery.object_scan import objects_in
from verify.snapshot import VerifiedSnapshot

GRAPH_APP_ID: Final = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph, in every tenant. Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in"""


class ServicePrincipal(NamedTuple):
    """The id and the name of one; `app_roles` are the words of the roles that it offers, kept of Graph's alone."""

    id: str
    name: str | None
    app_roles: Mapping[str, str]


class EnterpriseApplications:
    """The service principals of two snapshots. They are read when they are first asked for; the later one counts."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        self._snapshots = tuple(dict.fromkeys((before, after)))
        self._found: dict[str, ServicePrincipal] | None = None

    def of_app(self, app_id: Value) -> ServicePrincipal | None:
        """The service principal of the application with this appId; None where there is none.

        Raises:
            StrongroomError: what is read is not what was signed.
        """
        if self._found is None:
            self._found = {}
            for snapshot in self._snapshots:
                for value in objects_in(snapshot, "servicePrincipals"):
                    if isinstance(app := value.get("appId"), str):
                        roles = app_roles_of(value) if app == GRAPH_APP_ID else {}
                        self._found[app] = ServicePrincipal(str(value.get("id")), name_in(value), roles)
        return self._found.get(app_id) if isinstance(app_id, str) else None
