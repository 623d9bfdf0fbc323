"""Ordinary days: one object in a hundred changes, somebody joins, somebody leaves."""

from __future__ import annotations

from recovery.rehearsal.altering.change import Change, net_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.clock import SECONDS_A_DAY
from recovery.rehearsal.population.entropy import REFERENCE_SECONDS, Draw, instant_of
from recovery.rehearsal.population.names import TITLES
from recovery.rehearsal.population.population import RECYCLE_BINS

MOST_DAYS = 3660
"""Days that one call may ask for: ten years."""

CHANGED_SHARE, JOINER_SHARE, LEAVER_SHARE = 100, 1000, 2000
"""One object in so many, per day: 1 % changed, 0.1 % joiners, 0.05 % leavers (as in the measured baseline)."""

BIN_DAYS = 30
"""Days that a deleted object stays in the recycle bin (Graph documentation of deleted items)."""


class Drift:
    """Lets days pass in one tenant. The same tenant and the same days give the same changes."""

    def __init__(self, tenant: SimulatedTenant, workforce: Workforce) -> None:
        self._tenant = tenant
        self._workforce = workforce

    def advance(self, days: int) -> list[Change]:
        """Lets `days` days pass and returns the net changes.

        Raises: ScriptError when `days` is not from 1 to MOST_DAYS.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ScriptError(f"days must be 1 to {MOST_DAYS}, not {days}")
        changes: list[Change] = []
        for _ in range(days):
            self._tenant.let_pass(SECONDS_A_DAY)
            changes += self._day()
        return net_of(changes)

    def _day(self) -> list[Change]:
        tenant, workforce = self._tenant, self._workforce
        draw = Draw(tenant.population.plan.seed, "day", tenant.days)
        collections = tenant.population.collections
        users = len(collections["users"])
        changes: list[Change] = []
        for id in workforce.drawn("users", max(1, users // CHANGED_SHARE), draw):
            changes += self._change_user(id, draw)
        for id in workforce.drawn("devices", max(1, len(collections["devices"]) // CHANGED_SHARE), draw):
            changes += tenant.alteration.change("devices", id, "approximateLastSignInDateTime", self._moment(draw))
        for id in workforce.drawn("groups", max(1, len(collections["groups"]) // CHANGED_SHARE), draw):
            changes += self._change_group(id, draw)
        for _ in range(max(1, users // JOINER_SHARE)):
            changes += workforce.join()
        changes += workforce.leave(max(1, users // LEAVER_SHARE), draw)
        return changes + self._empty_bins()

    def _moment(self, draw: Draw) -> str:
        return instant_of(REFERENCE_SECONDS + self._tenant.days * SECONDS_A_DAY + draw.below(SECONDS_A_DAY))

    def _change_user(self, id: str, draw: Draw) -> list[Change]:
        alteration, day, moment = self._tenant.alteration, self._tenant.days, self._moment(draw)
        lot = draw.below(10)
        if lot < 4:
            return [
                *alteration.change("users", id, "lastPasswordChangeDateTime", moment),
                *alteration.change("users", id, "signInSessionsValidFromDateTime", moment),
            ]
        if lot < 6:
            return alteration.change("users", id, "jobTitle", f"{draw.pick(TITLES)} (grade {day})")
        if lot < 8:
            return alteration.change("users", id, "mobilePhone", f"+31 6 {draw.below(100_000_000):08d}")
        if lot < 9:
            return alteration.change("users", id, "officeLocation", f"{day}.{draw.below(90) + 10}")
        links = self._tenant.population.links
        changes: list[Change] = []
        for manager in [t for t in links.of("users", "manager", id) if t]:
            changes += alteration.unlink("users", id, "manager", manager)
        new = self._tenant.population.plan.id_of(
            "users", min(3 + draw.below(8), self._tenant.population.plan.users - 1)
        )
        return changes + alteration.link("users", id, "manager", new)

    def _change_group(self, id: str, draw: Draw) -> list[Change]:
        tenant = self._tenant
        value = tenant.population.collections["groups"].value(id)
        members = [t for t in tenant.population.links.of("groups", "members", id) if t]
        if value["membershipRule"] or draw.chance(300) or not members:
            return tenant.alteration.change(
                "groups", id, "description", f"Reviewed on day {tenant.days}, {draw.below(9999)}"
            )
        changes = tenant.alteration.unlink("groups", id, "members", draw.pick(members))
        for newcomer in self._workforce.drawn("users", 1, draw):
            changes += tenant.alteration.link("groups", id, "members", newcomer)
        return changes

    def _empty_bins(self) -> list[Change]:
        limit = self._workforce.days_ago(BIN_DAYS)
        changes: list[Change] = []
        for collection, bin in RECYCLE_BINS.items():
            held = self._tenant.population.collections[bin]
            old = [id for id in held if held.value(id)["deletedDateTime"] < limit]
            if old:
                changes += self._tenant.alteration.hard_delete(collection, old)
        return changes
