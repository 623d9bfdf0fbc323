"""The logs: audits of what altered the directory, sign-ins and provisioning."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from recovery.rehearsal.altering.attack import Operation
from recovery.rehearsal.altering.story import TWO_CHANGES_AND_AN_ATTACK, story_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.surface import LOGS
from recovery.rehearsal.population.activity import LATEST_LATE_MINUTES
from recovery.rehearsal.population.clock import SECONDS_A_DAY, SECONDS_A_MINUTE
from recovery.rehearsal.population.population import Population
from recovery.rehearsal.serving.process import RunningTenant
from tests.rehearsal.oracle import tools_of
from tests.rehearsal.sdk import SdkClient
from tests.rehearsal.shared import shared_json

Value = dict[str, Any]
AUDITS = "directoryAudits"
TIMES = {row.collection: str(row.timed) for row in LOGS}
SIGN_IN_TYPES = ("interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity")


def page_of(
    tenant: SimulatedTenant, log: str, query: str = "", roles: frozenset[str] | None = None, version: str = "v1.0"
) -> Value:
    """One page of a log."""
    question = Question(address_of(version, f"auditLogs/{log}"), query_of(query), Caller(roles=roles))
    body: Value = msgspec.json.decode(tenant.reader.answer(question).body)
    return body


def listed(tenant: SimulatedTenant, log: str, query: str = "", version: str = "v1.0") -> list[Value]:
    """All events, page by page."""
    found: list[Value] = []
    while True:
        body = page_of(tenant, log, query, version=version)
        found += body["value"]
        if "@odata.nextLink" not in body:
            return found
        query = body["@odata.nextLink"].partition("?")[2]


def arrived(tenant: SimulatedTenant) -> None:
    """Lets so much time pass that no event is late any more."""
    tenant.let_pass(LATEST_LATE_MINUTES * SECONDS_A_MINUTE)


def altered(operation: Callable[[Population], Operation]) -> tuple[SimulatedTenant, Value]:
    """A tenant after one operation, and the one audit of that."""
    tenant, attack, _, _ = tools_of()
    attack.apply([operation(tenant.population)])
    arrived(tenant)
    events = listed(tenant, AUDITS)
    assert len(events) == 1
    return tenant, events[0]


def user(population: Population) -> str:
    return population.plan.id_of("users", 40)


def group(population: Population) -> str:
    return population.plan.id_of("groups", 0)


def an_application(population: Population) -> str:
    return population.plan.id_of("applications", 1)


OPERATIONS: dict[str, tuple[Callable[[Population], Operation], str, Callable[[Population], str]]] = {
    "Update user": (
        lambda p: {"op": "set", "collection": "users", "id": user(p), "attribute": "city", "value": "Oslo"},
        "UserManagement",
        user,
    ),
    "Delete user": (
        lambda p: {"op": "soft-delete", "collection": "users", "ids": [user(p)]},
        "UserManagement",
        user,
    ),
    "Hard Delete user": (
        lambda p: {"op": "hard-delete", "collection": "users", "ids": [user(p)]},
        "UserManagement",
        user,
    ),
    "Restore user": (
        lambda p: {"op": "restore", "collection": "users", "id": next(iter(p.collections["deletedUsers"]))},
        "UserManagement",
        lambda p: p.plan.id_of("users", p.plan.users),
    ),
    "Add member to group": (
        lambda p: {"op": "add-member", "group_id": p.plan.id_of("groups", 2), "member_id": user(p)},
        "GroupManagement",
        user,
    ),
    "Remove member from group": (
        lambda p: {
            "op": "unlink",
            "collection": "groups",
            "id": group(p),
            "relation": "members",
            "target_id": user(p),
        },
        "GroupManagement",
        user,
    ),
    "Add owner to application": (
        lambda p: {
            "op": "link",
            "collection": "applications",
            "id": an_application(p),
            "relation": "owners",
            "target_id": user(p),
        },
        "ApplicationManagement",
        user,
    ),
    "Update application": (
        lambda p: {"op": "add-federated-credential", "id": an_application(p), "issuer": "https://x", "subject": "y"},
        "ApplicationManagement",
        an_application,
    ),
    "Add member to role": (
        lambda p: {
            "op": "plant-role-assignment",
            "principal_id": user(p),
            "role_where": "displayName eq 'Global Administrator'",
        },
        "RoleManagement",
        user,
    ),
    "Add app role assignment to service principal": (
        lambda p: {
            "op": "plant-app-role",
            "principal_id": p.plan.id_of("servicePrincipals", 1),
            "role_id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        },
        "ApplicationManagement",
        lambda p: p.plan.id_of("servicePrincipals", p.principals.graph_index),
    ),
    "Update conditional access policy": (
        lambda p: {"op": "weaken-policy", "where": "state eq 'enabled'"},
        "Policy",
        lambda p: next(
            id
            for id in p.collections["conditionalAccessPolicies"]
            if p.collections["conditionalAccessPolicies"].value(id)["state"] == "disabled"
        ),
    ),
}
"""One operation for each activity that it is told of by, the activity's category, and its first target."""


