"""How people prove who they are: registered methods, and what Graph's reports and settings say of them."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, guid_of
from recovery.rehearsal.population.people import ADMINISTRATORS
from recovery.rehearsal.population.template import Above

Value = dict[str, Any]

PASSWORD_METHOD_ID = "28c10230-6103-485e-b985-444c60001490"
"""Every user's password has this id (Graph documentation of passwordAuthenticationMethod)."""

METHOD_NAMES = frozenset(
    (
        "id", "createdDateTime", "password", "displayName", "deviceTag", "phoneAppVersion", "phoneNumber", "phoneType",
        "smsSignInState", "aaGuid", "model", "attestationCertificates", "attestationLevel",
    )
)  # fmt: skip
"""Properties of all kinds of methods that are made here."""

REQUIREMENT_NAMES = frozenset(("perUserMfaState",))
_ORGANISATION_SETTING = "contributionToContentDiscoveryAsOrganizationDisabled"
_OWN_SETTING = "contributionToContentDiscoveryDisabled"
SETTINGS_NAMES = frozenset(("id", _ORGANISATION_SETTING, _OWN_SETTING))

_MOBILE_PHONE_ID = "3179e48a-750b-4051-897c-87b9720928f7"


class Registrations:
    """Builds what hangs on users' sign-in. A user is known by id, so newcomers have methods too."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._seed = blueprint.seed
        self._administrators = frozenset(blueprint.ids_of("users", 0, min(ADMINISTRATORS, blueprint.users)))

    def details_of(self, user: Value) -> Value:
        """The `userRegistrationDetails` of a user."""
        id = user["id"]
        kinds = self._kinds_of(id)
        strong = "microsoftAuthenticator" in kinds or "fido2" in kinds
        registered = [_REGISTERED[kind] for kind in kinds if kind in _REGISTERED]
        preferred = "push" if "microsoftAuthenticator" in kinds else "sms" if "phone" in kinds else "none"
        return {
            "id": id,
            "userPrincipalName": user["userPrincipalName"],
            "userDisplayName": user["displayName"],
            "userType": "guest" if user["userType"] == "Guest" else "member",
            "isAdmin": id in self._administrators,
            "isSsprRegistered": "phone" in kinds,
            "isSsprEnabled": user["userType"] != "Guest",
            "isSsprCapable": "phone" in kinds and user["userType"] != "Guest",
            "isMfaRegistered": strong or "phone" in kinds,
            "isMfaCapable": strong,
            "isPasswordlessCapable": "fido2" in kinds,
            "methodsRegistered": registered,
            "isSystemPreferredAuthenticationMethodEnabled": True,
            "systemPreferredAuthenticationMethods": registered[:1],
            "userPreferredMethodForSecondaryAuthentication": preferred,
            "lastUpdatedDateTime": Draw(self._seed, "registered", id).past_fine(30),
        }

    def methods_of(self, above: Above) -> list[Value]:
        """The `authenticationMethod` objects of a user: a password, and what he registered."""
        (user,) = above
        return [self._method_of(kind, user) for kind in ("password", *self._kinds_of(user))]

    def requirements_of(self, above: Above) -> list[Value]:
        """The one `strongAuthenticationRequirements` of a user."""
        lot = Draw(self._seed, "requirements", *above).below(20)
        return [{"perUserMfaState": "enforced" if lot == 0 else "enabled" if lot == 1 else "disabled"}]

    def settings_of(self, above: Above) -> list[Value]:
        """The one `userSettings` of a user."""
        off = Draw(self._seed, "user settings", *above).chance(50)
        return [{"id": above[0], _ORGANISATION_SETTING: False, _OWN_SETTING: off}]

    def _kinds_of(self, user: str) -> tuple[str, ...]:
        draw = Draw(self._seed, "methods", user)
        if user in self._administrators:
            return ("fido2", "microsoftAuthenticator")
        return tuple(
            kind
            for kind, share in (("microsoftAuthenticator", 800), ("phone", 600), ("fido2", 80))
            if draw.chance(share)
        )

    def _method_of(self, kind: str, user: str) -> Value:
        draw = Draw(self._seed, "method", kind, user)
        head = {"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod", "id": guid_of(self._seed, kind, user)}
        created = {"createdDateTime": draw.past(900, not_before=10)}
        if kind == "password":
            return {**head, "id": PASSWORD_METHOD_ID, **created, "password": None}
        if kind == "phone":
            number = f"+31 6{draw.below(100_000_000):08d}"
            words = {"phoneNumber": number, "phoneType": "mobile", "smsSignInState": "notAllowedByPolicy"}
            return {**head, "id": _MOBILE_PHONE_ID, "createdDateTime": None, **words}
        if kind == "fido2":
            return {
                **head,
                **created,
                "displayName": "Security key",
                "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
                "model": "YubiKey 5 Series with NFC",
                "attestationCertificates": [f"{draw.below(1 << 160):040x}"],
                "attestationLevel": "attested",
            }
        app = {"displayName": "Phone", "deviceTag": "SoftwareTokenActivated", "phoneAppVersion": "6.2611.1234"}
        return {**head, **created, **app}


_REGISTERED = {
    "microsoftAuthenticator": "microsoftAuthenticatorPush",
    "phone": "mobilePhone",
    "fido2": "passKeyDeviceBound",
}
"""What the report calls a registered method."""
