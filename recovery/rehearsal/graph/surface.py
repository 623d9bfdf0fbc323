"""What the simulated Graph serves: one row per collection, one per relation. Adding a collection is adding a row.

Permissions are those of the public permissions reference that an application may hold; write permissions that
imply reading are left in, because a client that holds one is answered by Graph too. Resource units and page
sizes are those of Graph's throttling and list pages; where no page size is documented, `page` is None and the
answer is one page.
"""

from __future__ import annotations

from recovery.rehearsal.graph.declared_rows import declared_relations, declared_rows, declared_streams
from recovery.rehearsal.graph.row import Relation, Row, Stream


def _any(*names: str) -> frozenset[str]:
    return frozenset(names)


_USER = _any("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
_GROUP = _any(
    "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"
)
_UNIT = _any(
    "AdministrativeUnit.Read.All", "AdministrativeUnit.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"
)
_DEVICE = _any("Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")
_APPLICATION = _any("Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All")
_APPLICATION_LINK = _APPLICATION | {"Directory.ReadWrite.All"}
_ROLE = _any(
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
)
_ELIGIBILITY = _any(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
)
_POLICY = _any("Policy.Read.All")
_METHODS = _POLICY | {"Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod"}
_CROSS = _POLICY | {"Policy.ReadWrite.CrossTenantAccess"}
_ORGANISATION = _any(
    "Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"
)

_ACCESS = "identity/conditionalAccess"
_ROLES = "roleManagement/directory"
_CROSS_PATH = "policies/crossTenantAccessPolicy"

CONDITIONAL_ACCESS = "conditional-access"
"""Bucket of conditional access: 1 request/s per tenant, 429 without Retry-After (Graph throttling limits)."""


def _bin(collection: str, entity: str, permissions: frozenset[str]) -> Row:
    return Row(collection, (f"directory/deletedItems/microsoft.graph.{entity}",), permissions, directory=True)


ROWS = (
    Row("users", ("users",), _USER, units=2, directory=True, tracks=("manager",)),
    Row("groups", ("groups",), _GROUP, directory=True, tracks=("members", "owners")),
    Row(
        "administrativeUnits",
        ("directory/administrativeUnits",),
        _UNIT,
        directory=True,
        beta_paths=("administrativeUnits",),
        tracks=("members",),
    ),
    Row("devices", ("devices",), _DEVICE, directory=True, tracks=()),
    Row("applications", ("applications",), _APPLICATION, units=2, directory=True, tracks=()),
    Row("servicePrincipals", ("servicePrincipals",), _APPLICATION, directory=True, tracks=()),
    Row(
        "oauth2PermissionGrants",
        ("oauth2PermissionGrants",),
        _any("Directory.Read.All", "Directory.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All"),
        units=2,
        tracks=(),
    ),
    Row("roleDefinitions", (f"{_ROLES}/roleDefinitions",), _ROLE | {"RoleManagement.Read.All"}, page=None),
    Row("roleAssignments", (f"{_ROLES}/roleAssignments",), _ROLE),
    Row("roleEligibilitySchedules", (f"{_ROLES}/roleEligibilitySchedules",), _ELIGIBILITY),
    Row("conditionalAccessPolicies", (f"{_ACCESS}/policies",), _POLICY, page=None, bucket=CONDITIONAL_ACCESS),
    Row("namedLocations", (f"{_ACCESS}/namedLocations",), _POLICY, page=None, bucket=CONDITIONAL_ACCESS),
    Row(
        "deletedConditionalAccessPolicies",
        (f"{_ACCESS}/deletedItems/policies",),
        _POLICY,
        page=None,
        bucket=CONDITIONAL_ACCESS,
    ),
    Row(
        "deletedNamedLocations",
        (f"{_ACCESS}/deletedItems/namedLocations",),
        _POLICY,
        page=None,
        bucket=CONDITIONAL_ACCESS,
    ),
    Row(
        "authenticationStrengthPolicies",
        ("policies/authenticationStrengthPolicies", f"{_ACCESS}/authenticationStrength/policies"),
        _METHODS | {"Policy.ReadWrite.ConditionalAccess"},
        page=None,
    ),
    Row("authenticationMethodsPolicy", ("policies/authenticationMethodsPolicy",), _METHODS, singleton=True),
    Row(
        "authorizationPolicy",
        ("policies/authorizationPolicy",),
        _POLICY | {"Policy.ReadWrite.Authorization"},
        singleton=True,
        beta_paths=("policies/authorizationPolicy/authorizationPolicy",),
    ),
    Row("crossTenantAccessPolicy", (_CROSS_PATH,), _CROSS, singleton=True),
    Row("crossTenantAccessPolicyDefault", (f"{_CROSS_PATH}/default",), _CROSS, singleton=True),
    Row("crossTenantAccessPolicyPartners", (f"{_CROSS_PATH}/partners",), _CROSS, page=None),
    Row("organization", ("organization",), _ORGANISATION | {"User.Read.All"}, page=None),
    Row("domains", ("domains",), _any("Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"), page=None),
    Row("subscribedSkus", ("subscribedSkus",), _ORGANISATION | {"LicenseAssignment.Read.All"}, units=3, page=None),
    _bin("deletedUsers", "user", _USER),
    _bin("deletedGroups", "group", _GROUP),
    _bin("deletedApplications", "application", _APPLICATION),
    _bin("deletedServicePrincipals", "servicePrincipal", _APPLICATION),
    _bin("deletedAdministrativeUnits", "administrativeUnit", _UNIT),
    *declared_rows(contained=False),
)


def _log(name: str, time: str, *permissions: str) -> Row:
    path = f"auditLogs/{name}"
    return Row(name, (path,), _any(*permissions), page=1000, largest_page=1000, bucket="reports", timed=time)


LOGS = (
    _log("directoryAudits", "activityDateTime", "AuditLog.Read.All", "Directory.Read.All"),
    _log("signIns", "createdDateTime", "AuditLog.Read.All"),
    _log("provisioning", "activityDateTime", "AuditLog.Read.All", "Directory.Read.All", "ProvisioningLog.Read.All"),
)
"""Rows of events, on v1.0 alone; pages are of 1,000 at most and by default (Graph's list-signins page)."""

TYPED_SIGN_INS = _log("signIns", "createdDateTime", "AuditLog.Read.All")._replace(
    collection="typedSignIns", beta_only=True
)
"""Sign-ins on beta: those of people at a prompt, unless `$filter` names another of the `signInEventTypes`."""

CONTAINED = declared_rows(contained=True)
"""Rows whose objects others contain; each has one path, with a segment in braces for every object on the way."""

_ASSIGNED = _any("Directory.Read.All", "Directory.ReadWrite.All", "AppRoleAssignment.ReadWrite.All")

RELATIONS = (
    Relation("users", "manager", _USER, kind="reference"),
    Relation("users", "sponsors", _any("User.Read.All", "User.ReadWrite.All")),
    Relation(
        "users", "appRoleAssignments", _ASSIGNED, kind="contained", target="appRoleAssignments", units=2, reverse=True
    ),
    Relation("groups", "members", _GROUP, units=3, principals_only_in_beta=True),
    Relation("groups", "owners", _GROUP, principals_only_in_beta=True),
    Relation(
        "groups", "appRoleAssignments", _ASSIGNED, kind="contained", target="appRoleAssignments", units=2, reverse=True
    ),
    Relation("administrativeUnits", "members", _UNIT),
    Relation("administrativeUnits", "scopedRoleMembers", _ROLE, kind="contained", target="scopedRoleMembers"),
    Relation("devices", "registeredOwners", _DEVICE),
    Relation("devices", "registeredUsers", _DEVICE),
    Relation("applications", "owners", _APPLICATION_LINK),
    Relation(
        "applications",
        "federatedIdentityCredentials",
        _any("Application.Read.All", "Application.ReadWrite.All"),
        kind="contained",
        target="federatedIdentityCredentials",
    ),
    Relation("servicePrincipals", "owners", _APPLICATION_LINK),
    Relation(
        "servicePrincipals", "appRoleAssignedTo", _APPLICATION_LINK, kind="contained", target="appRoleAssignments"
    ),
    Relation(
        "servicePrincipals",
        "appRoleAssignments",
        _APPLICATION_LINK,
        kind="contained",
        target="appRoleAssignments",
        units=2,
        reverse=True,
    ),
    *declared_relations(),
)

STREAMS = (
    Stream(
        "users",
        "photo",
        "users/{id}/photo/$value",
        _USER - {"Directory.Read.All", "Directory.ReadWrite.All"},
        share=500,
    ),
    Stream("groups", "photo", "groups/{id}/photo/$value", _any("Group.Read.All", "Group.ReadWrite.All"), share=500),
    Stream(
        "applications",
        "logo",
        "applications/{id}/logo",
        _any("Application.Read.All", "Application.ReadWrite.All"),
        address_in=("info", "logoUrl"),
    ),
    *declared_streams(),
)
RELATION_BY_NAME = {(r.collection, r.name.lower()): r for r in RELATIONS}
ROW_BY_COLLECTION = {row.collection: row for row in (*ROWS, *LOGS, TYPED_SIGN_INS, *CONTAINED)}
CONTAINED_BY_NAME = {(row.parent, row.paths[0].rpartition("/")[2].lower()): row for row in CONTAINED}
"""Contained rows by what contains them and the last word of their path, which `$expand` names them by."""

HIDDEN_MEMBERS_PERMISSION = "Member.Read.Hidden"
"""Needed for the members of a group whose visibility is HiddenMembership (Graph documentation of group)."""


def rows_by_path(version: str) -> dict[str, Row]:
    """Rows of `v1.0` or `beta` by path in lower case; Graph's paths are not case-sensitive.

    Of rows that share a path, the first stands for all (`rows_on`).
    """
    found: dict[str, Row] = {}
    for row in (*ROWS, *(LOGS if version == "v1.0" else (TYPED_SIGN_INS,))):
        if version == "beta" or not row.beta_only:
            for path in row.paths + (row.beta_paths if version == "beta" else ()):
                found.setdefault(path.lower(), row)
    return found


def rows_on(path: str) -> tuple[Row, ...]:
    """The rows that share a path of their own."""
    return _ROWS_ON[path]


_ROWS_ON = {row.paths[0]: tuple(other for other in ROWS if other.paths[0] == row.paths[0]) for row in ROWS}
