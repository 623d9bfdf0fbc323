"""Who manages, sponsors and owns whom on the first day, by numbers: rules in place of a million lists."""

from __future__ import annotations

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.derived_links import Rule
from recovery.rehearsal.population.devices import Devices
from recovery.rehearsal.population.people import ADMINISTRATORS, People

PEOPLE_PER_MANAGER = 8
FIRST_MANAGER = 2


def manager_rule(plan: Blueprint, people: People) -> Rule:
    """Everybody but guests and administrators has a manager; the first one is an administrator."""

    def is_managed(number: int) -> bool:
        return number >= ADMINISTRATORS and not people.is_guest(number)

    def targets_of(number: int) -> list[int]:
        return [FIRST_MANAGER + (number - ADMINISTRATORS) // PEOPLE_PER_MANAGER] if is_managed(number) else []

    def sources_of(number: int) -> list[int]:
        first = ADMINISTRATORS + (number - FIRST_MANAGER) * PEOPLE_PER_MANAGER
        return [one for one in range(first, min(first + PEOPLE_PER_MANAGER, plan.users)) if is_managed(one)]

    return Rule(targets_of, sources_of)


def sponsor_rule(plan: Blueprint, people: People) -> Rule:
    """Each guest has two sponsors, one of whom sponsors all guests."""
    everybodys = FIRST_MANAGER % plan.users

    def targets_of(number: int) -> list[int]:
        return list(dict.fromkeys((everybodys, number // 2))) if people.is_guest(number) else []

    def sources_of(number: int) -> list[int]:
        all = range(plan.users) if number == everybodys else range(2 * number, min(2 * number + 2, plan.users))
        return [one for one in all if people.is_guest(one)]

    return Rule(targets_of, sources_of)


def owner_rule(plan: Blueprint, devices: Devices) -> Rule:
    """Each device has one owner, who is its only user."""

    def targets_of(number: int) -> list[int]:
        return [devices.owner_of(number)]

    def sources_of(number: int) -> list[int]:
        return list(range(number, plan.devices, plan.users))

    return Rule(targets_of, sources_of)
