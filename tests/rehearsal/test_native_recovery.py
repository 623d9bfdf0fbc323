"""Entra's own backup at work: objects go back, a job and an audit say so, and change tracking never hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recovery.rehearsal.altering.attack import Attack
from recovery.rehearsal.altering.native_recovery import CATEGORY, NativeRecovery
from recovery.rehearsal.altering.story import TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.activity import LATEST_LATE_MINUTES
from recovery.rehearsal.population.groups import TIER_ZERO
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.asking import answered
from tests.rehearsal.oracle import bare, differences, seen_in
from tests.rehearsal.sdk import SdkClient
from tests.rehearsal.shared import shared_json
from tests.rehearsal.tracking import TRACKED, round_of, told


def attacked() -> tuple[SimulatedTenant, Attack, NativeRecovery]:
    """A tenant after the story."""
    tenant = SimulatedTenant(150)
    workforce = Workforce(tenant)
    attack = Attack(tenant, workforce)
    attack.apply(story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population))
    return tenant, attack, NativeRecovery(tenant, workforce, attack)


def test_a_recovery_puts_objects_back_and_says_exactly_what_it_changed() -> None:
    """Properties, memberships and what is in the recycle bin; what is gone for good stays gone."""
    tenant, _, recovery = attacked()
    plan, population = tenant.population.plan, tenant.population
    before = seen_in(population)
    changes, _ = recovery.run(None)
    assert bare(changes) == differences(before, seen_in(population))
    users, policies = population.collections["users"], population.collections["conditionalAccessPolicies"]
    assert users.value(plan.id_of("users", 17))["jobTitle"] != "Treasurer"
    assert all(plan.id_of("users", number) in users for number in (33, 34, 35))
    assert all(plan.id_of("users", number) not in users for number in (36, 37))
    assert plan.id_of("users", 39) not in population.links.of("groups", "members", plan.id_of("groups", TIER_ZERO))
    untouched = SimulatedTenant(150).population.collections["conditionalAccessPolicies"]
    assert [policies.value(id) for id in policies] == [untouched.value(id) for id in untouched]


def test_no_delta_tells_of_a_recovery_and_the_next_change_of_an_object_does() -> None:
    """A client that only follows deltas keeps what the attack did, for good."""
    tenant, attack, recovery = attacked()
    select = {"users": "?$select=jobTitle,department", "groups": "?$select=members,owners"}
    links = {name: round_of(tenant, f"{row.paths[0]}/delta{select.get(name, '')}")[1] for name, row in TRACKED.items()}
    recovery.run(None)
    assert all(round_of(tenant, link)[0] == [] for link in links.values())
    user = tenant.population.plan.id_of("users", 17)
    attack.apply([{"op": "set", "collection": "users", "id": user, "attribute": "department", "value": "X"}])
    said = told(round_of(tenant, links["users"])[0])
    assert said[user]["jobTitle"] == tenant.population.collections["users"].value(user)["jobTitle"] != "Treasurer"


def test_a_recovery_is_of_the_objects_that_it_names() -> None:
    """Others stay as the attack left them."""
    tenant, _, recovery = attacked()
    plan, users = tenant.population.plan, tenant.population.collections["users"]
    recovery.run([plan.id_of("users", 33)])
    assert plan.id_of("users", 33) in users
    assert plan.id_of("users", 34) not in users
    assert users.value(plan.id_of("users", 17))["jobTitle"] == "Treasurer"


def test_what_an_attack_restored_or_added_goes_to_the_recycle_bin() -> None:
    """A recovery deletes nothing for good."""
    tenant, attack, recovery = attacked()
    bin = tenant.population.collections["deletedUsers"]
    restored = next(iter(bin))
    added = {**tenant.population.people.value(9_999), "id": "added"}
    attack.apply(
        [
            {"op": "restore", "collection": "users", "id": restored},
            {"op": "add", "collection": "users", "value": added},
            {
                "op": "plant-consent-grant",
                "client_id": tenant.population.plan.id_of("servicePrincipals", 9),
                "scope": "X",
            },
        ]
    )
    recovery.run(None)
    assert {restored, "added"} <= set(bin)


def test_a_recovery_is_a_job_and_an_audit() -> None:
    """By these a client learns that its copy is no longer good; the job has the published shape."""
    tenant, _, recovery = attacked()
    _, made = recovery.run(None)
    jobs = answered(tenant, "v1.0", ("directory/recovery/jobs", ""), {"EntraBackup.Read.All"})["value"]
    job = next(job for job in jobs if job["id"] == made["id"])
    assert job == made
    types = shared_json("graph_schema.json")["v1.0"]["types"]
    base, own = (types[f"entraRecoveryServices.{name}"]["p"].keys() for name in ("recoveryJobBase", "recoveryJob"))
    assert job.keys() == {"@odata.type", "id", *base, *own}
    assert job["status"] == "successful"
    kinds = types["entraRecoveryServices.resourceTypeName"]["v"]
    assert {each["entityType"] for each in job["filteringCriteria"]["filterValues"]} <= set(kinds)
    assert job["totalObjectsModified"] > 0 < job["totalLinksModified"]
    tenant.let_pass(LATEST_LATE_MINUTES * 60)
    query = ("auditLogs/directoryAudits", f"$filter=category eq '{CATEGORY}'")
    audits = answered(tenant, "v1.0", query, {"AuditLog.Read.All"})["value"]
    assert [audit["targetResources"][0]["id"] for audit in audits] == [job["id"]]


def test_a_recovery_of_nothing_is_refused() -> None:
    """Instead of a job about nothing."""
    tenant, _, recovery = attacked()
    with pytest.raises(ScriptError):
        recovery.run([tenant.population.plan.id_of("users", 20)])


def test_a_recovery_is_ordered_over_the_controls(
    changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """And answered with what changed, and with the job."""
    client = client_of(changing_tenant)
    changing_tenant.attack("two-changes-and-an-attack")
    link = client.get("/v1.0/users/delta?$deltatoken=latest").json["@odata.deltaLink"]
    changes: list[dict[str, Any]] = changing_tenant.recover()
    assert changes
    assert client.get(link).values == []
    assert len(client.get("/v1.0/directory/recovery/jobs").values) == 2
    with pytest.raises(ScriptError):
        changing_tenant.control("recovery", {"names": []})
