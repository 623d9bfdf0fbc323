"""Privileged Identity Management: activated roles, active schedules, and the rules for activating a role or a group."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import guid_of
from recovery.rehearsal.population.groups import AUTOMATION, TIER_ZERO
from recovery.rehearsal.population.roles import BUILT_IN_ROLES, definitions_of
from recovery.rehearsal.population.units import directory_role_id_of

Value = dict[str, Any]

PRIVILEGED_GROUPS = (TIER_ZERO, AUTOMATION)
"""Numbers of the groups that Privileged Identity Management has taken over."""

_LEVELS = (("Admin", "Eligibility"), ("Admin", "Assignment"), ("EndUser", "Assignment"))
_RECIPIENTS = ("Admin", "Requestor", "Approver")


def directory_roles_of(plan: Blueprint) -> list[Value]:
    """The activated `directoryRole` objects: all built-in roles that the tenant knows."""
    return [
        {
            "id": directory_role_id_of(plan, name),
            "deletedDateTime": None,
            "description": f"Can do what {name} does.",
            "displayName": name,
            "roleTemplateId": template,
        }
        for name, template in BUILT_IN_ROLES.items()
    ]


def members_of_roles(plan: Blueprint, assignments: list[Value]) -> dict[str, list[str]]:
    """Who is in which activated role, by the role's object id: those with an assignment for all of the tenant."""
    roles = {template: directory_role_id_of(plan, name) for name, template in BUILT_IN_ROLES.items()}
    members: dict[str, list[str]] = {}
    for value in assignments:
        role = roles.get(value["roleDefinitionId"])
        if role and value["directoryScopeId"] == "/":
            members.setdefault(role, []).append(value["principalId"])
    return members


def schedule_of(assignment: Value) -> Value:
    """The `unifiedRoleAssignmentSchedule` of a role assignment, which has the assignment's id."""
    return {
        "id": assignment["id"],
        "principalId": assignment["principalId"],
        "roleDefinitionId": assignment["roleDefinitionId"],
        "directoryScopeId": assignment["directoryScopeId"],
        "appScopeId": assignment["appScopeId"],
        "createdUsing": None,
        "createdDateTime": None,
        "modifiedDateTime": None,
        "status": "Provisioned",
        "assignmentType": "Assigned",
        "memberType": "Direct",
        "scheduleInfo": {
            "startDateTime": "2026-01-01T00:00:00Z",
            "recurrence": None,
            "expiration": {"type": "noExpiration", "endDateTime": None, "duration": None},
        },
    }


def role_policies_of(plan: Blueprint) -> list[Value]:
    """A `unifiedRoleManagementPolicy` for each role definition."""
    return [_policy_of(plan, "DirectoryRole", "/", role["id"]) for role in definitions_of(plan)]


def role_policy_assignments_of(plan: Blueprint) -> list[Value]:
    """Which policy is for which role."""
    return [_assignment_of(plan, "DirectoryRole", "/", role["id"]) for role in definitions_of(plan)]


def group_policies_of(plan: Blueprint) -> list[Value]:
    """Policies for becoming a member and an owner of each privileged group."""
    return [_policy_of(plan, "Group", group, access) for group, access in _accesses_of(plan)]


def group_policy_assignments_of(plan: Blueprint) -> list[Value]:
    """Which policy is for which access to which group."""
    return [_assignment_of(plan, "Group", group, access) for group, access in _accesses_of(plan)]


def _accesses_of(plan: Blueprint) -> list[tuple[str, str]]:
    groups = [plan.id_of("groups", number) for number in PRIVILEGED_GROUPS]
    return [(group, access) for group in groups for access in ("member", "owner")]


def _policy_id_of(plan: Blueprint, kind: str, scope: str, subject: str) -> str:
    head = plan.tenant_id if kind == "DirectoryRole" else scope
    return f"{kind}_{head}_{guid_of(plan.seed, 'role policy', scope, subject)}"


def _policy_of(plan: Blueprint, kind: str, scope: str, subject: str) -> Value:
    strict = subject in (BUILT_IN_ROLES["Global Administrator"], "member")
    return {
        "id": _policy_id_of(plan, kind, scope, subject),
        "displayName": kind,
        "description": kind,
        "isOrganizationDefault": False,
        "lastModifiedDateTime": "2026-03-03T10:11:12.13Z" if strict else None,
        "lastModifiedBy": {"id": None, "displayName": "Administrator" if strict else None},
        "scopeId": scope,
        "scopeType": kind,
        "rules": _rules_of(plan, strict),
    }


def _assignment_of(plan: Blueprint, kind: str, scope: str, subject: str) -> Value:
    policy = _policy_id_of(plan, kind, scope, subject)
    return {
        "id": f"{policy}_{subject}",
        "policyId": policy,
        "roleDefinitionId": subject,
        "scopeId": scope,
        "scopeType": kind,
    }


def _rules_of(plan: Blueprint, strict: bool) -> list[Value]:
    approvers = [{"@odata.type": "#microsoft.graph.groupMembers", "groupId": plan.id_of("groups", TIER_ZERO)}]
    stage = {
        "approvalStageTimeOutInDays": 1,
        "isApproverJustificationRequired": True,
        "escalationTimeInMinutes": 0,
        "isEscalationEnabled": False,
        "primaryApprovers": approvers if strict else [],
        "escalationApprovers": [],
    }
    setting = {
        "isApprovalRequired": strict,
        "isApprovalRequiredForExtension": False,
        "isRequestorJustificationRequired": True,
        "approvalMode": "SingleStage",
        "approvalStages": [stage],
    }
    rules = [
        _rule(
            "Expiration",
            *level,
            isExpirationRequired=level[0] == "EndUser",
            maximumDuration=_duration_of(level, strict),
        )
        for level in _LEVELS
    ]
    rules += [_rule("Enablement", *level, enabledRules=_enabled_of(level, strict)) for level in _LEVELS]
    rules.append(_rule("Approval", "EndUser", "Assignment", setting=setting))
    rules.append(
        _rule("AuthenticationContext", "EndUser", "Assignment", isEnabled=strict, claimValue="c1" if strict else "")
    )
    return rules + [_notification_of(recipient, level) for level in _LEVELS for recipient in _RECIPIENTS]


def _duration_of(level: tuple[str, str], strict: bool) -> str:
    if level[0] == "EndUser":
        return "PT1H" if strict else "PT8H"
    return "P365D" if level[1] == "Eligibility" else "P180D"


def _enabled_of(level: tuple[str, str], strict: bool) -> list[str]:
    if level[0] == "EndUser":
        return ["MultiFactorAuthentication", "Justification", *(["Ticketing"] if strict else [])]
    return ["Justification"] if level[1] == "Assignment" else []


def _notification_of(recipient: str, level: tuple[str, str]) -> Value:
    rule = _rule(
        "Notification",
        *level,
        notificationType="Email",
        recipientType=recipient,
        notificationLevel="All",
        isDefaultRecipientsEnabled=True,
        notificationRecipients=[],
    )
    return {**rule, "id": f"Notification_{recipient}_{level[0]}_{level[1]}"}


def _rule(kind: str, caller: str, level: str, **content: object) -> Value:
    return {
        "@odata.type": f"#microsoft.graph.unifiedRoleManagementPolicy{kind}Rule",
        "id": f"{kind}_{caller}_{level}",
        **content,
        "target": {
            "caller": caller,
            "operations": ["all"],
            "level": level,
            "inheritableSettings": [],
            "enforcedSettings": [],
        },
    }
