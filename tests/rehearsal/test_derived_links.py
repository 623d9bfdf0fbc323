"""Links that follow from a rule are what lists of them would be, whatever happens to them."""

from __future__ import annotations

import pytest

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.population.links import REMOVED
from recovery.rehearsal.population.people import ADMINISTRATORS

AT = "2026-11-02T12:00:00Z"
DERIVED = (("users", "manager"), ("users", "sponsors"), ("devices", "registeredOwners"), ("devices", "registeredUsers"))

Link = tuple[str, str, str, str]


@pytest.fixture
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=120)


def links_of(tenant: SimulatedTenant) -> list[Link]:
    """All links of the derived relations, one object after the other."""
    population = tenant.population
    return [
        (collection, relation, id_, target)
        for collection, relation in DERIVED
        for id_ in population.collections[collection]
        for target in population.links.of(collection, relation, id_)
        if target != REMOVED
    ]


def naming(tenant: SimulatedTenant, wanted: set[str]) -> list[Link]:
    return [link for link in tenant.population.links.naming(wanted) if link[:2] in DERIVED]


def test_who_names_an_object_is_who_links_to_it(tenant: SimulatedTenant) -> None:
    """A deletion takes the links to an object away; a forgotten one would be a change that nobody told."""
    links = links_of(tenant)
    for user in tenant.population.collections["users"]:
        assert naming(tenant, {user}) == [link for link in links if link[3] == user]
    everybody = set(tenant.population.collections["users"])
    assert naming(tenant, everybody) == links


def test_managers_and_owners_are_those_of_the_numbers(tenant: SimulatedTenant) -> None:
    """Derived or kept, a seed's links are the same."""
    population = tenant.population
    users, devices = list(population.collections["users"]), list(population.collections["devices"])
    assert population.links.of("users", "manager", users[0]) == []
    assert population.links.of("users", "manager", users[ADMINISTRATORS]) == [users[2]]
    assert population.links.of("users", "manager", users[ADMINISTRATORS + 9]) == [users[3]]
    assert population.links.of("users", "sponsors", users[23]) == [users[2], users[11]]
    assert population.links.of("devices", "registeredOwners", devices[40]) == [users[40]]
    assert population.links.of("users", "manager", "nobody") == []


def test_an_altered_link_stays_altered(tenant: SimulatedTenant) -> None:
    """Reading must not bring back what was taken away, and what is added is named like the rest."""
    users = list(tenant.population.collections["users"])
    who, before, after = users[ADMINISTRATORS], users[2], users[5]
    tenant.alteration.unlink("users", who, "manager", before)
    tenant.alteration.link("users", who, "manager", after)
    assert tenant.population.links.of("users", "manager", who) == [REMOVED, after]
    assert ("users", "manager", who, before) not in naming(tenant, {before})
    assert ("users", "manager", who, after) in naming(tenant, {after})
    assert naming(tenant, set(users)) == links_of(tenant)


def test_reading_alters_nothing(tenant: SimulatedTenant) -> None:
    """A list that is handed out is nobody's but the reader's."""
    users = list(tenant.population.collections["users"])
    tenant.population.links.of("users", "manager", users[20]).clear()
    assert tenant.population.links.of("users", "manager", users[20]) != []
    assert not tenant.population.links.remove("users", "manager", users[20], users[100])


def test_links_come_back_with_a_restored_object(tenant: SimulatedTenant) -> None:
    """It stands at another place then, and who it links to depends on its number."""
    users = list(tenant.population.collections["users"])
    who = users[30]
    manager = tenant.population.links.of("users", "manager", who)
    named = naming(tenant, {users[3]})
    tenant.alteration.soft_delete("users", [who, users[3]], AT)
    tenant.alteration.restore("users", users[3])
    tenant.alteration.restore("users", who)
    assert tenant.population.links.of("users", "manager", who) == manager
    assert naming(tenant, {users[3]}) == named


def test_a_newcomer_in_a_hole_has_no_links_of_the_one_before(tenant: SimulatedTenant) -> None:
    """The place is the same, the person is not."""
    users = list(tenant.population.collections["users"])
    plan, people = tenant.population.plan, tenant.population.people
    tenant.alteration.soft_delete("users", [users[30]], AT)
    newcomer = people.value(plan.users + plan.deleted)
    tenant.alteration.add("users", newcomer, fill_hole=True)
    assert tenant.population.collections["users"].places[30] == newcomer["id"]
    assert tenant.population.links.of("users", "manager", newcomer["id"]) == []
    tenant.alteration.link("users", newcomer["id"], "manager", users[7])
    assert ("users", "manager", newcomer["id"], users[7]) in naming(tenant, {users[7]})
