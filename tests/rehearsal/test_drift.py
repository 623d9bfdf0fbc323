"""Ordinary days: what they change, and that they say exactly what they did."""

from __future__ import annotations

import pytest

from recovery.rehearsal.altering.change import Change, net_of
from tests.rehearsal.oracle import bare, differences, seen_in, tools_of


@pytest.mark.parametrize("days", [1, 3, 35])
def test_drift_says_exactly_what_it_changed(days: int) -> None:
    """Net changes, also over days in which people join, change and leave, and bins are emptied."""
    tenant, _, drift, _ = tools_of(400)
    before = seen_in(tenant.population)
    changes = drift.advance(days)
    assert bare(changes) == differences(before, seen_in(tenant.population))


def test_drift_is_the_same_in_two_tenants_of_one_seed() -> None:
    """A second day can be made again on another machine."""
    assert tools_of()[2].advance(4) == tools_of()[2].advance(4)


def test_a_day_changes_about_one_object_in_a_hundred() -> None:
    """As in the measured baseline: 1 % changed, 0.1 % joiners, 0.05 % leavers."""
    tenant, _, drift, _ = tools_of(4000)
    changes = drift.advance(1)
    touched = {c.id for c in changes if c.collection == "users" and c.change == "changed"}
    joined = [c for c in changes if c.collection == "users" and c.change == "added" and c.relation is None]
    assert 30 <= len(touched) <= 40
    assert len(joined) == 4
    assert sum(c.collection == "deletedUsers" and c.change == "added" for c in changes) == 2
    assert len(tenant.population.collections["users"]) == 4002


def test_changes_that_cancel_out_are_not_told() -> None:
    """Net changes: an object that came and went, a link that was added and removed, an attribute twice."""
    came, went = Change("added", "users", "a"), Change("removed", "users", "a")
    link = Change("added", "groups", "g", relation="members", target="u")
    city = Change("changed", "users", "b", attribute="city")
    assert net_of([came, went, link, link._replace(change="removed"), city, city]) == [city]
    assert net_of([came, Change("changed", "users", "a", attribute="city")]) == [came]