@pytest.mark.parametrize("activity", OPERATIONS)
def test_every_alteration_adds_one_audit(activity: str) -> None:
    """Who, when, what, and to which object first."""
    operation, category, target = OPERATIONS[activity]
    tenant, event = altered(operation)
    assert (event["activityDisplayName"], event["category"]) == (activity, category)
    assert event["activityDateTime"].startswith("2026-11-01T12:00:00.")
    administrator = tenant.population.plan.id_of("users", 2)
    assert event["initiatedBy"]["user"]["id"] == administrator
    assert event["initiatedBy"]["user"]["userPrincipalName"].endswith("@simulated.example")
    if activity != "Update conditional access policy":
        assert event["targetResources"][0]["id"] == target(tenant.population)


def test_an_update_tells_the_old_and_the_new_value() -> None:
    """As JSON text, as Entra does."""
    tenant, attack, _, _ = tools_of()
    id = user(tenant.population)
    old = tenant.population.collections["users"].value(id)["jobTitle"]
    attack.apply([{"op": "set", "collection": "users", "id": id, "attribute": "jobTitle", "value": "Chef"}])
    arrived(tenant)
    modified = listed(tenant, AUDITS)[0]["targetResources"][0]["modifiedProperties"]
    assert modified[0] == {"displayName": "JobTitle", "oldValue": f'["{old}"]', "newValue": '["Chef"]'}


def test_an_operation_says_by_whom() -> None:
    """A script may have several people in it; ordinary days are the synchronization's."""
    tenant, attack, drift, _ = tools_of()
    desk = tenant.population.plan.id_of("users", 5)
    operation = {"op": "set", "collection": "users", "id": user(tenant.population), "attribute": "city", "value": "X"}
    attack.apply([{**operation, "by": desk}])
    arrived(tenant)
    assert listed(tenant, AUDITS)[0]["initiatedBy"]["user"]["id"] == desk
    drift.advance(1)
    newest = listed(tenant, AUDITS)[0]["initiatedBy"]
    assert newest["user"] is None
    assert newest["app"]["displayName"]


def test_the_whole_story_and_days_are_in_the_log() -> None:
    """Nothing is done that the log does not tell of, if late."""
    tenant, attack, drift, _ = tools_of()
    attack.apply(story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population))
    drift.advance(1)
    arrived(tenant)
    targets = {target["id"] for event in listed(tenant, AUDITS) for target in event["targetResources"]}
    journal = tenant.population.journal
    for collection in ("users", "groups", "applications", "conditionalAccessPolicies", "namedLocations", "devices"):
        ids = {entry.id for entry in journal.between(collection, 0, journal.head)}
        for bin_or_link in ids - targets:
            entries = [e for e in journal.between(collection, 0, journal.head) if e.id == bin_or_link]
            assert {entry.change for entry in entries} == {"unlinked"}, "only what a hard deletion takes along"


