"""Change tracking: what the delta functions tell of, and what they keep to themselves."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from recovery.rehearsal.altering.attack import Attack, Operation
from recovery.rehearsal.altering.story import TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.throttle import units_of
from recovery.rehearsal.population.collection import Collection
from recovery.rehearsal.population.groups import TIER_ZERO
from tests.rehearsal.oracle import tools_of
from tests.rehearsal.tracking import (
    TRACKED,
    Mirror,
    agree,
    merged,
    page_of,
    removals,
    round_of,
    told,
    truth_of,
)

PROPERTIES = {
    "users": "id,displayName,jobTitle,mobilePhone,officeLocation,department,lastPasswordChangeDateTime",
    "groups": "id,displayName,description,securityEnabled",
}
"""What the tests select; of other collections everything but what a list does not send."""


def path_of(collection: str) -> str:
    """The delta function of a collection."""
    return f"{TRACKED[collection].paths[0]}/delta"


def everything_of(tenant: SimulatedTenant, collection: str) -> tuple[str, frozenset[str]]:
    """A first request that tracks all relations of a collection, and the properties that it selects."""
    held: Collection = tenant.population.collections[collection]
    names = PROPERTIES.get(collection, "").split(",")
    if collection not in PROPERTIES:
        known = page_of(tenant, path_of(collection))["value"]
        names = sorted({name for value in known for name in value if "@" not in name})
    assert held.entity
    select = ",".join([*names, *(TRACKED[collection].tracks or ())])
    return f"{path_of(collection)}?$select={select}", frozenset(names)


def applied(attack: Attack, *operations: Operation) -> None:
    attack.apply(list(operations))


def soft_deletion(collection: str, id: str) -> Operation:
    return {"op": "soft-delete", "collection": collection, "ids": [id]}


def setting(collection: str, id: str, attribute: str, value: Any) -> Operation:
    return {"op": "set", "collection": collection, "id": id, "attribute": attribute, "value": value}


def test_every_row_of_the_catalogue_with_a_delta_function_has_it_here() -> None:
    """The archiver asks these paths, and expects these relations."""
    rows = [row for row in load_catalogue().collections if row.delta is not None]
    assert {row.collection for row in rows} == set(TRACKED)
    for row in rows:
        assert row.delta is not None
        assert address_of("v1.0", row.delta.path.lstrip("/")).delta
        assert TRACKED[row.collection].tracks == row.delta.tracks


@pytest.mark.parametrize("collection", TRACKED)
def test_a_first_round_lists_all_and_the_next_one_nothing(collection: str) -> None:
    """With all links of the relations that are tracked."""
    tenant = tools_of()[0]
    first, properties = everything_of(tenant, collection)
    mirror = Mirror()
    values, link = round_of(tenant, first)
    mirror.merge(values)
    agree(mirror, truth_of(tenant, collection, properties))
    assert round_of(tenant, link)[0] == []


@pytest.mark.parametrize("collection", TRACKED)
def test_a_client_that_follows_has_what_the_tenant_has(collection: str) -> None:
    """Through days, an attack, deletions and restorations, with pages so small that large groups are split.

    The tenant is altered between pages too.
    """
    tenant, attack, drift, _ = tools_of()
    tenant.reader.deltas.objects_a_page, tenant.reader.deltas.links_a_page = 7, 5
    mirror = Mirror()
    first, properties = everything_of(tenant, collection)
    days = iter(range(3))

    def a_day_passes() -> None:
        if next(days, None) is not None:
            drift.advance(1)

    values, link = round_of(tenant, first, a_day_passes)
    mirror.merge(values)
    plan = tenant.population.plan
    user, group = plan.id_of("users", 60), plan.id_of("groups", TIER_ZERO)
    scripts: list[list[Operation]] = [
        story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population),
        [soft_deletion("users", user), soft_deletion("groups", group)],
        [{"op": "restore", "collection": "groups", "id": group}],
        [
            soft_deletion("groups", group),
            {"op": "restore", "collection": "groups", "id": group},
            {
                "op": "unlink",
                "collection": "groups",
                "id": group,
                "relation": "members",
                "target_id": next(t for t in tenant.population.links.of("groups", "members", group) if t),
            },
        ],
        [{"op": "restore", "collection": "users", "id": user}],
        [{"op": "hard-delete", "collection": "users", "ids": [user]}],
        [setting("users", plan.id_of("users", 61), "jobTitle", None)],
    ]
    for script in scripts:
        attack.apply(script)
        drift.advance(1)
        values, link = round_of(tenant, link)
        mirror.merge(values)
        agree(mirror, truth_of(tenant, collection, properties))
    mirror.merge(round_of(tenant, link)[0])
    agree(mirror, truth_of(tenant, collection, properties))


def test_the_latest_token_gives_no_object_and_follows_from_there() -> None:
    """ "Sync from now": what was before is never told, what comes after is."""
    tenant, attack, _, _ = tools_of()
    body = page_of(tenant, "users/delta?$deltatoken=latest&$select=jobTitle")
    assert body["value"] == []
    user = tenant.population.plan.id_of("users", 20)
    applied(attack, setting("users", user, "jobTitle", "Chef"))
    values, _ = round_of(tenant, body["@odata.deltaLink"])
    assert told(values) == {user: {"id": user, "jobTitle": "Chef"}}


def test_only_what_is_selected_is_tracked() -> None:
    """Neither another property nor another relation brings an object; selecting them does."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    user, group = plan.id_of("users", 20), plan.id_of("groups", TIER_ZERO)
    links = {
        name: round_of(tenant, f"{name.partition('?')[0]}/delta{name[name.find('?') :]}")[1]
        for name in (
            "users?$select=jobTitle",
            "users?$select=jobTitle,manager",
            "groups?$select=displayName",
            "groups?$select=displayName,members",
            "groups?$select=displayName,owners",
            "groups?",
        )
    }
    manager = next(iter(tenant.population.links.of("users", "manager", user)))
    applied(
        attack,
        setting("users", user, "department", "Treasury"),
        {"op": "unlink", "collection": "users", "id": user, "relation": "manager", "target_id": manager},
        {"op": "add-member", "group_id": group, "member_id": user},
    )
    found = {name: round_of(tenant, link)[0] for name, link in links.items()}
    assert found["users?$select=jobTitle"] == []
    assert merged(found["users?$select=jobTitle,manager"], "manager") == {manager: False}
    assert found["groups?$select=displayName"] == []
    assert found["groups?$select=displayName,owners"] == []
    assert merged(found["groups?$select=displayName,members"]) == {user: True}
    assert merged(found["groups?"]) == {user: True}


