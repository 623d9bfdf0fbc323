"""Attacks: what they do, and that they say exactly what they did."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.story import STORIES, TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.population import RECYCLE_BINS
from tests.rehearsal.oracle import bare, differences, seen_in, tools_of


def test_the_story_says_exactly_what_it_changed() -> None:
    """The demo compares what the difference finds with this list."""
    tenant, attack, _, _ = tools_of()
    before = seen_in(tenant.population)
    changes = attack.apply(story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population))
    assert bare(changes) == differences(before, seen_in(tenant.population))
    assert len(changes) == len(set(changes))


def test_a_soft_deleted_user_moves_to_the_bin_and_comes_back_as_it_was() -> None:
    """With its id and its memberships, as on Graph."""
    tenant, attack, _, _ = tools_of()
    before = seen_in(tenant.population)
    user = tenant.population.plan.id_of("users", 40)
    gone = attack.apply([{"op": "soft-delete", "collection": "users", "ids": [user]}])
    assert Change("added", "deletedUsers", user) in gone
    assert tenant.population.collections["deletedUsers"].value(user)["deletedDateTime"] == "2026-11-01T12:00:00Z"
    assert any(change.relation == "members" and change.target == user for change in gone)
    attack.apply([{"op": "restore", "collection": "users", "id": user}])
    assert seen_in(tenant.population) == before


def test_a_hard_deleted_user_takes_along_what_names_it() -> None:
    """Role assignments, grants and links to it end; nothing dangles."""
    tenant, attack, _, _ = tools_of()
    user = tenant.population.plan.id_of("users", 3)
    before = seen_in(tenant.population)
    changes = attack.apply([{"op": "hard-delete", "collection": "users", "ids": [user]}])
    assert bare(changes) == differences(before, seen_in(tenant.population))
    assert {"roleAssignments", "roleEligibilitySchedules"} <= {change.collection for change in changes}
    assert all(user not in bin for bin in (tenant.population.collections[name] for name in RECYCLE_BINS.values()))


def test_a_deleted_application_hides_its_credentials() -> None:
    """Contained objects go out of sight with their parent, and are listed with it."""
    tenant, attack, _, _ = tools_of()
    app = tenant.population.plan.id_of("applications", 1)
    before = seen_in(tenant.population)
    changes = attack.apply([{"op": "soft-delete", "collection": "applications", "ids": [app]}])
    assert bare(changes) == differences(before, seen_in(tenant.population))
    assert ("applications", app) in {change.parent for change in changes}


def test_any_attribute_can_be_set_at_any_depth() -> None:
    """A JSON pointer reaches into a policy; setting what is there already changes nothing."""
    tenant, attack, _, _ = tools_of()
    policy = next(iter(tenant.population.collections["conditionalAccessPolicies"]))
    operation = {
        "op": "set",
        "collection": "conditionalAccessPolicies",
        "id": policy,
        "attribute": "/conditions/users/excludeGroups/0",
        "value": "somebody",
    }
    assert attack.apply([operation]) == [Change("changed", "conditionalAccessPolicies", policy, attribute="conditions")]
    assert attack.apply([operation]) == []
    value = tenant.population.collections["conditionalAccessPolicies"].value(policy)
    assert value["conditions"]["users"]["excludeGroups"] == ["somebody"]
    assert SimulatedTenant(users=150).population.collections["conditionalAccessPolicies"].value(policy) != value


def test_objects_are_found_by_a_filter() -> None:
    """Scripts that are written by hand need no ids."""
    attack = tools_of()[1]
    changes = attack.apply(
        [
            {"op": "weaken-policy", "where": "startswith(displayName,'CA000')"},
            {
                "op": "add-member",
                "group_where": "displayName eq 'Tier 0 administrators'",
                "member_where": "userType eq 'Guest'",
            },
            {
                "op": "set",
                "collection": "users",
                "where": "department eq 'Legal'",
                "limit": 3,
                "attribute": "city",
                "value": "Nowhere",
            },
        ]
    )
    assert [c.collection for c in changes] == ["conditionalAccessPolicies", "groups", "users", "users", "users"]


def test_links_can_be_added_and_removed() -> None:
    """Between any two directory objects."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    link = {"collection": "groups", "relation": "members", "target_id": plan.id_of("users", 50)}
    changes = attack.apply(
        [
            {"op": "link", "id": plan.id_of("groups", 12), **link},
            {"op": "unlink", "id": plan.id_of("groups", 0), **link},
        ]
    )
    assert [(c.change, c.id, c.target) for c in changes] == [
        ("added", plan.id_of("groups", 12), plan.id_of("users", 50)),
        ("removed", plan.id_of("groups", 0), plan.id_of("users", 50)),
    ]


def test_objects_can_be_added_by_themselves_and_under_a_parent() -> None:
    """Whatever a test needs beyond the named operations."""
    tenant, attack, _, _ = tools_of()
    application = tenant.population.plan.id_of("applications", 4)
    locations = tenant.population.collections["namedLocations"]
    parent = {"parent_collection": "applications", "parent_id": application}
    changes = attack.apply(
        [
            {"op": "add", **parent, "relation": "federatedIdentityCredentials", "value": {"id": "c1", "name": "n"}},
            {
                "op": "add",
                "collection": "namedLocations",
                "value": {**locations.value(next(iter(locations))), "id": "n"},
            },
        ]
    )
    assert changes == [
        Change("added", "federatedIdentityCredentials", "c1", parent=("applications", application)),
        Change("added", "namedLocations", "n"),
    ]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "explode"},
        {"op": "set", "collection": "users", "id": "none", "attribute": "city", "value": 1},
        {},
        {"op": "soft-delete", "collection": "devices", "ids": ["x"]},
        "text",
        {"op": "hard-delete", "collection": "users", "ids": ["x"]},
        {"op": "restore", "collection": "users", "id": "x"},
        {"op": "weaken-policy", "where": "displayName eq 'none'"},
        {"op": "weaken-policy", "where": "nonsense("},
        {"op": "link", "collection": "groups", "id": "x", "relation": "members", "target_id": "y"},
    ],
)
def test_an_operation_that_names_nothing_is_an_error(operation: Any) -> None:
    """An attack that silently did nothing would prove nothing."""
    with pytest.raises(ScriptError) as caught:
        tools_of()[1].apply([operation])
    assert caught.value.exit_status == 2


def test_every_story_can_be_told() -> None:
    """And one that is unknown, or too large for the tenant, is refused."""
    tenant, attack, _, _ = tools_of()
    for name in STORIES:
        assert attack.apply(story_of(name, tenant.population))
    with pytest.raises(ScriptError):
        story_of("none", tenant.population)
    with pytest.raises(ScriptError):
        story_of(STORIES[0], SimulatedTenant(users=10).population)


def test_a_filter_in_a_script_can_name_any_collection() -> None:
    """Partners have no `id`: their key is the tenant id."""
    changes = tools_of()[1].apply(
        [
            {
                "op": "set",
                "collection": "crossTenantAccessPolicyPartners",
                "where": "isInMultiTenantOrganization eq true",
                "attribute": "/inboundTrust/isMfaAccepted",
                "value": False,
            }
        ]
    )
    assert [c.attribute for c in changes] == ["inboundTrust"]
