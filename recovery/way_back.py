"""Changes that nobody can put back, because nobody wrote them: values of Microsoft's, and what a rule decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recovery.attribute import Value
from recovery.word_set import word_changes_of

SET_BY_MICROSOFT: Final = "Microsoft sets it"
DECIDED_BY_RULE: Final = "the rule decides"
ORDER_ONLY: Final = "only the order differs"

_SYNCHRONISED = ("/onPremisesLastSyncDateTime", "/onPremisesProvisioningErrors", "/serviceProvisioningErrors")
_MODIFIED = ("/createdDateTime", "/modifiedDateTime", "/lastModifiedDateTime")
_READ_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "users": (
        *_SYNCHRONISED,
        "/assignedPlans",
        "/externalUserStateChangeDateTime",
        "/lastPasswordChangeDateTime",
        "/licenseAssignmentStates",
        "/provisionedPlans",
        "/refreshTokensValidFromDateTime",
        "/signInActivity",
        "/signInSessionsValidFromDateTime",
    ),
    "groups": (
        *_SYNCHRONISED,
        "/expirationDateTime",
        "/hasMembersWithLicenseErrors",
        "/licenseProcessingState",
        "/renewedDateTime",
    ),
    "devices": (*_SYNCHRONISED, "/approximateLastSignInDateTime", "/complianceExpirationDateTime"),
    "organization": (
        "/assignedPlans",
        "/onPremisesLastPasswordSyncDateTime",
        "/onPremisesLastSyncDateTime",
        "/provisionedPlans",
    ),
    "subscribedSkus": ("/consumedUnits",),
    "authenticationMethodsPolicy": _MODIFIED,
    "authenticationStrengthPolicies": _MODIFIED,
    "conditionalAccessPolicies": _MODIFIED,
    "namedLocations": _MODIFIED,
    "roleEligibilitySchedules": (*_MODIFIED, "/status"),
    "roleManagementPolicies": (*_MODIFIED, "/lastModifiedBy"),
}
"""Attributes that Graph calls read-only and that no act of an administrator brings back.

What an application's owner or another product decides (a service principal's app roles, a mailbox's addresses) is not
among them. Source: the properties of each type, https://learn.microsoft.com/graph/api/overview
"""


def is_set_by_microsoft(collection: str, path: str) -> bool:
    """Whether nobody can write the attribute at this JSON Pointer, or what it is a part of."""
    return any(path == one or path.startswith(f"{one}/") for one in _READ_ONLY.get(collection, ()))


def why_none_of(
    collection: str,
    value: Value,
    attributes: Iterable[tuple[str, Value, Value]],
    relations: Iterable[str],
) -> str | None:
    """Why no action puts a changed object back; None if there is something to put back.

    `value` is the object, `attributes` are path, before and after of each that differs, `relations` those with
    links that differ.
    """
    reasons = [_why_not(collection, *attribute) for attribute in attributes]
    reasons += [DECIDED_BY_RULE if one == "members" and _has_rule(value) else None for one in relations]
    found = [reason for reason in dict.fromkeys(reasons) if reason]
    return ", ".join(found) if found and None not in reasons else None


def _why_not(collection: str, path: str, before: Value, after: Value) -> str | None:
    if is_set_by_microsoft(collection, path):
        return SET_BY_MICROSOFT
    return ORDER_ONLY if word_changes_of(collection, path, before, after) == ((), ()) else None


def _has_rule(value: Value) -> bool:
    """Whether a group's or an administrative unit's members are those that its rule finds."""
    if not isinstance(value, Mapping):
        return False
    types = value.get("groupTypes")
    dynamic = isinstance(types, list) and "DynamicMembership" in types
    return dynamic or value.get("membershipType") == "Dynamic"
