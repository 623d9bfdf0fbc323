"""All parts of one simulated tenant, joined: the tenant, its authority, its Graph and what may be done to it."""

from __future__ import annotations

import secrets
import time
from typing import Any

from cryptography import x509

from recovery.rehearsal.altering.attack import Attack
from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.churn import Churn, churn_plan_of
from recovery.rehearsal.altering.drift import Drift
from recovery.rehearsal.altering.story import STORIES, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.batch import Batch
from recovery.rehearsal.graph.faults import Faults, fault_plan_of
from recovery.rehearsal.graph.graph import Graph
from recovery.rehearsal.graph.tally import Tally
from recovery.rehearsal.graph.throttle import Throttle
from recovery.rehearsal.serving.authority import Authority
from recovery.rehearsal.serving.options import Options
from recovery.rehearsal.serving.tokens import Tokens

SECRET_BYTES = 24


class Service:
    """One simulated tenant, complete but for the network. `secret` signs the client in, `control_token` opens /_sim."""

    def __init__(self, options: Options, certificate: x509.Certificate) -> None:
        self.tenant = tenant = SimulatedTenant(options.users, options.seed, options.roles)
        self.secret = secrets.token_urlsafe(SECRET_BYTES)
        self.control_token = secrets.token_urlsafe(SECRET_BYTES)
        self.tokens = Tokens(tenant.id, tenant.client_id, options.token_lifetime)
        plan = tenant.population.plan
        self.authority = Authority(
            tenant.id,
            tenant.client_id,
            self.secret,
            certificate,
            self.tokens,
            options.roles,
            tenant.directory_roles,
            (plan.initial_domain, plan.domain),
        )
        workforce = Workforce(tenant)
        self._attack = Attack(tenant, workforce)
        self._drift = Drift(tenant, workforce)
        self._churn = Churn(tenant, workforce, self._attack)
        self.tally = Tally()
        throttle = Throttle(options.quota, time.monotonic)
        self.graph = Graph(tenant.reader, throttle, Faults(options.faults), self.tally, self._churn.answered)
        self.batch = Batch(self.graph, options.seed)

    def control(self, command: str, content: Any) -> dict[str, Any]:
        """Carries out `POST /_sim/COMMAND`.

        Raises: ScriptError or FaultPlanError when `content` is not what the command takes.
        """
        if command == "attack":
            return _told(self._attack.apply(self._script_of(content)))
        if command == "advance":
            return {**_told(self._drift.advance(_whole_of(content, "days", 1))), "day": self.tenant.days}
        if command == "faults":
            self.graph.faults = Faults(fault_plan_of(content.get("plan") if isinstance(content, dict) else content))
            return {"faults": sorted(name for name, _ in self.graph.faults.plan.rates)}
        if command == "churn":
            plans = content if isinstance(content, list) else [content]
            self._churn.follow([churn_plan_of(plan) for plan in plans])
            return {"plans": len(plans)}
        if command == "settings":
            return self._settle(content)
        raise ScriptError(f"there is no command {command!r}")

    def report(self, subject: str) -> dict[str, Any]:
        """What `GET /_sim/SUBJECT` says: stats, churn or stories. Raises: ScriptError for anything else."""
        if subject == "stats":
            throttle = self.graph.throttle
            return {
                **self.tally.as_json(),
                "quota": throttle.quota,
                "resource_units_offered": throttle.offered_units(),
                "users": len(self.tenant.population.collections["users"]),
                "day": self.tenant.days,
            }
        if subject == "churn":
            return _told(self._churn.changes)
        if subject == "stories":
            return {"stories": list(STORIES)}
        raise ScriptError(f"there is no report {subject!r}")

    def _script_of(self, content: Any) -> list[dict[str, Any]]:
        if isinstance(content, dict) and "name" in content:
            return story_of(str(content["name"]), self.tenant.population)
        operations = content.get("operations") if isinstance(content, dict) else content
        if not isinstance(operations, list):
            raise ScriptError("an attack is a list of operations, or an object with `name` or `operations`")
        return operations

    def _settle(self, content: Any) -> dict[str, Any]:
        """Changes roles (of tokens issued from now on), quota (RU/s or null) and token lifetime (s) while running."""
        if not isinstance(content, dict) or not content.keys() <= {"roles", "quota", "token_lifetime"}:
            raise ScriptError("settings are `roles`, `quota` and `token_lifetime`")
        if "roles" in content:
            if not isinstance(content["roles"], list):
                raise ScriptError("roles are a list of names")
            self.authority.roles = tuple(str(role) for role in content["roles"])
        if "quota" in content:
            quota = content["quota"]
            if quota is not None and (not isinstance(quota, int | float) or quota <= 0):
                raise ScriptError("quota is a number above 0, or null")
            self.graph.throttle = Throttle(quota, time.monotonic)
        if "token_lifetime" in content:
            self.tokens.lifetime = _whole_of(content, "token_lifetime", 0)
        return {
            "roles": list(self.authority.roles),
            "quota": self.graph.throttle.quota,
            "token_lifetime": self.tokens.lifetime,
        }


def _told(changes: list[Change]) -> dict[str, Any]:
    return {"changes": [change.as_json() for change in changes]}


def _whole_of(content: Any, name: str, default: int) -> int:
    value = content.get(name, default) if isinstance(content, dict) else default
    if not isinstance(value, int) or isinstance(value, bool):
        raise ScriptError(f"{name} is a whole number")
    return value
