"""Application registrations, with credentials of which only hints can be read, and federated credentials."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from recovery.rehearsal.population.blanks import BLANK_APPLICATION
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of, guid_of
from recovery.rehearsal.population.names import PROJECTS
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS, DELEGATED_PERMISSIONS, READ_ROLES

Value = dict[str, Any]

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""appId of Microsoft Graph in every tenant."""

ARCHIVER, DEPLOYER, MAIL_TOOL = range(3)
"""Applications that every tenant has: the archiver's own, a CI deployment app and a mail tool with a wide grant."""

_NAMES = ("Strongroom archive reader", "Deploy pipeline", "Mailbox migration tool")

CERTIFICATE_BYTES = 812
"""Size of the public certificate in `keyCredentials.key`; random bytes, not a parsable certificate."""


class Applications:
    """Builds `microsoft.graph.application` objects and their federated identity credentials."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._plan = blueprint

    def app_id_of(self, index: int) -> str:
        """The client id of application number `index`; number 0 is the client that reads the tenant."""
        return self._plan.client_id if index == ARCHIVER else guid_of(self._plan.seed, "appId", index)

    def name_of(self, index: int) -> str:
        if index < len(_NAMES):
            return _NAMES[index]
        draw = Draw(self._plan.seed, "application name", index)
        kind = draw.pick(("API", "Portal", "Worker", "Mobile", "Bot", "Dienst für Prüfung"))
        return f"{draw.pick(PROJECTS)} {kind} {index}"

    def roles_of(self, index: int) -> list[Value]:
        """The application roles that application number `index` publishes: none for four in five."""
        if index < len(_NAMES) or index % 5:
            return []
        return [
            {
                "id": guid_of(self._plan.seed, "appRole", index, n),
                "allowedMemberTypes": ["User", "Application"],
                "description": f"{word} of {self.name_of(index)}",
                "displayName": word,
                "isEnabled": True,
                "origin": "Application",
                "value": f"{word}.All",
            }
            for n, word in enumerate(("Reader", "Writer", "Auditor"))
        ]

    def scopes_of(self, index: int) -> list[Value]:
        """The delegated scope that application number `index` publishes."""
        if index % 3:
            return []
        name = self.name_of(index)
        return [
            {
                "id": guid_of(self._plan.seed, "scope", index),
                "adminConsentDescription": f"Use {name} as the user",
                "adminConsentDisplayName": f"Use {name}",
                "isEnabled": True,
                "origin": "Application",
                "type": "User",
                "userConsentDescription": None,
                "userConsentDisplayName": None,
                "value": "user_impersonation",
            }
        ]

    def value(self, index: int) -> Value:
        """Application number `index` as Graph would send it with every property selected."""
        plan = self._plan
        draw = Draw(plan.seed, "application", index)
        app_id, name = self.app_id_of(index), self.name_of(index)
        return {
            "id": plan.id_of("applications", index),
            "deletedDateTime": None,
            "appId": app_id,
            "displayName": name,
            "createdDateTime": draw.past(2000, not_before=40),
            "description": None if draw.chance(500) else f"{name}, team {index % 40}",
            "identifierUris": [f"api://{app_id}"] if index % 3 == 0 else [],
            "publisherDomain": plan.initial_domain,
            "signInAudience": draw.pick(("AzureADMyOrg", "AzureADMyOrg", "AzureADMultipleOrgs")),
            "appRoles": self.roles_of(index),
            "keyCredentials": self._keys_of(draw, index),
            "passwordCredentials": self._secrets_of(draw, index),
            "requiredResourceAccess": self._access_of(draw, index),
            "api": self._api_of(index),
            "web": _web_of(index),
            "spa": {"redirectUris": []},
            "publicClient": {"redirectUris": ["http://localhost"] if index % 7 == 3 else []},
            "optionalClaims": _EMAIL_CLAIM if index % 4 == 1 else None,
            "tags": ["HideApp"] if index % 9 == 4 else [],
            **BLANK_APPLICATION,
            "info": {**BLANK_APPLICATION["info"], "logoUrl": self._logo_of(index)},
        }

    def federated_credentials_of(self, index: int) -> list[Value]:
        """Trusts in other issuers; the deployment app has one for its pipeline, one app in ten has one or two."""
        count = 1 if index == DEPLOYER else (0 if index % 10 else index // 10 % 2 + 1) if index > MAIL_TOOL else 0
        return [
            {
                "id": guid_of(self._plan.seed, "fic", index, n),
                "audiences": ["api://AzureADTokenExchange"],
                "description": None if n else f"Pipeline of {self.name_of(index)}",
                "issuer": "https://token.actions.githubusercontent.com",
                "name": f"pipeline-{index}-{n}",
                "subject": f"repo:simulated-example/service-{index}:environment:{('production', 'staging')[n]}",
            }
            for n in range(count)
        ]

    def owners_of(self, index: int) -> list[str]:
        """Object ids of owners: users, now and then a service principal."""
        plan = self._plan
        draw = Draw(plan.seed, "application owners", index)
        owners = dict.fromkeys(plan.id_of("users", draw.below(plan.users)) for _ in range(draw.below(3)))
        if index % 12 == 5:
            owners[plan.id_of("servicePrincipals", DEPLOYER)] = None
        return list(owners)

    def _logo_of(self, index: int) -> str | None:
        """Where the logo is; Graph's own ends with the time at which it was put there."""
        draw = Draw(self._plan.seed, "logo", index)
        if draw.chance(500):
            return None
        brand = f"https://images.simulated.example/appbranding/{self._plan.tenant_id}/{index}"
        return f"{brand}/bannerlogo?ts={draw.below(1 << 30)}"

    def _api_of(self, index: int) -> Value:
        return {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": 2,
            "oauth2PermissionScopes": self.scopes_of(index),
            "preAuthorizedApplications": [],
        }

    def _keys_of(self, draw: Draw, index: int) -> list[Value]:
        if index != ARCHIVER and not draw.chance(250):
            return []
        started = draw.past(300)
        return [
            {
                "customKeyIdentifier": b64encode(bytes_of(20, self._plan.seed, "thumbprint", index)).decode(),
                "displayName": f"CN=app-{index}",
                "endDateTime": "2027-11-01T00:00:00Z",
                "startDateTime": started,
                "key": b64encode(bytes_of(CERTIFICATE_BYTES, self._plan.seed, "certificate", index)).decode(),
                "keyId": guid_of(self._plan.seed, "keyId", index),
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
            }
        ]

    def _secrets_of(self, draw: Draw, index: int) -> list[Value]:
        return [
            {
                "customKeyIdentifier": None,
                "displayName": None if n else "Deployment",
                "endDateTime": "2027-05-01T00:00:00Z",
                "hint": f"{draw.below(1 << 18):03x}"[:3],
                "keyId": guid_of(self._plan.seed, "secret", index, n),
                "secretText": None,
                "startDateTime": draw.past(300),
            }
            for n in range(draw.below(3))
        ]

    def _access_of(self, draw: Draw, index: int) -> list[Value]:
        if index == ARCHIVER:
            access = [{"id": APPLICATION_PERMISSIONS[role], "type": "Role"} for role in READ_ROLES]
        else:
            scopes = ("User.Read", "openid", "profile", "Mail.Read")
            access = [{"id": DELEGATED_PERMISSIONS[scope], "type": "Scope"} for scope in scopes[: 1 + draw.below(4)]]
        if index in (DEPLOYER, MAIL_TOOL):
            role = "Application.ReadWrite.All" if index == DEPLOYER else "Mail.ReadWrite"
            access.append({"id": APPLICATION_PERMISSIONS[role], "type": "Role"})
        return [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": access}]


def _web_of(index: int) -> Value:
    address = f"https://app{index}.simulated.example/signin"
    return {
        "homePageUrl": f"https://app{index}.simulated.example" if index % 2 else None,
        "logoutUrl": None,
        "redirectUris": [address] if index % 2 else [],
        "redirectUriSettings": [{"uri": address, "index": None}] if index % 2 else [],
        "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": index % 6 == 1},
    }


_EMAIL_CLAIM: Value = {
    "accessToken": [],
    "saml2Token": [],
    "idToken": [{"additionalProperties": [], "essential": False, "name": "email", "source": None}],
}
