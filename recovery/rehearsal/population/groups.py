"""The groups of the simulated tenant: heavy-tailed sizes, one that holds everybody, nested and dynamic ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.population.blanks import BLANK_GROUP
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.names import DEPARTMENTS, HOSTILE, PROJECTS
from recovery.rehearsal.population.people import ADMINISTRATORS, SERVICE_ACCOUNTS, People, security_identifier_of
from recovery.rehearsal.population.plans import LICENCES

Value = dict[str, Any]


class Special(NamedTuple):
    """A group that every tenant has, by name; other objects point at it."""

    name: str
    rule: str | None = None
    assignable: bool = False
    hidden: bool = False


SPECIALS = (
    Special("All users", rule="(user.objectId -ne null)"),
    Special("All guests", rule='(user.userType -eq "Guest")'),
    Special("Tier 0 administrators", assignable=True),
    Special("Privileged automation", assignable=True),
    Special("Licence Microsoft 365 E5"),
    Special("CA-BreakGlassAccounts - Exclude"),
    Special("CA-ServiceAccounts"),
    Special("CA200-Internals-AnyApp-MFA - Exclude"),
    Special("CA300-ServiceAccounts-MFA - Exclude"),
    Special("Exactly nineteen"),
    Special("Exactly twenty"),
    Special("Exactly twenty-one"),
    Special("Empty group"),
    Special("Board", hidden=True),
)
ALL_USERS, ALL_GUESTS, TIER_ZERO, AUTOMATION, LICENCE_E5, BREAK_GLASS, SERVICES = range(7)

TAIL_EXPONENT = 1.15
"""Pareto exponent of group sizes: most groups are small and a few hold a third of the company."""

LARGEST_SHARE = 3
"""A drawn group holds at most one in three users."""


class Groups:
    """Builds `microsoft.graph.group` objects and says who belongs to them on the first day."""

    def __init__(self, blueprint: Blueprint, people: People) -> None:
        self._plan = blueprint
        self._people = people

    def value(self, index: int) -> Value:
        """Group number `index` as Graph would send it with every property selected."""
        plan = self._plan
        draw = Draw(plan.seed, "group", index)
        special = SPECIALS[index] if index < len(SPECIALS) else None
        unified = special.hidden if special else draw.chance(450)
        rule = special.rule if special else self._rule_of(index)
        synced = special is None and not unified and rule is None and draw.chance(300)
        name = special.name if special else self._name_of(draw, index)
        alias = f"grp-{index}-{draw.below(1 << 20):05x}"
        mail = f"{alias}@{plan.domain}" if unified else None
        object_id = plan.id_of("groups", index)
        created = draw.past(2400, not_before=40)
        visibility = _visibility_of(draw, special, unified)
        return {
            "id": object_id,
            "deletedDateTime": None,
            "displayName": name,
            "description": None if draw.chance(300) else f"{name} (created by request {draw.below(90_000) + 10_000})",
            "mail": mail,
            "mailEnabled": unified,
            "mailNickname": alias,
            "securityEnabled": not unified,
            "groupTypes": (["Unified"] if unified else []) + (["DynamicMembership"] if rule else []),
            "membershipRule": rule,
            "membershipRuleProcessingState": "On" if rule else None,
            "createdDateTime": created,
            "renewedDateTime": created,
            "securityIdentifier": security_identifier_of(object_id),
            "visibility": visibility,
            "isAssignableToRole": True if special and special.assignable else None,
            "assignedLicenses": [{"disabledPlans": [], "skuId": LICENCES[0].id}] if index == LICENCE_E5 else [],
            "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
            "resourceProvisioningOptions": ["Team"] if unified and draw.chance(400) else [],
            **self._on_premises_of(draw, index, synced, alias),
            **BLANK_GROUP,
            "organizationId": plan.tenant_id,
        }

    def members_of(self, index: int) -> list[str]:
        """Object ids of the direct members of group number `index` on the first day, each once."""
        plan = self._plan
        special = self._special_members_of(index)
        if special is not None:
            return special
        draw = Draw(plan.seed, "members", index)
        rule_department = self._rule_department(index)
        if rule_department is not None:
            return [plan.id_of("users", i) for i in range(rule_department, plan.users, len(DEPARTMENTS))]
        size = min(int(3 / draw.share() ** (1 / TAIL_EXPONENT)), max(1, plan.users // LARGEST_SHARE))
        chosen = dict.fromkeys(plan.id_of("users", draw.below(plan.users)) for _ in range(size))
        if draw.chance(60) and index > len(SPECIALS):
            chosen[plan.id_of("groups", len(SPECIALS) + draw.below(index - len(SPECIALS)))] = None
        if draw.chance(30):
            chosen[plan.id_of("servicePrincipals", draw.below(plan.principals))] = None
        if draw.chance(20) and plan.devices:
            chosen[plan.id_of("devices", draw.below(plan.devices))] = None
        return list(chosen)

    def owners_of(self, index: int) -> list[str]:
        """Object ids of the owners of group number `index`: none for one in five, once in a while an application."""
        plan = self._plan
        draw = Draw(plan.seed, "owners", index)
        if index < 2 or draw.chance(200):
            return []
        owners = dict.fromkeys(plan.id_of("users", draw.below(plan.users)) for _ in range(1 + draw.below(2)))
        if index == AUTOMATION or draw.chance(40):
            owners[plan.id_of("servicePrincipals", draw.below(plan.applications))] = None
        return list(owners)

    def _special_members_of(self, index: int) -> list[str] | None:
        plan, people = self._plan, self._people
        users = range(plan.users)
        if index >= len(SPECIALS):
            return None
        services = range(ADMINISTRATORS, min(plan.users, ADMINISTRATORS + SERVICE_ACCOUNTS))
        numbers = {
            ALL_USERS: users,
            ALL_GUESTS: [i for i in users if people.is_guest(i)] if index == ALL_GUESTS else [],
            TIER_ZERO: range(2, min(5, plan.users)),
            AUTOMATION: range(2, min(3, plan.users)),
            LICENCE_E5: [i for i in users if people.licence_of(i) is LICENCES[0]] if index == LICENCE_E5 else [],
            BREAK_GLASS: range(min(2, plan.users)),
            SERVICES: services,
            9: range(min(19, plan.users)),
            10: range(min(20, plan.users)),
            11: range(min(21, plan.users)),
            13: range(2, min(9, plan.users)),
        }.get(index, ())
        members = [plan.id_of("users", i) for i in numbers]
        if index == AUTOMATION:
            members += [plan.id_of("servicePrincipals", i) for i in range(3)]
        if index == TIER_ZERO:
            members.append(plan.id_of("groups", AUTOMATION))
        return members

    def _rule_department(self, index: int) -> int | None:
        """The department number of a dynamic group: the first groups after the specials, one per department."""
        number = index - len(SPECIALS)
        return number if 0 <= number < len(DEPARTMENTS) and self._plan.users >= 100 else None

    def _rule_of(self, index: int) -> str | None:
        department = self._rule_department(index)
        return None if department is None else f'(user.department -eq "{DEPARTMENTS[department]}")'

    def _name_of(self, draw: Draw, index: int) -> str:
        department = self._rule_department(index)
        if department is not None:
            return f"Everybody in {DEPARTMENTS[department]}"
        if draw.chance(8):
            return f"{draw.pick(HOSTILE)} {index}"
        kind = draw.pick(("Project", "Team", "Access to", "Readers of", "Mailing list", "Équipe", "Gruppe für"))
        return f"{kind} {draw.pick(PROJECTS)} {index}"

    def _on_premises_of(self, draw: Draw, index: int, synced: bool, alias: str) -> Value:
        return {
            "onPremisesDomainName": "corp.simulated.example" if synced else None,
            "onPremisesLastSyncDateTime": draw.past(3) if synced else None,
            "onPremisesNetBiosName": "CORP" if synced else None,
            "onPremisesProvisioningErrors": [],
            "onPremisesSamAccountName": alias if synced else None,
            "onPremisesSecurityIdentifier": f"S-1-5-21-1004336348-1177238915-682003330-{900_000 + index}"
            if synced
            else None,
            "onPremisesSyncEnabled": True if synced else None,
        }


def _visibility_of(draw: Draw, special: Special | None, unified: bool) -> str | None:
    drawn = draw.pick(("Public", "Private")) if unified else None
    return "HiddenMembership" if special and special.hidden else drawn
