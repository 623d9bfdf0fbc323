"""The users of the simulated tenant, each built from its number when it is asked for."""

from __future__ import annotations

import struct
from base64 import b64encode
from typing import Any
from uuid import UUID

from recovery.rehearsal.population.blanks import BLANK_PERSON
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of
from recovery.rehearsal.population.names import DEPARTMENTS, PLACES, TITLES, person_name_of, plain_of
from recovery.rehearsal.population.plans import LICENCES, Licence, assigned_plans_of, provisioned_plans_of

Value = dict[str, Any]

ADMINISTRATORS = 12
"""Users 0 to 11 are administrators: 0 and 1 are the break-glass accounts, 2 to 11 hold or may activate roles."""

SERVICE_ACCOUNTS = 4
"""Users 12 to 15 are service accounts without a licence."""

_NO_EXTENSIONS: dict[str, str | None] = {f"extensionAttribute{n}": None for n in range(1, 16)}


def security_identifier_of(object_id: str) -> str:
    """The SID that Entra derives from an object id: S-1-12-1 and the GUID's bytes as four little-endian words."""
    a, b, c, d = struct.unpack("<4I", UUID(object_id).bytes_le)
    return f"S-1-12-1-{a}-{b}-{c}-{d}"


class People:
    """Builds `microsoft.graph.user` objects, 3 to 6 KB of JSON each, with every property that Graph v1.0 documents."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._plan = blueprint
        self._identities_issuer = blueprint.initial_domain

    def value(self, index: int) -> Value:
        """User number `index` as Graph would send it with every property selected."""
        plan = self._plan
        draw = Draw(plan.seed, "user", index)
        name = person_name_of(draw, index)
        guest, synced = self.is_guest(index), self.is_synced(index)
        alias = f"{plain_of(name.given)}.{plain_of(name.surname)}{index}"
        principal = f"{alias}@{plan.domain}"
        if guest:
            principal = f"{alias}_partner.example#EXT#@{plan.initial_domain}"
        mail = f"{alias}@partner.example" if guest else principal
        object_id = plan.id_of("users", index)
        created = draw.past(2600, not_before=40)
        value: Value = {
            "id": object_id,
            "deletedDateTime": None,
            "accountEnabled": not self.is_disabled(index),
            "displayName": self._display_name(index, name.display),
            "givenName": name.given,
            "surname": name.surname,
            "userPrincipalName": principal,
            "userType": "Guest" if guest else "Member",
            "mail": mail,
            "mailNickname": principal.partition("@")[0] if guest else alias,
            "createdDateTime": created,
            "creationType": "Invitation" if guest else None,
            "externalUserState": draw.pick(("Accepted", "PendingAcceptance")) if guest else None,
            "externalUserStateChangeDateTime": created if guest else None,
            "securityIdentifier": security_identifier_of(object_id),
        }
        value.update(_work_of(draw, index, guest))
        value.update(self._licences_of(draw, index))
        value.update(self._addresses_of(draw, alias, principal, guest))
        value.update(self._on_premises_of(draw, index, alias, synced))
        value.update(_sign_in_of(draw, index, synced))
        return value

    def name_of(self, index: int) -> str:
        """The display name of user number `index`, without building the whole object."""
        return self._display_name(index, person_name_of(Draw(self._plan.seed, "user", index), index).display)

    def is_guest(self, index: int) -> bool:
        return index % 16 == 7 and index >= ADMINISTRATORS

    def is_disabled(self, index: int) -> bool:
        return index % 33 == 18

    def is_synced(self, index: int) -> bool:
        return index >= ADMINISTRATORS and not self.is_guest(index) and index % 10 < 7

    def _display_name(self, index: int, drawn: str) -> str:
        if index < 2:
            return f"Break Glass {index + 1}"
        if index == 2:
            return "MOD Administrator"
        if ADMINISTRATORS <= index < ADMINISTRATORS + SERVICE_ACCOUNTS:
            return f"svc-{('backup', 'print', 'scan', 'hr-sync')[index - ADMINISTRATORS]}"
        return drawn

    def licence_of(self, index: int) -> Licence | None:
        """The main licence of user number `index`; guests, service accounts and a few others have none."""
        if self.is_guest(index) or ADMINISTRATORS <= index < ADMINISTRATORS + SERVICE_ACCOUNTS or index % 29 == 28:
            return None
        return LICENCES[(0, 0, 0, 0, 1, 1, 1, 2, 2, 1)[index % 10]]

    def _licences_of(self, draw: Draw, index: int) -> Value:
        licence = self.licence_of(index)
        if licence is None:
            return {
                "assignedLicenses": [],
                "assignedPlans": [],
                "licenseAssignmentStates": [],
                "provisionedPlans": [],
                "usageLocation": None if index % 2 else "NL",
            }
        status = "Suspended" if self.is_disabled(index) else "Enabled"
        assigned_at = draw.past(900)
        by_group = self._plan.id_of("groups", 4) if licence is LICENCES[0] else None
        disabled = [licence.plans[draw.below(len(licence.plans))].id] if draw.chance(150) else []
        return {
            "assignedLicenses": [{"disabledPlans": disabled, "skuId": licence.id}],
            "assignedPlans": assigned_plans_of(licence, assigned_at, status),
            "licenseAssignmentStates": [
                {
                    "skuId": licence.id,
                    "disabledPlans": disabled,
                    "assignedByGroup": by_group,
                    "state": "Active",
                    "error": "None",
                    "lastUpdatedDateTime": assigned_at,
                }
            ],
            "provisionedPlans": provisioned_plans_of(licence, status),
            "usageLocation": PLACES[index % len(PLACES)][1],
        }

    def _addresses_of(self, draw: Draw, alias: str, principal: str, guest: bool) -> Value:
        plan = self._plan
        if guest:
            proxies, chats = [f"SMTP:{alias}@partner.example"], []
            identities = [
                {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None},
                {"signInType": "userPrincipalName", "issuer": plan.initial_domain, "issuerAssignedId": principal},
            ]
        else:
            proxies = [f"SMTP:{principal}", f"smtp:{alias}@{plan.initial_domain}"]
            if draw.chance(300):
                proxies.append(
                    f"x500:/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn="
                    f"{draw.below(1 << 128):032x}-{alias[:12]}"
                )
            chats = [principal]
            identities = [
                {"signInType": "userPrincipalName", "issuer": plan.initial_domain, "issuerAssignedId": principal},
            ]
        return {
            "proxyAddresses": proxies,
            "imAddresses": chats,
            "identities": identities,
            "otherMails": [f"{alias}@partner.example"] if guest else [],
            "showInAddressList": None if guest else True,
            "authorizationInfo": {"certificateUserIds": [f"X509:<PN>{principal}"] if draw.chance(50) else []},
        }

    def _on_premises_of(self, draw: Draw, index: int, alias: str, synced: bool) -> Value:
        extensions = dict(_NO_EXTENSIONS)
        if not synced:
            empty = dict.fromkeys(
                (
                    "onPremisesDistinguishedName",
                    "onPremisesDomainName",
                    "onPremisesImmutableId",
                    "onPremisesLastSyncDateTime",
                    "onPremisesSamAccountName",
                    "onPremisesSecurityIdentifier",
                    "onPremisesSyncEnabled",
                    "onPremisesUserPrincipalName",
                )
            )
            return {**empty, "onPremisesExtensionAttributes": extensions, "onPremisesProvisioningErrors": []}
        department = DEPARTMENTS[index % len(DEPARTMENTS)]
        extensions["extensionAttribute1"] = f"EMP{index:07d}"
        extensions["extensionAttribute10"] = draw.pick(("A", "B", "C", None))
        return {
            "onPremisesDistinguishedName": f"CN={alias},OU={department},OU=Users,DC=simulated,DC=example",
            "onPremisesDomainName": "corp.simulated.example",
            "onPremisesImmutableId": b64encode(bytes_of(16, self._plan.seed, "anchor", index)).decode(),
            "onPremisesLastSyncDateTime": draw.past(3),
            "onPremisesSamAccountName": alias[:20],
            "onPremisesSecurityIdentifier": f"S-1-5-21-1004336348-1177238915-682003330-{10_000 + index}",
            "onPremisesSyncEnabled": True,
            "onPremisesUserPrincipalName": f"{alias}@{self._plan.domain}",
            "onPremisesExtensionAttributes": extensions,
            "onPremisesProvisioningErrors": [],
        }


def _work_of(draw: Draw, index: int, guest: bool) -> Value:
    if guest:
        return {
            **BLANK_PERSON,
            "companyName": "Partner AG",
            "department": DEPARTMENTS[index % len(DEPARTMENTS)],
            "customSecurityAttributes": _security_attributes_of(index),
        }
    city, country, state, postal_code, language = PLACES[index % len(PLACES)]
    return {
        **BLANK_PERSON,
        "customSecurityAttributes": _security_attributes_of(index),
        "businessPhones": [f"+31 20 {draw.below(10_000_000):07d}"],
        "city": city,
        "companyName": "Simulated Example",
        "country": country,
        "department": DEPARTMENTS[index % len(DEPARTMENTS)],
        "employeeHireDate": draw.past(2500, not_before=40),
        "employeeId": f"{100_000 + index}",
        "employeeLeaveDateTime": "2027-03-31T17:00:00Z" if index % 40 == 13 else None,
        "employeeType": draw.pick(("Employee", "Contractor")),
        "jobTitle": draw.pick(TITLES),
        "employeeOrgData": {"costCenter": f"CC{draw.below(900) + 100}", "division": None},
        "mobilePhone": f"+31 6 {draw.below(100_000_000):08d}" if draw.chance(600) else None,
        "officeLocation": f"{draw.below(9) + 1}.{draw.below(90) + 10}",
        "postalCode": postal_code,
        "preferredLanguage": language,
        "state": state,
        "streetAddress": f"Kade {draw.below(400) + 1}",
    }


def _security_attributes_of(index: int) -> Value | None:
    if index % 50 != 21:
        return None
    return {
        "Operations": {
            "@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue",
            "Clearance@odata.type": "#Collection(String)",
            "Clearance": ["Internal", "Confidential"],
            "Level@odata.type": "#Int32",
            "Level": index % 5,
        }
    }


def _sign_in_of(draw: Draw, index: int, synced: bool) -> Value:
    changed = draw.past(400)
    seen = draw.past(30) if index % 12 else None
    request = f"{draw.below(1 << 32):08x}-0000-4000-8000-{draw.below(1 << 48):012x}" if seen else None
    return {
        "lastPasswordChangeDateTime": changed,
        "signInSessionsValidFromDateTime": changed,
        "refreshTokensValidFromDateTime": changed,
        "passwordPolicies": "DisablePasswordExpiration" if index % 3 == 0 else None,
        "passwordProfile": None
        if synced
        else {"forceChangePasswordNextSignIn": False, "forceChangePasswordNextSignInWithMfa": False, "password": None},
        "signInActivity": {
            "lastSignInDateTime": seen,
            "lastSignInRequestId": request,
            "lastNonInteractiveSignInDateTime": seen,
            "lastNonInteractiveSignInRequestId": request,
            "lastSuccessfulSignInDateTime": seen,
            "lastSuccessfulSignInRequestId": request,
        },
    }
