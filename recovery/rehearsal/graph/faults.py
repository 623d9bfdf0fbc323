"""Faults on purpose: at random by rate, or exactly, for the nth request that matches an expression."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from recovery.rehearsal.errors import FaultPlanError
from recovery.rehearsal.graph.delta_reset import RESETS
from recovery.rehearsal.population.entropy import Draw

STATUS_FAULTS = frozenset(("429", "500", "502", "503", "504"))
BODY_FAULTS = frozenset(("reset", "cut", "truncate", "empty", "html", "slow", "foreign-link"))
"""`reset` closes the connection, `cut` promises more bytes than it sends, `truncate` is well-formed HTTP around half
a JSON text, `empty` is 200 with no body, `html` is a proxy's page, `slow` answers late, `foreign-link` names another
host in the next link."""
OTHER_FAULTS = frozenset(("expired-link", *RESETS))
"""`expired-link` answers 400 Directory_ExpiredPageToken to a request that carries a skip token; those of RESETS refuse
the state token of a delta function."""
FAULTS = STATUS_FAULTS | BODY_FAULTS | OTHER_FAULTS

LONGEST_PLAN_CHARACTERS = 65_536
DEFAULT_SLOW_SECONDS = 2.0
DEFAULT_RETRY_AFTER_SECONDS = 1
FOREIGN_ORIGIN = "https://graph.foreign.example"

_SCALE = 1_000_000


class Rule(NamedTuple):
    """The `nth` to `nth + times - 1` request whose line (`GET /v1.0/users?$top=5`) matches gets `fault`."""

    match: re.Pattern[str]
    fault: str
    nth: int = 1
    times: int = 1


class FaultPlan(NamedTuple):
    """Rates are probabilities per request and add up to at most 1."""

    rates: tuple[tuple[str, float], ...] = ()
    rules: tuple[Rule, ...] = ()
    seed: int = 1
    slow_seconds: float = DEFAULT_SLOW_SECONDS
    retry_after_seconds: int | None = DEFAULT_RETRY_AFTER_SECONDS


def fault_plan_of(plan: str | dict[str, Any] | None) -> FaultPlan:
    """Reads a plan: short text (`429:0.02,reset:0.01,seed=7`), JSON text, or the JSON's object.

    Raises: FaultPlanError naming what can't be read.
    """
    if plan is None or plan == "" or plan == "none":
        return FaultPlan()
    if isinstance(plan, str):
        if len(plan) > LONGEST_PLAN_CHARACTERS:
            raise FaultPlanError("the fault plan is too long")
        plan = _object_of(plan) if plan.lstrip().startswith("{") else _short_of(plan)
    try:
        rates = tuple((str(name), float(rate)) for name, rate in plan.get("rates", {}).items())
        rules = tuple(
            Rule(re.compile(rule["match"]), str(rule["fault"]), int(rule.get("nth", 1)), int(rule.get("times", 1)))
            for rule in plan.get("rules", ())
        )
        retry_after = plan.get("retry_after_seconds", DEFAULT_RETRY_AFTER_SECONDS)
        made = FaultPlan(
            rates,
            rules,
            int(plan.get("seed", 1)),
            float(plan.get("slow_seconds", DEFAULT_SLOW_SECONDS)),
            None if retry_after is None else int(retry_after),
        )
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        raise FaultPlanError(f"the fault plan can't be read: {error}") from error
    _check(made)
    return made


def _object_of(text: str) -> dict[str, Any]:
    try:
        plan = json.loads(text)
    except ValueError as error:
        raise FaultPlanError(f"the fault plan is not JSON: {error}") from error
    if not isinstance(plan, dict):
        raise FaultPlanError("the fault plan is not a JSON object")
    return plan


def _short_of(text: str) -> dict[str, Any]:
    plan: dict[str, Any] = {"rates": {}}
    for item in text.split(","):
        name, colon, rate = item.strip().partition(":")
        setting, equals, value = item.strip().partition("=")
        if colon:
            plan["rates"][name] = rate
        elif equals:
            plan[setting] = value
        else:
            raise FaultPlanError(f"{item.strip()!r} is neither NAME:RATE nor SETTING=VALUE")
    return plan


def _check(plan: FaultPlan) -> None:
    for name in [*(name for name, _ in plan.rates), *(rule.fault for rule in plan.rules)]:
        if name not in FAULTS:
            raise FaultPlanError(f"there is no fault {name!r}; known are {', '.join(sorted(FAULTS))}")
    if any(not 0 <= rate <= 1 for _, rate in plan.rates) or sum(rate for _, rate in plan.rates) > 1:
        raise FaultPlanError("rates are from 0 to 1 and add up to at most 1")


class Faults:
    """Decides request by request. The same plan and the same order of requests give the same faults."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._seen = 0
        self._matched = [0] * len(plan.rules)

    def next(self, line: str, *, rated: bool = True) -> str | None:
        """The fault for the request `line` (`GET /v1.0/users?$top=5`), or None; without `rated` only rules apply."""
        chosen = None
        for number, rule in enumerate(self.plan.rules):
            if rule.match.search(line):
                self._matched[number] += 1
                if rule.nth <= self._matched[number] < rule.nth + rule.times:
                    chosen = chosen or rule.fault
        self._seen += 1
        if chosen is not None or not rated or not self.plan.rates:
            return chosen
        lot = Draw(self.plan.seed, "fault", self._seen).below(_SCALE)
        for name, rate in self.plan.rates:
            if lot < rate * _SCALE:
                return name
            lot -= int(rate * _SCALE)
        return None
