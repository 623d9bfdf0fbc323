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
from recovery.rehearsal.altering.loading import Loading
from recovery.rehearsal.altering.native_recovery import NativeRecovery
from recovery.rehearsal.altering.story import STORIES, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.batch import Batch
from recovery.rehearsal.graph.faults import Faults, fault_plan_of
from recovery.rehearsal.graph.graph import Graph
from recovery.rehearsal.graph.tally import Tally
from recovery.rehearsal.graph.throttle import Throttle
from recovery.rehearsal.population.clock import SECONDS_A_MINUTE
from recovery.rehearsal.population.entropy import instant_of
from recovery.rehearsal.serving.adjustments import Adjustments, whole_of
from recovery.rehearsal.serving.authority import Authority
from recovery.rehearsal.serving.options import Options
from recovery.rehearsal.serving.tokens import Tokens

SECRET_BYTES = 24

MOST_MINUTES = 10_080
"""Minutes that one call may ask for: a week."""


class Service:
    """One simulated tenant, complete but for the network. `secret` signs the client in, `control_token` opens /_sim."""

    def __init__(self, options: Options, certificate: x509.Certificate) -> None:
        self.tenant = tenant = SimulatedTenant(options.users, options.seed, options.roles, options.at_least)
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
        self._loading = Loading(tenant, workforce)
        self._recovery = NativeRecovery(tenant, workforce, self._attack)
        self.adjustments = Adjustments(
            self.authority, self.tokens, self.graph, tenant.reader.deltas, options.latency_ms
        )

    def control(self, command: str, content: Any) -> dict[str, Any]:
        """Carries out `POST /_sim/COMMAND`.

        Raises: ScriptError or FaultPlanError when `content` is not what the command takes.
        """
        if command == "attack":
            return _told(self._attack.apply(self._script_of(content)))
        if command == "load":
            return _told(self._loading.load(content))
        if command == "advance":
            return {**_told(self._advance(content)), "day": self.tenant.days}
        if command == "faults":
            self.graph.faults = Faults(fault_plan_of(content.get("plan") if isinstance(content, dict) else content))
            return {"faults": sorted(name for name, _ in self.graph.faults.plan.rates)}
        if command == "churn":
            plans = content if isinstance(content, list) else [content]
            self._churn.follow([churn_plan_of(plan) for plan in plans])
            return {"plans": len(plans)}
        if command == "settings":
            return self.adjustments.adjust(content)
        if command == "delta":
            return self.adjustments.order_reset(content)
        if command == "recovery":
            changes, job = self._recovery.run(_ids_of(content))
            return {**_told(changes), "job": job}
        raise ScriptError(f"there is no command {command!r}")

    def _advance(self, content: Any) -> list[Change]:
        """Lets ordinary days pass, or minutes on which nothing happens."""
        if not isinstance(content, dict) or not content.keys() <= {"days", "minutes"} or len(content) > 1:
            raise ScriptError("time passes by `days` or by `minutes`")
        if "minutes" in content:
            minutes = whole_of(content["minutes"], "minutes", 1, MOST_MINUTES)
            self.tenant.let_pass(minutes * SECONDS_A_MINUTE)
            return []
        return self._drift.advance(whole_of(content.get("days", 1), "days"))

    def report(self, subject: str) -> dict[str, Any]:
        """What `GET /_sim/SUBJECT` says: stats, churn or stories. Raises: ScriptError for anything else."""
        if subject == "stats":
            throttle, population = self.graph.throttle, self.tenant.population
            return {
                **self.tally.as_json(),
                "quota": throttle.quota,
                "resource_units_offered": throttle.offered_units(),
                "users": len(population.collections["users"]),
                "day": self.tenant.days,
                "now": instant_of(population.clock.seconds),
                "journal_entries": len(population.journal),
                "audit_events": len(population.activities),
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


def _ids_of(content: Any) -> list[str] | None:
    if not isinstance(content, dict) or not content.keys() <= {"ids"}:
        raise ScriptError("a recovery is of `ids`, or of all that the last attack touched")
    ids = content.get("ids")
    if ids is not None and not isinstance(ids, list):
        raise ScriptError("ids are a list")
    return None if ids is None else [str(id) for id in ids]


def _told(changes: list[Change]) -> dict[str, Any]:
    return {"changes": [change.as_json() for change in changes]}