@pytest.mark.parametrize("log", TIMES)
def test_events_have_the_properties_of_the_published_schema(log: str) -> None:
    """And the nested ones of an audit's targets too."""
    types = shared_json("graph_schema.json")["v1.0"]["types"]
    tenant, _, drift, _ = tools_of()
    drift.advance(1)
    entity = {AUDITS: "directoryAudit", "signIns": "signIn", "provisioning": "provisioningObjectSummary"}[log]
    for event in listed(tenant, log)[:50]:
        assert event.keys() <= types[entity]["p"].keys() | {"id"}
        for target in event.get("targetResources", []):
            assert target.keys() == types["targetResource"]["p"].keys()
            for modified in target["modifiedProperties"]:
                assert modified.keys() == types["modifiedProperty"]["p"].keys()


@pytest.mark.parametrize("log", TIMES)
@pytest.mark.parametrize("order", ["", " asc", " desc"])
def test_events_come_in_the_order_of_their_time(log: str, order: str) -> None:
    """The newest first, unless it is asked for otherwise; pages are as large as `$top` says."""
    tenant, _, drift, _ = tools_of()
    drift.advance(3)
    query = f"$orderby={TIMES[log]}{order}&$top=7" if order else "$top=7"
    assert len(page_of(tenant, log, query)["value"]) == 7
    times = [event[TIMES[log]] for event in listed(tenant, log, query)]
    assert times == sorted(times, reverse=order != " asc")
    ids = {event["id"] for event in listed(tenant, log, query)}
    assert ids == {event["id"] for event in listed(tenant, log)}


