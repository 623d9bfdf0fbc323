"""The journal: everything that alters the tenant goes through one door, and leaves a bounded trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recovery.rehearsal.altering.churn import churn_plan_of
from recovery.rehearsal.altering.story import TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.population.clock import SECONDS_A_DAY
from recovery.rehearsal.population.journal import UnannouncedError
from tests.rehearsal.oracle import bare, tools_of

PAST_THE_DOOR: dict[str, Callable[[SimulatedTenant], object]] = {
    "a property": lambda t: t.population.collections["users"].set(t.population.plan.id_of("users", 1), "city", "X"),
    "an object": lambda t: t.population.collections["users"].discard(t.population.plan.id_of("users", 1)),
    "a newcomer": lambda t: t.population.collections["users"].add({"id": "new"}),
    "a link": lambda t: t.population.links.add("groups", "members", t.population.plan.id_of("groups", 1), "new"),
    "a leaver": lambda t: t.population.links.remove(
        "groups",
        "members",
        t.population.plan.id_of("groups", 0),
        t.population.links.of("groups", "members", t.population.plan.id_of("groups", 0))[0],
    ),
    "all links": lambda t: t.population.links.put("groups", "members", "g", ["new"]),
    "contents": lambda t: t.population.contents["userExtensions"].add(("nobody",), {"id": "new"}),
}


@pytest.mark.parametrize("altered", PAST_THE_DOOR)
def test_nothing_can_be_altered_past_the_journal(altered: str) -> None:
    """Whoever forgets the door is stopped, so change tracking and the audit log can't miss an alteration."""
    tenant = SimulatedTenant(60)
    with pytest.raises(UnannouncedError):
        PAST_THE_DOOR[altered](tenant)
    assert len(tenant.population.journal) == 0


def test_every_change_that_is_told_of_has_an_entry() -> None:
    """Attack, days and churn: what they say that they changed is what the journal says."""
    tenant, attack, drift, churn = tools_of()
    churn.follow([churn_plan_of({"match": "users", "add": 1, "delete": 1})])
    changes = attack.apply(story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population))
    changes += drift.advance(2)
    churn.answered("GET /v1.0/users")
    journal = tenant.population.journal
    noted = {
        (entry.collection, entry.id)
        for held in (*tenant.population.collections, *tenant.population.contents)
        for entry in journal.between(held, 0, journal.head)
    }
    shadows = {"userRegistrationDetails", "roleAssignmentSchedules"}
    for change in bare(changes + churn.changes):
        if (
            change.collection in shadows
            or change.relation is not None
            or change.collection in tenant.population.contents
        ):
            continue
        assert (change.collection, change.id) in noted, change
    assert churn.changes


def test_the_journal_keeps_what_a_token_may_ask_for_and_forgets_the_rest() -> None:
    """Memory is bounded by a week's changes, however long the tenant lives."""
    tenant, _, drift, _ = tools_of()
    sizes = []
    for _ in range(6):
        drift.advance(8)
        sizes.append(len(tenant.population.journal))
    assert max(sizes) < 2 * min(sizes)
    tenant.let_pass(8 * SECONDS_A_DAY)
    assert len(tenant.population.journal) == 0
    assert tenant.population.journal.head == tenant.population.journal.forgotten > 0


def test_the_journal_holds_no_copies_of_objects() -> None:
    """A place, a property and a target are enough to know what to tell."""
    tenant, _, drift, _ = tools_of()
    drift.advance(3)
    journal = tenant.population.journal
    for collection in ("users", "groups", "devices"):
        for entry in journal.between(collection, 0, journal.head):
            assert all(part is None or isinstance(part, str | int) for part in entry)
