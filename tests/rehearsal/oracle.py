"""What really changed in a tenant, found by comparing everything."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.altering.attack import Attack
from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.churn import Churn
from recovery.rehearsal.altering.drift import Drift
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.graph.surface import CONTAINED, RELATIONS, ROWS
from recovery.rehearsal.population.population import Population
from tests.rehearsal.asking import aboves_of

Seen = dict[tuple[str, str, str], Any]


def tools_of(users: int = 150) -> tuple[SimulatedTenant, Attack, Drift, Churn]:
    """A tenant and what may be done to it."""
    tenant = SimulatedTenant(users=users)
    workforce = Workforce(tenant)
    attack = Attack(tenant, workforce)
    return tenant, attack, Drift(tenant, workforce), Churn(tenant, workforce, attack)


def seen_in(population: Population) -> Seen:
    """Everything that a full read shows: attributes by object, targets by relation."""
    seen: Seen = {}
    contained = {r.target for r in RELATIONS if r.kind == "contained" and not r.reverse}
    for row in ROWS:
        for id in population.collections[row.collection]:
            seen[row.collection, id, ""] = population.collections[row.collection].value(id)
    for relation in RELATIONS:
        if relation.reverse:
            continue
        for source in population.collections[relation.collection]:
            targets = population.links.of(relation.collection, relation.name, source)
            if relation.target in contained:
                held = population.collections[str(relation.target)]
                for target in targets:
                    if target in held:
                        seen[held.name, target, ""] = held.value(target)
            else:
                shown = {t for t in targets if t and population.kind_of(t)}
                seen[relation.collection, source, relation.name] = shown
    for contents in population.contents.values():
        for above in () if contents.unlisted else aboves_of(population, contents.parent):
            held = population.collection(contents.name, above)
            for id in held:
                seen[contents.name, "/".join((*above, id)), ""] = held.value(id)
    return seen


def differences(before: Seen, after: Seen) -> set[Change]:
    """The changes between two full reads, by comparing everything: an oracle that is slow and simple."""
    found = set()
    objects = {key[:2] for key in before if not key[2]}, {key[:2] for key in after if not key[2]}
    for collection, id in objects[1] - objects[0]:
        found.add(Change("added", collection, id))
    for collection, id in objects[0] - objects[1]:
        found.add(Change("removed", collection, id))
    for collection, id in objects[0] & objects[1]:
        old, new = before[collection, id, ""], after[collection, id, ""]
        found |= {
            Change("changed", collection, id, attribute=n) for n in old.keys() | new.keys() if old.get(n) != new.get(n)
        }
        for relation in RELATIONS:
            key = (collection, id, relation.name)
            if key in before or key in after:
                gone, come = before.get(key, set()), after.get(key, set())
                found |= {Change("added", collection, id, relation=relation.name, target=t) for t in come - gone}
                found |= {Change("removed", collection, id, relation=relation.name, target=t) for t in gone - come}
    return found


def bare(changes: list[Change]) -> set[Change]:
    """Changes without their parents, whose ids stand before those of declared contents, as in the oracle."""
    declared = {row.collection for row in CONTAINED}
    return {
        change._replace(
            parent=None,
            id="/".join((*(change.parent or ())[1::2], change.id)) if change.collection in declared else change.id,
        )
        for change in changes
    }
