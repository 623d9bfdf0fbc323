"""The commands that grant an application the permissions it needs, ready to paste."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Application id of Microsoft Graph, the same in every tenant (Microsoft Learn)."""


def grant_lines_of(permissions: Iterable[str], client_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Gives the `az` lines, and the PowerShell lines, that grant an application these permissions."""
    names = tuple(permissions)
    roles = " ".join(f"{permission_id_of(name)}=Role" for name in names)
    az = (
        f"az ad app permission add --id {client_id} --api {GRAPH_APP_ID} --api-permissions {roles}",
        f"az ad app permission admin-consent --id {client_id}",
    )
    listed = ", ".join(f"'{name}'" for name in names)
    powershell = (
        "Connect-MgGraph -Scopes Application.Read.All, AppRoleAssignment.ReadWrite.All",
        f"$app = Get-MgServicePrincipal -Filter \"appId eq '{client_id}'\"",
        f"$graph = Get-MgServicePrincipal -Filter \"appId eq '{GRAPH_APP_ID}'\"",
        f"$names = {listed}",
        "$roles = $graph.AppRoles | Where-Object { $_.AllowedMemberTypes -contains 'Application' -and"
        " $_.Value -in $names }",
        "$roles | ForEach-Object { New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id"
        " -PrincipalId $app.Id -ResourceId $graph.Id -AppRoleId $_.Id }",
    )
    return az, powershell


def permission_id_of(name: str) -> str:
    """Gives the id of an application permission of Microsoft Graph, the same in every tenant."""
    return _permission_ids()[name]


@cache
def _permission_ids() -> dict[str, str]:
    ids: dict[str, str] = json.loads((files("archiver.graph") / "permission_ids.json").read_bytes())
    return ids
