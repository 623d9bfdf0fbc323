"""Objects that come and go while a client pages."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.rehearsal.altering.churn import churn_plan_of
from recovery.rehearsal.errors import ScriptError
from tests.rehearsal.oracle import tools_of


def test_users_come_and_go_while_a_client_pages() -> None:
    """Nobody who stays is missed or seen twice, whatever happens in between."""
    tenant, _, _, churn = tools_of()
    churn.follow([churn_plan_of({"match": "users", "every": 1, "times": 20, "add": 2, "delete": 2})])
    first = set(tenant.population.collections["users"])
    listed: list[str] = []
    for body in tenant.pages("users", top=10, select=("id",)):
        listed += [part.split('"')[0] for part in body.decode().split('"id":"')[1:]]
        churn.answered("GET /v1.0/users?$top=10")
    stayed = first & set(tenant.population.collections["users"])
    assert len(listed) == len(set(listed))
    assert stayed <= set(listed)
    assert set(listed) - first, "some newcomer was seen"
    assert set(tenant.population.collections["users"]) - set(listed), "some newcomer was missed"
    assert churn.changes


def test_members_that_are_removed_while_a_client_pages_do_not_hide_others() -> None:
    """A removed link keeps its place, so later pages are not shifted."""
    tenant, attack, _, _ = tools_of()
    group = tenant.population.plan.id_of("groups", 0)
    members = list(tenant.population.links.of("groups", "members", group))
    pages = tenant.pages(f"groups/{group}/members", version="beta", select=("id",), top=50)
    first = next(pages)
    attack.apply(
        [
            {"op": "unlink", "collection": "groups", "id": group, "relation": "members", "target_id": m}
            for m in members[:30]
        ]
    )
    rest = b"".join(pages)
    assert all(m.encode() in first for m in members[:50])
    assert all(m.encode() in rest for m in members[50:])


@pytest.mark.parametrize("plan", [{}, {"match": "("}, {"match": "x", "every": "many"}, {"match": 3}, "text"])
def test_a_churn_plan_that_cannot_be_read_says_so(plan: Any) -> None:
    """As with faults."""
    with pytest.raises(ScriptError):
        churn_plan_of(plan)