def test_without_select_groups_tell_members_and_users_tell_no_manager() -> None:
    """As documented; owners come only when they are selected."""
    tenant = tools_of()[0]
    groups, users = round_of(tenant, "groups/delta")[0], round_of(tenant, "users/delta")[0]
    assert any("members@delta" in value for value in groups)
    assert not any("owners@delta" in value for value in groups)
    assert not any("manager@delta" in value for value in users)
    assert any("owners@delta" in value for value in round_of(tenant, "groups/delta?$select=owners")[0])
    for collection in ("administrativeUnits", "directoryRoles"):
        assert any("members@delta" in value for value in round_of(tenant, path_of(collection))[0])


def test_links_are_ids_with_a_type_and_service_principals_are_among_them() -> None:
    """The list of members on v1.0 leaves these out; change tracking does not."""
    tenant = tools_of()[0]
    links = [
        link for value in round_of(tenant, "groups/delta?$select=members")[0] for link in value.get("members@delta", [])
    ]
    assert {frozenset(link) for link in links} == {frozenset(("@odata.type", "id"))}
    assert {"#microsoft.graph.user", "#microsoft.graph.servicePrincipal"} <= {link["@odata.type"] for link in links}


def test_a_large_group_takes_several_pages_and_comes_again_on_each() -> None:
    """A client that takes the last appearance for the whole loses members."""
    tenant = tools_of()[0]
    tenant.reader.deltas.links_a_page = 40
    group = tenant.population.plan.id_of("groups", 0)
    values, _ = round_of(tenant, f"groups/delta?$select=displayName,members&$filter=id eq '{group}'")
    expected = {target for target in tenant.population.links.of("groups", "members", group) if target}
    assert len(values) == -(-len(expected) // 40) > 2
    assert all(len(value["members@delta"]) <= 40 and value["displayName"] for value in values)
    assert set(merged(values)) == expected


def test_a_deleted_object_is_removed_with_its_reason_and_a_restored_one_is_new() -> None:
    """`changed` is in the recycle bin, `deleted` is gone; what is restored comes with everything."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    first, second, third = (plan.id_of("users", number) for number in (40, 41, 42))
    link = round_of(tenant, "users/delta?$select=displayName,manager")[1]
    applied(attack, soft_deletion("users", first), soft_deletion("users", second))
    applied(attack, {"op": "hard-delete", "collection": "users", "ids": [third]})
    values, link = round_of(tenant, link)
    assert removals(values) == {first: "changed", second: "changed", third: "deleted"}
    assert all(value.keys() == {"id", "@removed"} for value in values)
    applied(attack, {"op": "restore", "collection": "users", "id": first})
    applied(attack, {"op": "hard-delete", "collection": "users", "ids": [second]})
    values, link = round_of(tenant, link)
    assert removals(values) == {second: "deleted"}
    assert {"displayName", "manager@delta"} <= told(values)[first].keys()


def test_a_soft_deleted_member_stays_a_member_until_it_is_gone_for_good() -> None:
    """So a restored user's memberships need no record of their own."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    user, group = plan.id_of("users", 40), plan.id_of("groups", 0)
    first = f"groups/delta?$select=members&$filter=id eq '{group}'"
    link = round_of(tenant, first)[1]
    applied(attack, soft_deletion("users", user))
    values, link = round_of(tenant, link)
    assert values == []
    assert merged(round_of(tenant, first)[0])[user]
    applied(attack, {"op": "hard-delete", "collection": "users", "ids": [user]})
    values, _ = round_of(tenant, link)
    assert merged(values) == {user: False}
    leaver = values[0]["members@delta"][0]
    assert leaver == {"@odata.type": "#microsoft.graph.user", "id": user, "@removed": {"reason": "deleted"}}
    assert user not in merged(round_of(tenant, first)[0])


def test_a_property_that_was_never_set_is_left_out_and_one_that_was_emptied_is_null() -> None:
    """A client that takes absence for empty, or for unchanged, is wrong in one of both cases."""
    tenant, attack, _, _ = tools_of()
    held = tenant.population.collections["users"]
    user = next(id for id in held if held.value(id)["mobilePhone"])
    other = next(id for id in held if not held.value(id)["mobilePhone"])
    values, link = round_of(tenant, "users/delta?$select=mobilePhone")
    assert "mobilePhone" in told(values)[user]
    assert "mobilePhone" not in told(values)[other]
    applied(attack, setting("users", user, "mobilePhone", None))
    values, link = round_of(tenant, link)
    assert told(values)[user] == {"id": user, "mobilePhone": None}
    applied(attack, soft_deletion("users", user), {"op": "restore", "collection": "users", "id": user})
    assert told(round_of(tenant, link)[0])[user] == {"id": user, "mobilePhone": None}


def test_what_is_stored_elsewhere_or_belongs_to_no_object_brings_nothing() -> None:
    """SharePoint's properties, sign-in activity, app role assignments, policies and role assignments."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    user = plan.id_of("users", 40)
    selects = {"users": "?$select=displayName,signInActivity,manager"}
    links = [round_of(tenant, f"{path_of(name)}{selects.get(name, '')}")[1] for name in TRACKED]
    story = story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population)
    silent = ("weaken-policy", "plant-role-assignment", "plant-app-role")
    applied(
        attack,
        setting("users", user, "aboutMe", "Chef"),
        setting("users", user, "signInActivity", {"lastSignInDateTime": "2026-11-01T10:00:00Z"}),
        *(operation for operation in story if operation["op"] in silent),
    )
    assert [round_of(tenant, link)[0] for link in links] == [[]] * len(links)
    with pytest.raises(Refusal) as refused:
        page_of(tenant, "users/delta?$select=aboutMe")
    assert refused.value.status == 501


def test_owners_of_applications_are_not_tracked_and_can_not_be_selected() -> None:
    """The archiver reads these in full."""
    tenant, attack, _, _ = tools_of()
    plan = tenant.population.plan
    link = round_of(tenant, "applications/delta")[1]
    owner = {"op": "link", "collection": "applications", "relation": "owners", "id": plan.id_of("applications", 1)}
    applied(attack, {**owner, "target_id": plan.id_of("users", 50)})
    assert round_of(tenant, link)[0] == []
    with pytest.raises(Refusal) as refused:
        page_of(tenant, "applications/delta?$select=owners")
    assert refused.value.status == 400


def test_an_object_comes_twice_and_what_was_told_comes_again_now_and_then() -> None:
    """Graph allows both; the same seed gives the same ones."""
    seen = []
    for _ in range(2):
        tenant, _, drift, _ = tools_of()
        tenant.reader.deltas.objects_a_page = 5
        values, link = round_of(tenant, "users/delta?$select=jobTitle,mobilePhone,officeLocation")
        first, twice, replayed, before = len(values) - len(told(values)), 0, 0, set[str]()
        for _ in range(60):
            changed = {change.id for change in drift.advance(1)}
            values, link = round_of(tenant, link)
            twice += len(values) - len(told(values))
            replayed += len(set(told(values)) & before - changed)
            before = set(told(values))
        seen.append((first, twice, replayed))
    assert seen[0] == seen[1]
    assert all(count > 0 for count in seen[0]), seen


@pytest.mark.parametrize(
    "option", ["$top=5", "$expand=manager", "$orderby=displayName", "$filter=accountEnabled eq true"]
)
@pytest.mark.parametrize("collection", ["users", "groups"])
def test_query_options_that_delta_functions_do_not_take_are_refused(collection: str, option: str) -> None:
    """The size of a page is the server's, and filters are by id."""
    with pytest.raises(Refusal) as refused:
        page_of(tools_of()[0], f"{collection}/delta?{option}")
    assert refused.value.status == 400


def test_a_filter_names_up_to_fifty_objects() -> None:
    """And only these are told of, in later rounds too."""
    tenant, attack, _, _ = tools_of()
    ids = [tenant.population.plan.id_of("users", number) for number in range(20, 71)]
    filter = " or ".join(f"id eq '{id}'" for id in ids[:50])
    values, link = round_of(tenant, f"users/delta?$select=jobTitle&$filter={filter}")
    assert set(told(values)) == set(ids[:50])
    applied(attack, setting("users", ids[0], "jobTitle", "Chef"), setting("users", ids[50], "jobTitle", "Chef"))
    assert set(told(round_of(tenant, link)[0])) == {ids[0]}
    with pytest.raises(Refusal) as refused:
        page_of(tenant, f"users/delta?$filter={filter} or id eq '{ids[50]}'")
    assert refused.value.status == 400


def test_the_names_that_clients_give_the_function_mean_the_same() -> None:
    """Microsoft's client libraries write it in full, with brackets."""
    tenant = tools_of()[0]
    bodies = [page_of(tenant, f"users/{name}")["value"] for name in ("delta", "microsoft.graph.delta()", "delta()")]
    assert bodies[0] == bodies[1] == bodies[2] != []
    assert len(round_of(tenant, "users/microsoft.graph.delta()")[0]) >= 150
    with pytest.raises(Refusal):
        page_of(tenant, "identity/conditionalAccess/policies/delta")


def test_a_page_has_two_hundred_objects() -> None:
    """Nobody can ask for more."""
    tenant = tools_of(users=450)[0]
    body = page_of(tenant, "users/delta")
    assert len(body["value"]) == 200
    assert "@odata.nextLink" in body


def test_a_request_costs_one_unit_and_needs_the_permission_of_the_list() -> None:
    """Graph's throttling page names no other cost."""
    for collection, row in TRACKED.items():
        assert units_of(address_of("v1.0", path_of(collection)), query_of("")) == 1
        page_of(tools_of(40)[0], path_of(collection), roles=row.permissions)
        with pytest.raises(Refusal) as refused:
            page_of(tools_of(40)[0], path_of(collection), roles=frozenset(("Calendars.Read",)))
        assert refused.value.status == 403


def test_hidden_members_are_left_out_without_their_permission() -> None:
    """As in the list of members, which refuses them."""
    tenant = tools_of()[0]
    held = tenant.population.collections["groups"]
    hidden = next(id for id in held if held.value(id)["visibility"] == "HiddenMembership")
    first = f"groups/delta?$select=members&$filter=id eq '{hidden}'"
    reader = frozenset(("Group.Read.All",))
    assert "members@delta" not in page_of(tenant, first, reader)["value"][0]
    assert "members@delta" in page_of(tenant, first, reader | {"Member.Read.Hidden"})["value"][0]
