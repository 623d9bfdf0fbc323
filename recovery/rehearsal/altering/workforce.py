"""People who join and leave, in the way an ordinary company's directory changes."""

from __future__ import annotations

from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.population.clock import SECONDS_A_DAY
from recovery.rehearsal.population.entropy import REFERENCE_SECONDS, Draw, instant_of
from recovery.rehearsal.population.groups import ALL_USERS, LICENCE_E5, SPECIALS
from recovery.rehearsal.population.names import DEPARTMENTS
from recovery.rehearsal.population.people import ADMINISTRATORS, SERVICE_ACCOUNTS
from recovery.rehearsal.population.plans import LICENCES


class Workforce:
    """Adds and removes users of one tenant. Administrators and service accounts never leave."""

    def __init__(self, tenant: SimulatedTenant) -> None:
        self._tenant = tenant
        self._joined = 0

    def now(self) -> str:
        """The tenant's present, RFC 3339."""
        return instant_of(self._tenant.population.clock.seconds)

    def days_ago(self, days: int) -> str:
        """The instant `days` before the tenant's present."""
        return instant_of(REFERENCE_SECONDS + (self._tenant.days - days) * SECONDS_A_DAY)

    def join(self, *, fill_hole: bool = False) -> list[Change]:
        """One new user, with a manager, in the groups that everybody or the whole department is in."""
        population, alteration = self._tenant.population, self._tenant.alteration
        plan = population.plan
        index = plan.users + plan.deleted + self._joined
        self._joined += 1
        value = {**population.people.value(index), "createdDateTime": self.now()}
        changes = alteration.add("users", value, fill_hole=fill_hole)
        if population.people.is_guest(index):
            alteration.link("users", value["id"], "sponsors", plan.id_of("users", min(2, plan.users - 1)))
        else:
            alteration.link("users", value["id"], "manager", plan.id_of("users", min(2, plan.users - 1)))
        groups = [ALL_USERS]
        if population.people.licence_of(index) is LICENCES[0]:
            groups.append(LICENCE_E5)
        department = len(SPECIALS) + index % len(DEPARTMENTS)
        if department < plan.groups and population.groups.value(department)["membershipRule"]:
            groups.append(department)
        for group in (plan.id_of("groups", number) for number in groups):
            if group in population.collections["groups"]:
                changes += alteration.link("groups", group, "members", value["id"])
        return changes

    def leave(self, count: int, draw: Draw) -> list[Change]:
        """`count` drawn users go to the recycle bin, fewer if the tenant has not that many."""
        leavers = self.drawn("users", count, draw)
        return self._tenant.alteration.soft_delete("users", leavers, self.now()) if leavers else []

    def drawn(self, collection: str, count: int, draw: Draw) -> list[str]:
        """Up to `count` different live objects; of users never the first, who are administrators and services."""
        places = self._tenant.population.collections[collection].places
        start = ADMINISTRATORS + SERVICE_ACCOUNTS if collection == "users" else 0
        if len(places) <= start:
            return []
        chosen: dict[str, None] = {}
        for _ in range(count * 4):
            id = places[start + draw.below(len(places) - start)]
            if id is not None and len(chosen) < count:
                chosen[id] = None
        return list(chosen)
