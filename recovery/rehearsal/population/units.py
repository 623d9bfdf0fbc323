"""Administrative units, their members and the roles scoped to them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, guid_of
from recovery.rehearsal.population.names import PLACES
from recovery.rehearsal.population.people import People
from recovery.rehearsal.population.roles import BUILT_IN_ROLES

Value = dict[str, Any]

LARGEST_UNIT_MEMBERS = 400
"""Members of a drawn unit at most, so that a large tenant's units do not outgrow its groups."""


class Units:
    """Builds `microsoft.graph.administrativeUnit` objects. Unit 0 restricts the management of its members."""

    def __init__(self, blueprint: Blueprint, people: People) -> None:
        self._plan = blueprint
        self._people = people

    def value(self, index: int) -> Value:
        """Unit number `index` as Graph would send it."""
        dynamic = index == 1
        city = PLACES[index % len(PLACES)][0]
        return {
            "id": self._plan.id_of("administrativeUnits", index),
            "deletedDateTime": None,
            "description": "Break-glass accounts" if index == 0 else f"Staff in {city}",
            "displayName": "Restricted administrators" if index == 0 else f"{city} {index}",
            "isMemberManagementRestricted": index == 0,
            "membershipRule": '(user.department -eq "Legal")' if dynamic else None,
            "membershipRuleProcessingState": "On" if dynamic else None,
            "membershipType": "Dynamic" if dynamic else None,
            "visibility": None,
        }

    def members_of(self, index: int) -> list[str]:
        """Object ids of users, and for units from 2 on one group and one device."""
        plan = self._plan
        if index == 0:
            return [plan.id_of("users", i) for i in range(min(2, plan.users))]
        draw = Draw(plan.seed, "unit", index)
        size = 5 + draw.below(min(LARGEST_UNIT_MEMBERS, max(1, plan.users // 4)))
        members = dict.fromkeys(plan.id_of("users", draw.below(plan.users)) for _ in range(size))
        if index >= 2:
            members[plan.id_of("groups", draw.below(plan.groups))] = None
            if plan.devices:
                members[plan.id_of("devices", draw.below(plan.devices))] = None
        return list(members)

    def scoped_roles_of(self, index: int) -> list[Value]:
        """`scopedRoleMembership` objects: a helpdesk administrator for every second unit from 2 on."""
        if index < 2 or index % 2:
            return []
        plan = self._plan
        number = min(6, plan.users - 1)
        user = plan.id_of("users", number)
        unit, role = plan.id_of("administrativeUnits", index), directory_role_id_of(plan, "Helpdesk Administrator")
        joined = UUID(role).bytes_le + UUID(unit).bytes_le + UUID(user).bytes_le
        return [
            {
                "id": urlsafe_b64encode(joined).rstrip(b"=").decode(),
                "administrativeUnitId": unit,
                "roleId": role,
                "roleMemberInfo": {"id": user, "displayName": self._people.name_of(number), "userPrincipalName": None},
            }
        ]


def directory_role_id_of(plan: Blueprint, role: str) -> str:
    """The object id of an activated directory role, which differs from its template's id."""
    return guid_of(plan.seed, "directoryRole", BUILT_IN_ROLES[role])
