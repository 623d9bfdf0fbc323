"""Attacks: what they do, and that they say exactly what they did."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.story import STORIES, TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.population.population import RECYCLE_BINS
from tests.rehearsal.asking import aboves_of
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


def test_what_graph_derives_is_changed_with_its_source() -> None:
    """A registration follows its user, an active schedule its assignment; the archive's difference shows both."""
    tenant, attack, _, _ = tools_of()
    before = seen_in(tenant.population)
    user = tenant.population.plan.id_of("users", 3)
    named = attack.apply([{"op": "set", "collection": "users", "id": user, "attribute": "displayName", "value": "X"}])
    assert Change("changed", "userRegistrationDetails", user, attribute="userDisplayName") in named
    gone = attack.apply([{"op": "hard-delete", "collection": "users", "ids": [user]}])
    assert Change("removed", "userRegistrationDetails", user) in gone
    assert "roleAssignmentSchedules" in {change.collection for change in gone}
    assert bare(gone) == differences(before, seen_in(tenant.population))


def test_what_follows_something_else_can_not_be_changed_by_itself() -> None:
    """Graph would not let anybody either."""
    tenant, attack, _, _ = tools_of()
    user = tenant.population.plan.id_of("users", 3)
    for operation in (
        {"op": "set", "collection": "userRegistrationDetails", "id": user, "attribute": "isAdmin", "value": True},
        {"op": "hard-delete", "collection": "userRegistrationDetails", "ids": [user]},
        {"op": "add", "collection": "userRegistrationDetails", "value": {"id": "new"}},
    ):
        with pytest.raises(ScriptError, match="follow users"):
            attack.apply([operation])
    assert user in tenant.population.collections["userRegistrationDetails"]


def test_a_deleted_service_principal_takes_along_all_below_it() -> None:
    """Its synchronization job, and the schema of that, each with the whole way to it."""
    tenant, attack, _, _ = tools_of()
    principal, job = next(aboves_of(tenant.population, "synchronizationJobs"))
    before = seen_in(tenant.population)
    changes = attack.apply([{"op": "soft-delete", "collection": "servicePrincipals", "ids": [principal]}])
    assert bare(changes) == differences(before, seen_in(tenant.population))
    parent = ("servicePrincipals", principal, "synchronizationJobs", job)
    assert Change("removed", "synchronizationSchema", "synchronizationSchema", parent=parent) in changes
    attack.apply([{"op": "restore", "collection": "servicePrincipals", "id": principal}])
    assert seen_in(tenant.population) == before


def test_a_policy_that_is_declared_is_changed_like_any_other() -> None:
    """Security defaults, consent, timeouts: an intruder is after these too."""
    tenant, attack, _, _ = tools_of()
    policy = next(iter(tenant.population.collections["adminConsentRequestPolicy"]))
    changes = attack.apply(
        [
            {
                "op": "set",
                "collection": "adminConsentRequestPolicy",
                "id": policy,
                "attribute": "isEnabled",
                "value": False,
            }
        ]
    )
    assert changes == [Change("changed", "adminConsentRequestPolicy", policy, attribute="isEnabled")]
    assert b'"isEnabled":false' in tenant.get("policies/adminConsentRequestPolicy").body


def test_a_domain_can_be_given_a_federation_of_an_intruders_own() -> None:
    """Who federates a domain signs tokens for all of its people: contained objects come, change and go too."""
    tenant, attack, _, _ = tools_of()
    domain = tenant.population.plan.domain
    before = seen_in(tenant.population)
    value = {"id": "evil", "displayName": "Sign-in", "issuerUri": "https://sts.evil.example"}
    add = {"op": "add", "parent_collection": "domains", "parent_id": domain, "relation": "federationConfiguration"}
    parent = ("domains", domain)
    added = attack.apply([{**add, "value": value}])
    assert added == [Change("added", "federationConfiguration", "evil", parent=parent)]
    assert b"sts.evil.example" in tenant.get(f"domains/{domain}/federationConfiguration").body
    assert bare(added) == differences(before, seen_in(tenant.population))
    named = {"collection": "federationConfiguration", "id": f"{domain}/evil"}
    changed = attack.apply([{"op": "set", **named, "attribute": "displayName", "value": "Entra"}])
    assert changed == [Change("changed", "federationConfiguration", "evil", parent=parent, attribute="displayName")]
    assert attack.apply([{"op": "hard-delete", **named}]) == [added[0]._replace(change="removed")]
    assert seen_in(tenant.population) == before


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"op": "set", "id": "none/one", "attribute": "displayName", "value": 1}, "nothing at 'none' contains"),
        ({"op": "set", "id": "simulated.example/one", "attribute": "displayName", "value": 1}, "no federationConf"),
        ({"op": "set", "id": "one", "attribute": "displayName", "value": 1}, "nothing at '' contains"),
        ({"op": "hard-delete", "id": "simulated.example/more/one"}, "nothing at 'simulated.example/more' contains"),
    ],
)
def test_a_contained_object_that_is_not_there_is_named(operation: dict[str, Any], why: str) -> None:
    """A script with a slip in it must not be taken for one that found nothing to do."""
    attack = tools_of()[1]
    with pytest.raises(ScriptError, match=why):
        attack.apply([{"collection": "federationConfiguration", **operation}])
