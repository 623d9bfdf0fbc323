"""Changes that can't be put back in the tenant: values of Microsoft's, what a rule decides, what is on-premises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from recovery.attribute import Value
from recovery.kind_of_object import OF_THE_ARCHIVE, REPORTS
from recovery.word_set import word_changes_of

SET_BY_MICROSOFT: Final = "Microsoft sets it"
KEPT_BY_ARCHIVE: Final = "it is the archive's own, not the tenant's"
DECIDED_BY_RULE: Final = "the rule decides"
ORDER_ONLY: Final = "only the order differs"
BIN_UNREAD: Final = "or restore: the recycle bin was not read"
ON_PREMISES: Final = "the source of authority is on-premises"
"""Graph refuses to change what is synchronised from there, and the next synchronisation brings back or removes."""

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


_SYNCED_ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "users": (
        "/businessPhones",
        "/city",
        "/companyName",
        "/country",
        "/department",
        "/displayName",
        "/employeeId",
        "/faxNumber",
        "/givenName",
        "/jobTitle",
        "/mail",
        "/mailNickname",
        "/mobilePhone",
        "/officeLocation",
        "/postalCode",
        "/proxyAddresses",
        "/state",
        "/streetAddress",
        "/surname",
        "/userPrincipalName",
    ),
    "groups": ("/description", "/displayName", "/mail", "/mailNickname", "/proxyAddresses"),
    "devices": ("/displayName",),
}
_SYNCED_RELATIONS: Final = frozenset({("users", "manager"), ("groups", "members")})
_SYNC_PREFIX = "/onPremises"
"""What a directory on-premises decides of an object that is synchronised from it.

Source: https://learn.microsoft.com/entra/identity/hybrid/connect/reference-connect-sync-attributes-synchronized
"""

_REMARKS: Final = {
    "update": "synchronised from on-premises: what comes from there is put back there",
    "restore": "synchronised from on-premises: it stays only if it is there too",
}


def is_synchronised(value: Value) -> bool:
    """Whether a user, a group or a device comes from a directory on-premises."""
    return isinstance(value, Mapping) and value.get("onPremisesSyncEnabled") is True


def remarks_on(action: str, *, synchronised: bool, recycle_bin_unread: bool) -> str:
    """What is to be known before an action is taken; empty where there is nothing.

    `synchronised`: the object comes from a directory on-premises; `recycle_bin_unread`: it may lie in a recycle bin.
    """
    remarks = [_REMARKS.get(action, "") if synchronised else "", BIN_UNREAD if recycle_bin_unread else ""]
    return "; ".join(filter(None, remarks))


def is_somebodys_work(action: str, why_none: str | None) -> bool:
    """Whether somebody did what there is to put back, be it in another directory; else it is written by nobody."""
    return action != "none" or ON_PREMISES in (why_none or "")


def is_set_by_microsoft(collection: str, path: str) -> bool:
    """Whether nobody can write the attribute at this JSON Pointer, or what it is a part of."""
    return any(path == one or path.startswith(f"{one}/") for one in _READ_ONLY.get(collection, ()))


def why_nobody_writes(collection: str) -> str | None:
    """Why nothing is written back of any object of a collection; None if there is something to write."""
    if collection in OF_THE_ARCHIVE:
        return KEPT_BY_ARCHIVE
    return SET_BY_MICROSOFT if collection in REPORTS else None


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
    if reason := why_nobody_writes(collection):
        return reason
    synchronised = is_synchronised(value)
    reasons = [_why_not(collection, *attribute, synchronised=synchronised) for attribute in attributes]
    reasons += [_why_no_link(collection, one, value) for one in relations]
    found = [reason for reason in dict.fromkeys(reasons) if reason]
    return ", ".join(found) if found and None not in reasons else None


def _why_not(collection: str, path: str, before: Value, after: Value, *, synchronised: bool) -> str | None:
    if is_set_by_microsoft(collection, path):
        return SET_BY_MICROSOFT
    if synchronised and (path.startswith(_SYNC_PREFIX) or path in _SYNCED_ATTRIBUTES.get(collection, ())):
        return ON_PREMISES
    return ORDER_ONLY if word_changes_of(collection, path, before, after) == ((), ()) else None


def _why_no_link(collection: str, relation: str, value: Value) -> str | None:
    if relation == "members" and _has_rule(value):
        return DECIDED_BY_RULE
    return ON_PREMISES if is_synchronised(value) and (collection, relation) in _SYNCED_RELATIONS else None


def _has_rule(value: Value) -> bool:
    """Whether a group's or an administrative unit's members are those that its rule finds."""
    if not isinstance(value, Mapping):
        return False
    types = value.get("groupTypes")
    dynamic = isinstance(types, list) and "DynamicMembership" in types
    return dynamic or value.get("membershipType") == "Dynamic"