@pytest.mark.parametrize("log", TIMES)
def test_events_are_filtered_by_time(log: str) -> None:
    """From and to, with and without the instant itself, whatever number of fraction digits the client writes."""
    tenant, _, drift, _ = tools_of()
    drift.advance(2)
    time = TIMES[log]
    every = sorted({event["id"]: event for event in listed(tenant, log)}.values(), key=lambda event: event[time])
    middle = every[len(every) // 2][time]
    for compare in (operator.ge, operator.gt, operator.le, operator.lt):
        found = {event["id"] for event in listed(tenant, log, f"$filter={time} {compare.__name__} {middle}")}
        assert found == {event["id"] for event in every if compare(event[time], middle)}
    whole = f"{middle[:19]}Z"
    between = f"$filter={time} ge {whole} and {time} le {middle}"
    found = {event["id"] for event in listed(tenant, log, between)}
    assert found == {event["id"] for event in every if f"{middle[:19]}." <= event[time] <= middle}
    assert found


def test_audits_are_filtered_by_category() -> None:
    """Recoveries by Entra itself are found so."""
    tenant, attack, _, _ = tools_of()
    attack.apply(story_of(TWO_CHANGES_AND_AN_ATTACK, tenant.population))
    arrived(tenant)
    every = listed(tenant, AUDITS)
    found = listed(tenant, AUDITS, "$filter=activityDateTime ge 2026-11-01T00:00:00Z and category eq 'Policy'")
    assert {event["id"] for event in found} == {event["id"] for event in every if event["category"] == "Policy"}
    assert 0 < len(found) < len(every)


def test_some_events_can_be_read_only_minutes_after_their_time() -> None:
    """A client that reads from the newest event that it has on misses these."""

    def busy() -> SimulatedTenant:
        tenant, attack, _, _ = tools_of()
        city: Operation = {"op": "set", "collection": "users", "attribute": "city", "value": "Oslo"}
        attack.apply([{**city, "id": tenant.population.plan.id_of("users", number)} for number in range(60)])
        return tenant

    tenant = busy()
    early = listed(tenant, AUDITS)
    assert listed(busy(), AUDITS) == early
    arrived(tenant)
    late = [event for event in listed(tenant, AUDITS) if event["id"] not in {one["id"] for one in early}]
    assert 0 < len(late) < len(early)
    assert min(event["activityDateTime"] for event in late) < max(event["activityDateTime"] for event in early)


@pytest.mark.parametrize("log", TIMES)
def test_an_event_may_come_on_two_pages(log: str) -> None:
    """And none is missed; the same seed repeats the same ones."""
    tenant, _, drift, _ = tools_of()
    drift.advance(4)
    pages = [listed(tenant, log, "$top=3") for _ in range(2)]
    ids = [event["id"] for event in pages[0]]
    assert len(ids) > len(set(ids))
    assert pages[0] == pages[1]
    assert set(ids) == {event["id"] for event in listed(tenant, log)}


@pytest.mark.parametrize("log", TIMES)
def test_events_are_kept_thirty_days(log: str) -> None:
    """Older ones are gone, and memory with them."""
    tenant, _, drift, _ = tools_of()
    time = TIMES[log]
    drift.advance(1)
    oldest = min(event[time] for event in listed(tenant, log))
    tenant.let_pass(29 * SECONDS_A_DAY)
    drift.advance(1)
    kept = [event[time] for event in listed(tenant, log)]
    assert min(kept) >= "2026-11-02T12:00:00"
    tenant.let_pass(20 * SECONDS_A_DAY)
    later = [event[time] for event in listed(tenant, log)]
    assert min(later) >= "2026-11-22T12:00:00"
    assert oldest < "2026-11-03"
    tenant.let_pass(31 * SECONDS_A_DAY)
    assert len(tenant.population.activities) == 0


@pytest.mark.parametrize("log", ["signIns", "provisioning"])
def test_sign_ins_and_provisioning_depend_on_the_seed_and_the_day_alone(log: str) -> None:
    """They are made when asked for, and are the same however the tenant came to this day."""
    tenants = [tools_of() for _ in range(2)]
    tenants[0][2].advance(3)
    for _ in range(3):
        tenants[1][2].advance(1)
    assert listed(tenants[0][0], log) == listed(tenants[1][0], log)
    assert listed(SimulatedTenant(150, seed=2), log)[0] != listed(SimulatedTenant(150, seed=1), log)[0]
    now = tenants[0][0].population.clock
    assert now.day == 3
    assert max(event[TIMES[log]] for event in listed(tenants[0][0], log)) < "2026-11-04T12:00:01"


@pytest.mark.parametrize("log", TIMES)
@pytest.mark.parametrize(
    "query", ["$top=1001", "$orderby=id", "$filter=nonsense", "$expand=x", "$skiptoken=x", "$count=true"]
)
def test_what_logs_do_not_take_is_refused(log: str, query: str) -> None:
    """With 400, instead of an answer to another question."""
    with pytest.raises(Refusal) as refused:
        page_of(tools_of()[0], log, query)
    assert refused.value.status == 400


@pytest.mark.parametrize("log", TIMES)
def test_logs_need_their_permission_and_all_but_sign_ins_are_on_v1_alone(log: str) -> None:
    """AuditLog.Read.All opens all of them."""
    tenant = tools_of()[0]
    assert "value" in page_of(tenant, log, roles=frozenset(("AuditLog.Read.All",)))
    with pytest.raises(Refusal) as denied:
        page_of(tenant, log, roles=frozenset(("User.Read.All",)))
    assert denied.value.status == 403
    unknown_ones = [("v1.0", f"auditLogs/{log}/x"), ("v1.0", f"auditLogs/{log}/$count"), ("beta", f"auditLogs/{log}/x")]
    for version, path in [*unknown_ones, *([("beta", f"auditLogs/{log}")] if log != "signIns" else [])]:
        with pytest.raises(Refusal) as unknown:
            address_of(version, path)
        assert unknown.value.status == 400


def of_type(type_: str, *more: str) -> str:
    """A query for the sign-ins of one type."""
    return "$filter=" + " and ".join((*more, f"signInEventTypes/any(t: t eq '{type_}')"))


def test_beta_gives_the_sign_ins_of_the_type_that_is_asked_for() -> None:
    """Those of people at a prompt without a filter, the same as on v1.0; none is in two logs."""
    tenant, _, drift, _ = tools_of()
    drift.advance(1)
    properties = shared_json("graph_schema.json")["beta"]["types"]["signIn"]["p"].keys() | {"id"}
    found = {type_: listed(tenant, "signIns", of_type(type_), "beta") for type_ in SIGN_IN_TYPES}
    for type_, events in found.items():
        assert events
        assert all(event["signInEventTypes"] == [type_] and event.keys() <= properties for event in events)
    ids = {type_: {event["id"] for event in events} for type_, events in found.items()}
    assert sum(map(len, ids.values())) == len(set().union(*ids.values()))
    assert {event["id"] for event in listed(tenant, "signIns", "", "beta")} == ids["interactiveUser"]
    assert {event["id"] for event in listed(tenant, "signIns")} == ids["interactiveUser"]
    principals = {event["servicePrincipalId"] for event in found["servicePrincipal"]}
    assert all(msgspec.json.decode(tenant.get(f"servicePrincipals/{id}").body)["id"] == id for id in principals)


@pytest.mark.parametrize("type_", SIGN_IN_TYPES)
def test_sign_ins_of_a_type_are_filtered_by_time_and_come_in_order(type_: str) -> None:
    """As a client asks that reads on where it stopped."""
    tenant, _, drift, _ = tools_of()
    drift.advance(2)
    every = sorted({event["createdDateTime"] for event in listed(tenant, "signIns", of_type(type_), "beta")})
    middle = every[len(every) // 2]
    query = of_type(type_, f"createdDateTime ge {middle}") + "&$orderby=createdDateTime asc&$top=5"
    assert list(dict.fromkeys(event["createdDateTime"] for event in listed(tenant, "signIns", query, "beta"))) == [
        at for at in every if at >= middle
    ]


@pytest.mark.parametrize(
    ("version", "filter"),
    [
        ("v1.0", "signInEventTypes/any(t: t eq 'servicePrincipal')"),
        ("beta", "signInEventTypes/any(t: t eq 'somebody')"),
        ("beta", "signInEventTypes/any(t: t ne 'interactiveUser')"),
        ("beta", "signInEventTypes eq 'servicePrincipal'"),
        ("beta", "signInEventTypes/any(t: t eq 'servicePrincipal') or signInEventTypes/any(t: t eq 'managedIdentity')"),
    ],
)
def test_types_of_sign_ins_that_are_not_served_are_refused(version: str, filter: str) -> None:
    """v1.0 has no such property, and nobody gets an answer to another question."""
    with pytest.raises(Refusal) as refused:
        page_of(tools_of()[0], "signIns", f"$filter={filter}", version=version)
    assert refused.value.status == 400


def test_logs_share_the_bucket_of_the_reports(
    adjustable_tenant: RunningTenant, client_of: Callable[..., SdkClient]
) -> None:
    """Five requests in ten seconds, over all of them."""
    client = client_of(adjustable_tenant)
    adjustable_tenant.set_quota(8000)
    names = ("directoryAudits", "signIns", "provisioning", "directoryAudits", "signIns", "directoryAudits")
    answers = client.each(*(f"/v1.0/auditLogs/{name}?$top=1" for name in names))
    assert [got.status for got in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_client_reads_the_log_over_http(changing_tenant: RunningTenant, client_of: Callable[..., SdkClient]) -> None:
    """With the links and the encoding that real clients use."""
    client = client_of(changing_tenant)
    changing_tenant.attack("two-changes-and-an-attack")
    changing_tenant.advance_minutes(LATEST_LATE_MINUTES)
    filter = quote("activityDateTime ge 2026-11-01T12:00:00Z and activityDateTime lt 2026-11-01T12:00:01Z")
    order = quote("activityDateTime asc")
    found = client.all(f"/v1.0/auditLogs/directoryAudits?$filter={filter}&$orderby={order}&$top=4")
    assert found[0]["activityDisplayName"] == "Update user"
    assert len({event["id"] for event in found}) == 17


def test_counts_stay_right_after_alterations() -> None:
    """Of collections, recycle bins and links."""
    tenant, attack, drift, _ = tools_of()
    population = tenant.population
    group_id = population.plan.id_of("groups", 0)
    for round in range(3):
        ids = [population.plan.id_of("users", 50 + 2 * round + more) for more in range(2)]
        attack.apply([{"op": "soft-delete", "collection": "users", "ids": ids}])
        attack.apply([{"op": "hard-delete", "collection": "users", "ids": ids[:1]}])
        drift.advance(1)
        for path in ("users", "groups", "directory/deletedItems/microsoft.graph.user", f"groups/{group_id}/members"):
            objects = [o for body in tenant.pages(path, version="beta") for o in msgspec.json.decode(body)["value"]]
            assert int(tenant.get(f"{path}/$count", version="beta").body) == len(objects)
