"""Service principals: those of the tenant's own applications, Microsoft's, and enterprise applications of others."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from recovery.rehearsal.population.applications import GRAPH_APP_ID, Applications
from recovery.rehearsal.population.blanks import BLANK_PRINCIPAL
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of, guid_of
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS, DELEGATED_PERMISSIONS

Value = dict[str, Any]

MICROSOFT_TENANT_ID = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""appOwnerOrganizationId of Microsoft's own applications."""

FIRST_PARTY = (
    (GRAPH_APP_ID, "Microsoft Graph"),
    ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory"),
    ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"),
    ("cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "Microsoft Teams Services"),
    ("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI"),
    ("1950a258-227b-4e31-a9cf-717495945fc2", "Microsoft Azure PowerShell"),
    ("14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools"),
    ("d4ebce55-015a-49b5-a083-c84d1797ae8c", "Microsoft Intune Enrollment"),
    ("0000000a-0000-0000-c000-000000000000", "Microsoft Intune"),
    ("89bee1f7-5e6e-4d8a-9f3d-ecd601259da7", "Office365 Shell WCSS-Client"),
)

_GALLERY = (
    "Salesforce",
    "ServiceNow",
    "Workday",
    "Zoom",
    "Slack",
    "Atlassian Cloud",
    "Miro",
    "Box",
    "DocuSign",
    "AWS SSO",
)


class Principals:
    """Builds `microsoft.graph.servicePrincipal` objects.

    Numbers: the own applications' first (same number as the application), then FIRST_PARTY, then the gallery's.
    """

    def __init__(self, blueprint: Blueprint, applications: Applications) -> None:
        self._plan = blueprint
        self._applications = applications

    @property
    def graph_index(self) -> int:
        """The number of Microsoft Graph's service principal."""
        return self._plan.applications

    def is_gallery(self, index: int) -> bool:
        return index >= self._plan.applications + len(FIRST_PARTY)

    def name_of(self, index: int) -> str:
        own = self._plan.applications
        if index < own:
            return self._applications.name_of(index)
        if index < own + len(FIRST_PARTY):
            return FIRST_PARTY[index - own][1]
        number = index - own - len(FIRST_PARTY)
        return _GALLERY[number] if number < len(_GALLERY) else f"{_GALLERY[number % len(_GALLERY)]} {number}"

    def roles_of(self, index: int) -> list[Value]:
        """The application roles that other principals and people can be assigned to."""
        if index == self.graph_index:
            return [_role(id, name, ["Application"]) for name, id in APPLICATION_PERMISSIONS.items()]
        if index < self._plan.applications:
            return self._applications.roles_of(index)
        if self.is_gallery(index):
            return [_role(guid_of(self._plan.seed, "gallery role", index), "User", ["User"])]
        return []

    def value(self, index: int) -> Value:
        """Service principal number `index` as Graph would send it with every property selected."""
        plan = self._plan
        draw = Draw(plan.seed, "principal", index)
        own, name = index < plan.applications, self.name_of(index)
        first_party = not own and not self.is_gallery(index)
        app_id = self._app_id_of(index)
        owner = plan.tenant_id if own else MICROSOFT_TENANT_ID if first_party else guid_of("vendor", index)
        home = f"https://app{index}.simulated.example" if self.is_gallery(index) else None
        return {
            "id": plan.id_of("servicePrincipals", index),
            "deletedDateTime": None,
            "accountEnabled": not draw.chance(20),
            "appId": app_id,
            "appDisplayName": name,
            "displayName": name,
            "appOwnerOrganizationId": owner,
            "appRoleAssignmentRequired": self.is_gallery(index),
            "appRoles": self.roles_of(index),
            "oauth2PermissionScopes": self._scopes_of(index),
            "servicePrincipalNames": [app_id, *([home] if home else [])],
            "createdDateTime": draw.past(2000, not_before=40),
            "signInAudience": "AzureADMyOrg" if own else "AzureADMultipleOrgs",
            "homepage": home,
            "replyUrls": [f"{home}/saml"] if home else [],
            "keyCredentials": self._signing_keys_of(index),
            "preferredSingleSignOnMode": "saml" if home else None,
            "preferredTokenSigningKeyThumbprint": bytes_of(20, plan.seed, "signing", index).hex().upper()
            if home
            else None,
            "samlSingleSignOnSettings": {"relayState": None} if home else None,
            "notificationEmailAddresses": [f"admin@{plan.domain}"] if home else [],
            "tags": ["WindowsAzureActiveDirectoryIntegratedApp"] if own or home else [],
            "publisherName": "Microsoft Services" if first_party else None,
            **BLANK_PRINCIPAL,
            "publishedPermissionScopes": self._scopes_of(index),
        }

    def owners_of(self, index: int) -> list[str]:
        """Object ids of owners; only the tenant's own applications have some."""
        return self._applications.owners_of(index)[:1] if index < self._plan.applications else []

    def _app_id_of(self, index: int) -> str:
        own = self._plan.applications
        if index < own:
            return self._applications.app_id_of(index)
        if self.is_gallery(index):
            return guid_of(self._plan.seed, "gallery appId", index)
        return FIRST_PARTY[index - own][0]

    def _scopes_of(self, index: int) -> list[Value]:
        if index < self._plan.applications:
            return self._applications.scopes_of(index)
        if index != self.graph_index:
            return []
        return [
            {
                "id": id,
                "adminConsentDescription": f"Allows {name}",
                "adminConsentDisplayName": name,
                "isEnabled": True,
                "origin": None,
                "type": "User",
                "userConsentDescription": None,
                "userConsentDisplayName": None,
                "value": name,
            }
            for name, id in DELEGATED_PERMISSIONS.items()
        ]

    def _signing_keys_of(self, index: int) -> list[Value]:
        if not self.is_gallery(index):
            return []
        seed = self._plan.seed
        return [
            {
                "customKeyIdentifier": b64encode(bytes_of(20, seed, "signing", index)).decode(),
                "displayName": "CN=Microsoft Azure Federated SSO Certificate",
                "endDateTime": "2028-11-01T00:00:00Z",
                "key": b64encode(bytes_of(812, seed, "signing certificate", index)).decode()
                if usage == "Verify"
                else None,
                "keyId": guid_of(seed, "signing key", index, usage),
                "startDateTime": "2025-11-01T00:00:00Z",
                "type": "AsymmetricX509Cert",
                "usage": usage,
            }
            for usage in ("Verify", "Sign")
        ]


def _role(id: str, name: str, member_types: list[str]) -> Value:
    return {
        "id": id,
        "allowedMemberTypes": member_types,
        "description": f"Allows {name}",
        "displayName": name,
        "isEnabled": True,
        "origin": "Application",
        "value": name,
    }
