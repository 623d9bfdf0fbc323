"""Objects that come and go while a client pages."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from recovery.rehearsal.altering.attack import Attack
from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.entropy import Draw


class ChurnPlan(NamedTuple):
    """After every `every`th answered request that matches, `add` users come and `delete` users go; `times` times.

    With `operations` (an attack script) that script is applied instead. Newcomers take the end of the listing
    and the first hole in turns, so that a client that pages sees one and misses the other, as on Graph.
    """

    match: re.Pattern[str]
    every: int = 1
    times: int = 1
    add: int = 0
    delete: int = 0
    operations: tuple[dict[str, Any], ...] = ()


def churn_plan_of(plan: dict[str, Any]) -> ChurnPlan:
    """Reads `{"match": REGEX, "every": N, "times": N, "add": N, "delete": N, "operations": [...]}`.

    Raises: ScriptError when a member is wrong.
    """
    try:
        return ChurnPlan(
            re.compile(plan["match"]),
            max(1, int(plan.get("every", 1))),
            int(plan.get("times", 1)),
            int(plan.get("add", 0)),
            int(plan.get("delete", 0)),
            tuple(plan.get("operations", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise ScriptError(f"the churn plan can't be read: {error}") from error


class Churn:
    """Carries out churn plans and remembers what they changed."""

    def __init__(self, tenant: SimulatedTenant, workforce: Workforce, attack: Attack) -> None:
        self._tenant = tenant
        self._workforce = workforce
        self._attack = attack
        self._plans: list[ChurnPlan] = []
        self._matched: list[int] = []
        self._rounds = 0
        self.changes: list[Change] = []

    def follow(self, plans: list[ChurnPlan]) -> None:
        """Replaces the plans and forgets what was matched; `changes` is kept."""
        self._plans, self._matched = list(plans), [0] * len(plans)

    def answered(self, line: str) -> None:
        """To be called after each request that was answered with data; `line` is like `GET /v1.0/users?$top=5`."""
        for number, plan in enumerate(self._plans):
            if not plan.match.search(line):
                continue
            self._matched[number] += 1
            turn, rest = divmod(self._matched[number], plan.every)
            if rest == 0 and turn <= plan.times:
                self._round(plan)

    def _round(self, plan: ChurnPlan) -> None:
        self._rounds += 1
        draw = Draw(self._tenant.population.plan.seed, "churn", self._rounds)
        if plan.operations:
            self.changes += self._attack.apply(list(plan.operations))
        if plan.delete:
            self.changes += self._workforce.leave(plan.delete, draw)
        for number in range(plan.add):
            self.changes += self._workforce.join(fill_hole=(self._rounds + number) % 2 == 0)
