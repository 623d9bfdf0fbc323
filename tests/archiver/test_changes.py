"""Reading by what changed: Graph's change query names ids, and is trusted for speed and never for completeness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from archiver.gathering.gathered import Gathered
from archiver.gathering.since import ChangeLink, RecoveryTrace, Remarks, Since
from archiver.graph.catalogue import load_catalogue
from archiver.graph.reference import load_references
from tests.archiver.change_kit import ROLES, Json, Known, answer, changed, since, told
from tests.archiver.gather_kit import (
    PNG,
    PRINCIPAL,
    Prepare,
    error_answer,
    gathered_from,
    lines_of,
    reasons_of,
    user_targets,
    with_group,
    with_users,
)
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import SmallTenant

HOMES = ("users", "groups", "servicePrincipals", "devices", "contacts")
"""Where the members of a group are at home."""


def at_home(*named: str) -> Prepare:
    """A tenant in which nobody left, and Graph names nothing in the homes but `named`, of which the test speaks."""

    def prepare(tenant: SmallTenant) -> None:
        for name in HOMES:
            tenant.lists.setdefault(f"/{name}", [])
            if name not in named:
                changed(name)(tenant)

    return prepare


def test_only_what_graph_names_is_read_again(tmp_path: Path) -> None:
    """In the row's own shape, from the object itself: what the change query says of it is not taken."""
    users = [f"u{n:04}" for n in range(250)]
    gathered, sink, tenant = gathered_from(
        tmp_path,
        list(HOMES),
        told(with_users(250), changed("users", {"id": "u0003", "displayName": "lies"}), at_home("users")),
        since=since(*HOMES, known=Known(users=users)),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert list(sink.values("users")) == ["u0003"]
    assert sink.values("users")["u0003"]["displayName"] == "User 3"
    assert gathered.counts["users"] == 250
    again = gathered.changes.again["users"]
    assert again.objects == {b"u0003"} and again.parts == {b"rmanager": frozenset()}
    assert not [url for url in tenant.asked if url.startswith("/v1.0/users?") and "$expand" not in url]


def test_what_is_gone_is_known_to_be_gone_and_is_no_gap(tmp_path: Path) -> None:
    """Whether it was removed is asked of the object: an answer may be replayed, and an object restored."""
    users = [f"u{n:04}" for n in range(30)]
    removed = [{"id": id_, "@removed": {"reason": "changed"}} for id_ in ("u0029", "u0030", "u0001", "never")]
    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(29), changed("users", *removed)),
        since=since("users", known=Known(users=users)),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert list(sink.values("users")) == ["u0001"]
    assert gathered.changes.again["users"].objects == {b"u0029", b"u0030", b"u0001", b"never"}
    assert gathered.counts == {"users": 29}


def test_a_relation_is_read_again_where_its_targets_changed(tmp_path: Path) -> None:
    """Of an object that is new, or was away for a while, every relation is."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(25))(tenant)
        tenant.lists["/groups"] += [{"id": "g2"}, {"id": "g3"}, {"id": "g4"}]
        for id_ in ("g1", "g2", "g3", "g4"):
            tenant.related[f"/groups/{id_}/members"] = user_targets(2)
            tenant.related[f"/groups/{id_}/owners"] = user_targets(1)

    values: list[Json] = [
        {"id": "g0", "members@delta": [{"id": "u0001", "@odata.type": "#microsoft.graph.user"}]},
        {"id": "g1", "description": "new"},
        {"id": "g2", "displayName": "a newcomer"},
        {"id": "g3", "@removed": {"reason": "changed"}},
    ]
    gathered, sink, _ = gathered_from(
        tmp_path,
        list(HOMES),
        told(prepare, changed("groups", *values), at_home("groups")),
        since=since(*HOMES, known=Known(groups=["g0", "g1", "g3", "g4"])),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert set(sink.values("groups")) == {"g0", "g1", "g2", "g3"}
    again = gathered.changes.again["groups"].parts
    assert again == {b"rmembers": {b"g0", b"g2", b"g3"}, b"rowners": {b"g2", b"g3"}}
    assert set(sink.values("groups", "members")) == {"g0", "g2", "g3"}
    assert len(sink.values("groups", "members")["g0"]) == 25


@pytest.mark.parametrize(
    ("what", "users", "bin_then", "is_believed"),
    [
        ("nobody left", ["u0000", "u0001"], [], True),
        ("a newcomer", ["u0000"], [], True),
        ("who left", ["u0000", "u0001", "u0002"], [], False),
        ("who is back from the recycle bin", ["u0000"], ["u0001"], False),
    ],
)
def test_a_relation_is_believed_only_where_nobody_left_or_came_back(
    tmp_path: Path, what: str, users: list[str], bin_then: list[str], is_believed: bool
) -> None:
    """A member who is deleted leaves the list of members at once, and Graph tells it of no group until he is purged."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(2))(tenant)
        with_users(2)(tenant)
        changed("users", {"id": "u0001"}, {"id": "u0002", "@removed": {"reason": "changed"}})(tenant)

    gathered, sink, _ = gathered_from(
        tmp_path,
        list(HOMES),
        told(prepare, at_home("users")),
        since=since(*HOMES, known=Known(users=users, deletedUsers=bin_then, groups=["g0", "g1"])),
        roles=ROLES,
    )
    assert gathered.gaps == (), what
    parts = gathered.changes.again["groups"].parts
    assert (b"rmembers" in parts) == is_believed
    assert bool(sink.values("groups", "members")) == (not is_believed)
    assert (b"rmanager" in gathered.changes.again["users"].parts) == is_believed


def test_a_newcomer_may_be_back_where_the_full_did_not_have_the_recycle_bin(tmp_path: Path) -> None:
    """Left out by the settings or a gap: who was in it then is not known, and memberships come back with a user."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(2))(tenant)
        with_users(2)(tenant)
        changed("users", {"id": "u0001"})(tenant)

    known = Known(users=["u0000"], groups=["g0", "g1"])
    gathered, sink, _ = gathered_from(
        tmp_path,
        list(HOMES),
        told(prepare, at_home("users")),
        since=since(*HOMES, known=known, remarks=Remarks(known.collections - {"deletedUsers"})),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert b"rmembers" not in gathered.changes.again["groups"].parts
    assert sink.values("groups", "members")


def test_what_the_full_did_not_find_is_read_again_whatever_graph_names(tmp_path: Path) -> None:
    """A replica that lags says 404 of what is there, and no change query names it later."""
    remarks = Remarks(frozenset(HOMES), {"groups": ["g0"]})
    gathered, sink, _ = gathered_from(
        tmp_path,
        list(HOMES),
        told(with_group(*user_targets(25)), at_home()),
        since=since(*HOMES, known=Known(groups=["g0", "g1"]), remarks=remarks),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert len(sink.values("groups", "members")["g0"]) == 25
    assert gathered.changes.again["groups"].parts[b"rmembers"] == {b"g0"}


def test_a_relation_is_not_believed_where_nobody_looks_at_its_targets(tmp_path: Path) -> None:
    """Who does not archive devices does not learn that one was deleted, and would keep it as a member."""
    chosen = [name for name in HOMES if name != "devices"]
    gathered, sink, _ = gathered_from(
        tmp_path,
        chosen,
        told(with_group(*user_targets(2)), at_home()),
        since=since(*HOMES, known=Known(groups=["g0", "g1"])),
        roles=ROLES,
    )
    assert set(gathered.changes.again["groups"].parts) == {b"rowners"}
    assert set(sink.values("groups", "members")) == {"g0"}


def test_a_stream_that_shows_in_its_object_is_read_again_with_it(tmp_path: Path) -> None:
    """The address of an application's logo changes with the logo; whoever came is new, and who left has none."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = [{"id": id_} for id_ in ("a0", "a1", "a2")]
        for id_ in ("a0", "a1", "a2"):
            tenant.on(f"/applications/{id_}/logo", lambda: web.Response(body=PNG, content_type="image/png"))
        changed("applications", {"id": "a1"}, {"id": "a2"}, {"id": "a3", "@removed": {"reason": "changed"}})(tenant)

    gathered, sink, tenant = gathered_from(
        tmp_path,
        ["applications"],
        told(prepare),
        since=since("applications", known=Known(applications=["a0", "a1", "a3"])),
        roles=ROLES,
    )
    assert gathered.gaps == () and gathered.counts == {"applications": 3}
    assert {line["id"] for line in lines_of(sink, "applications") if "stream" in line} == {"a1", "a2"}
    assert gathered.changes.again["applications"].parts == {b"slogo": {b"a1", b"a2", b"a3"}}
    assert "/v1.0/applications/a0/logo" not in tenant.asked


def test_a_relation_without_a_change_query_is_read_for_all(tmp_path: Path) -> None:
    """Whether sponsors are told is not documented; whoever is met there and nowhere else is read too."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(30)(tenant)
        tenant.related["/users/u0004/sponsors"] = user_targets(1)

    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(prepare, changed("users")),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(29)])),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert set(sink.values("users", "sponsors")) == {"u0004"}
    assert list(sink.values("users")) == ["u0029"]
    assert gathered.counts == {"users": 30}


@pytest.mark.parametrize(
    ("answered", "why"),
    [
        (error_answer(410, "resyncRequired"), "410"),
        (error_answer(400, "syncStateNotFound"), "400"),
        (error_answer(403, "Authorization_RequestDenied"), "403"),
        (error_answer(503, "busy"), "503"),
        (lambda: web.Response(text='{"value":[]}', content_type="application/json"), "neither"),
        (lambda: web.Response(text='{"value":[{"x":1}]', content_type="application/json"), ""),
    ],
)
def test_a_change_query_that_fails_leads_to_a_reading_of_everything(
    tmp_path: Path, answered: Callable[[], web.StreamResponse], why: str
) -> None:
    """A link lives seven days; the snapshot is whole all the same, and says how it was read."""
    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(250), lambda tenant: tenant.on("/users/delta?$deltatoken=then", answered)),
        since=since("users", known=Known(users=[])),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert len(sink.values("users")) == 250
    assert gathered.changes.again == {}
    assert why in gathered.changes.why_whole["users"]


@pytest.mark.parametrize("known", [0, 500])
def test_a_count_that_does_not_fit_leads_to_a_reading_of_everything(tmp_path: Path, known: int) -> None:
    """Changes that were lost on the way show in the number of objects, too many or too few."""
    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(250), changed("users")),
        since=since("users", known=Known(users=[f"k{n:04}" for n in range(known)])),
        roles=ROLES,
    )
    assert gathered.changes.again == {} and gathered.gaps == ()
    assert f"{known} objects, and Graph counts 250" in gathered.changes.why_whole["users"]
    assert len(sink.values("users")) == 250
    assert [one.read for one in gathered.completeness] == [250]


def test_a_relation_that_is_left_out_is_read_of_no_object_that_changed(tmp_path: Path) -> None:
    """Graph tells of it all the same."""
    chosen = [*HOMES, "-users.manager", "-users.sponsors"]
    gathered, sink, _ = gathered_from(
        tmp_path,
        chosen,
        told(with_users(3), changed("users", {"id": "u0001", "manager@delta": []}), at_home("users")),
        since=since(*HOMES, known=Known(users=["u0000", "u0001", "u0002"]), chosen=chosen),
        roles=ROLES,
    )
    assert gathered.gaps == ()
    assert "users" in gathered.changes.again, gathered.changes.why_whole
    assert (list(sink.values("users")), sink.values("users", "manager")) == (["u0001"], {})


def test_an_object_that_can_not_be_read_again_is_a_gap(tmp_path: Path) -> None:
    """It is not taken from the full: nobody knows what it is now."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(30)(tenant)
        tenant.inner_faults.append(["/users/u0003", {"status": 500, "headers": {}, "body": {}}, 1_000])

    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(prepare, changed("users", {"id": "u0003"}, {"id": "u0004"})),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(30)])),
        roles=ROLES,
    )
    assert reasons_of(gathered) == [("users", None, "u0003", "server-error")]
    assert list(sink.values("users")) == ["u0004"]
    assert b"u0003" in gathered.changes.again["users"].objects


@pytest.mark.parametrize("named", ["changed", "restored"])
@pytest.mark.parametrize(("times", "is_there"), [(1, True), (1_000, False)])
def test_an_object_that_graph_names_and_does_not_find_is_asked_for_twice(
    tmp_path: Path, named: str, times: int, is_there: bool
) -> None:
    """A replica that lags says 404 of what is there. Without Graph's word that it left, nobody takes it for deleted."""
    not_found = {"error": {"code": "Request_ResourceNotFound", "message": "not here yet"}}
    removed = [{"id": "u0003", "@removed": {"reason": "changed"}}] if named == "restored" else []

    def prepare(tenant: SmallTenant) -> None:
        with_users(30)(tenant)
        tenant.inner_faults.append(["/users/u0003", {"status": 404, "headers": {}, "body": not_found}, times])

    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(prepare, changed("users", *removed, {"id": "u0003"}, {"id": "u0004"})),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(30)])),
        roles=ROLES,
    )
    assert reasons_of(gathered) == ([] if is_there else [("users", None, "u0003", "not-found")])
    assert list(sink.values("users")) == (["u0003", "u0004"] if is_there else ["u0004"])
    assert gathered.counts == {"users": 30 if is_there else 29}


def test_what_graph_says_last_to_have_left_is_asked_for_once(tmp_path: Path) -> None:
    """It changed, and then it was deleted: that nobody finds it is what was said."""
    changes: list[Json] = [{"id": "u0029"}, {"id": "u0029", "@removed": {"reason": "changed"}}]
    gathered, _, tenant = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(29), changed("users", *changes)),
        since=since("users", known=Known(users=[f"u{n:04}" for n in range(30)])),
        roles=ROLES,
    )
    assert (gathered.gaps, gathered.counts) == ((), {"users": 29})
    assert len([url for url in tenant.asked if "/users/u0029" in url]) == 1


@pytest.mark.parametrize("left", ["users", "servicePrincipals"])
def test_grants_are_listed_where_one_whom_they_may_name_has_left(tmp_path: Path, left: str) -> None:
    """Who they name stands in their records alone, and these are sealed where this host can't read them."""
    gone, stays = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002"
    grants = [{"id": f"grant-{id_[-1]}", "clientId": stays, "resourceId": stays, "principalId": None} for id_ in "12"]
    grants[0]["principalId" if left == "users" else "clientId"] = gone

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = []
        tenant.lists["/servicePrincipals"] = [{"id": stays, "@odata.type": PRINCIPAL}]
        tenant.lists["/oauth2PermissionGrants"] = list(grants)

    known = Known(
        users=[gone] if left == "users" else [],
        servicePrincipals=[stays, gone] if left != "users" else [stays],
        oauth2PermissionGrants=["grant-1", "grant-2"],
    )
    collections = [*HOMES, "oauth2PermissionGrants"]
    for changes in ([{"id": gone, "@removed": {"reason": "deleted"}}], []):
        gathered, sink, _ = gathered_from(
            tmp_path,
            collections,
            told(prepare, changed(left, *changes), at_home(left), changed("oauth2PermissionGrants")),
            since=since(*collections, known=known),
            roles=ROLES,
        )
        why = gathered.changes.why_whole.get("oauth2PermissionGrants")
        assert (why == "what its objects name may have left, or come back") == bool(changes)
        assert [one.id for one in gathered.closure.unresolved] == ([gone] if changes else [])
        assert len(sink.values("oauth2PermissionGrants")) == (2 if changes else 0)


def test_no_list_waits_for_one_whose_records_name_others() -> None:
    """Two that did would wait for each other for ever."""
    lists = {row.collection for row in load_catalogue().collections if row.delta}
    waiting = {one.of for one in load_references() if one.of in lists and one.relation is None}
    awaited = {home for one in load_references() if one.of in lists for home in one.to}
    assert waiting and not waiting & awaited


def told_on_two_pages(tmp_path: Path, first: list[Json], second: list[Json]) -> tuple[Gathered, MemorySink]:
    """What is read where the change query of groups has these two pages."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(3))(tenant)
        following = f"{tenant.origin}/v1.0/groups/delta?$skiptoken=2"
        tenant.on("/groups/delta?$deltatoken=then", answer(*first, next=following))
        tenant.on("/groups/delta?$skiptoken=2", answer(*second))

    gathered, sink, _ = gathered_from(
        tmp_path,
        list(HOMES),
        told(prepare, at_home("groups")),
        since=since(*HOMES, known=Known(groups=["g0", "g1"])),
        roles=ROLES,
    )
    return gathered, sink


def test_pages_of_changes_are_followed_and_may_name_an_object_again(tmp_path: Path) -> None:
    """A large group comes in several pages; replays are allowed."""
    second: list[Json] = [{"id": "g0", "members@delta": []}, {"id": "g0"}]
    gathered, sink = told_on_two_pages(tmp_path, [{"id": "g0"}, {"id": "g1"}], second)
    assert gathered.changes.again["groups"].parts[b"rmembers"] == {b"g0"}
    assert set(sink.values("groups")) == {"g0", "g1"}
    assert set(sink.values("groups", "members")) == {"g0"}


def test_pages_that_name_one_group_with_other_members_are_no_repetition(tmp_path: Path) -> None:
    """A large change of members comes in several pages, each with the group and some of them."""
    first, second = ([{"id": "g0", "members@delta": [{"id": id_}]}] for id_ in "ab")
    gathered, _ = told_on_two_pages(tmp_path, first, second)
    assert gathered.changes.again["groups"].parts[b"rmembers"] == {b"g0"}


@pytest.mark.parametrize("was_kept", [False, True])
def test_what_came_and_went_while_the_full_was_read_is_no_gap_of_every_pulse(tmp_path: Path, was_kept: bool) -> None:
    """The full has said so; of what the full holds, Graph has to say that it left."""
    users = [f"u{n:04}" for n in range(3)]
    gathered, _, _ = gathered_from(
        tmp_path,
        ["users"],
        told(with_users(3), changed("users")),
        since=since(
            "users",
            known=Known(users=[*users, *(["gone"] if was_kept else [])]),
            remarks=Remarks(frozenset({"users"}), {"users": ["gone"]}),
        ),
        roles=ROLES,
    )
    assert reasons_of(gathered) == ([("users", None, "gone", "not-found")] if was_kept else [])
    assert gathered.counts == {"users": 3}


def test_a_page_of_changes_that_comes_twice_is_not_believed(tmp_path: Path) -> None:
    """What it stands in the place of is missing, and no count shows that an object changed."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        following = f"{tenant.origin}/v1.0/users/delta?$skiptoken=2"
        tenant.on("/users/delta?$deltatoken=then", answer({"id": "u0001"}, next=following))
        tenant.on("/users/delta?$skiptoken=2", answer({"id": "u0001"}))

    gathered, sink, _ = gathered_from(
        tmp_path,
        ["users"],
        told(prepare),
        since=since("users", known=Known(users=["u0000", "u0001", "u0002"])),
        roles=ROLES,
    )
    assert "came twice" in gathered.changes.why_whole["users"]
    assert len(sink.values("users")) == 3


def test_pages_of_changes_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    """A server's fault must not hold a run for ever."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        here = f"{tenant.origin}/v1.0/users/delta?$deltatoken=then"
        tenant.on("/users/delta?$deltatoken=then", answer(next=here))

    gathered, _, _ = gathered_from(
        tmp_path, ["users"], told(prepare), since=since("users", known=Known(users=["u0000"])), roles=ROLES
    )
    assert "circle" in gathered.changes.why_whole["users"]


def test_a_link_of_another_shape_is_not_used(tmp_path: Path) -> None:
    """A new version, or a permission granted since, reads other properties of every object."""

    def since_another(tenant: SmallTenant) -> Since:
        made = since("users", known=Known(users=["u0000"]))(tenant)
        return made._replace(links={"users": ChangeLink(made.links["users"].link, "of another row")})

    gathered, sink, tenant = gathered_from(
        tmp_path, ["users"], told(with_users(3), changed("users")), since=since_another, roles=ROLES
    )
    assert "no link" in gathered.changes.why_whole["users"]
    assert len(sink.values("users")) == 3
    assert not [url for url in tenant.asked if "/users/delta" in url]


def test_memberships_that_are_hidden_from_the_app_are_not_taken_from_the_full(tmp_path: Path) -> None:
    """Graph does not name what it does not show."""
    roles = tuple(role for role in ROLES if role != "Member.Read.Hidden")
    gathered, sink, _ = gathered_from(
        tmp_path,
        ["groups"],
        told(with_group(*user_targets(3)), changed("groups")),
        since=since("groups", known=Known(groups=["g0", "g1"])),
        roles=roles,
    )
    assert gathered.changes.again == {}
    assert set(sink.values("groups")) == {"g0", "g1"}


def test_links_are_taken_before_anything_is_read(tmp_path: Path) -> None:
    """What changes while the full is read is then told by the next change query; the select says what it follows."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        with_group()(tenant)
        link = f"{tenant.origin}/v1.0/users/delta?$deltatoken=t"
        for name in ("users", "groups"):
            tenant.on(f"/{name}/delta?", lambda: web.json_response({"value": [], "@odata.deltaLink": link}))

    gathered, _, tenant = gathered_from(tmp_path, ["users", "groups"], prepare, roles=ROLES)
    assert set(gathered.changes.links) == {"users", "groups"}
    at = {
        name: next(n for n, url in enumerate(tenant.asked) if f"/{name}/delta?" in url) for name in ("users", "groups")
    }
    first = next(n for n, url in enumerate(tenant.asked) if url.startswith(("/v1.0/users?", "/v1.0/groups?")))
    assert max(at.values()) < first
    asked = tenant.asked[at["users"]]
    assert "displayName" in asked and asked.endswith("$deltatoken=latest") and ",manager&" in asked
    assert "customSecurityAttributes" not in asked
    assert ",members,owners&" in tenant.asked[at["groups"]]


def test_a_change_query_that_hangs_does_not_hold_up_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run can do without links, and must not wait half an hour for each of them first."""
    for module in ("link_taking", "recovery_watch"):
        monkeypatch.setattr(f"archiver.gathering.{module}.PREPARATION_SECONDS", 0.2)

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        hanging = ("/users/delta", "/directory/recovery/jobs", "/directoryAudits")
        tenant.faults.append(
            lambda request: tenant.silence(request) if any(part in request.path for part in hanging) else None
        )

    gathered, sink, _ = gathered_from(tmp_path, ["users"], prepare, roles=ROLES)
    assert gathered.changes.links == {} and gathered.gaps == ()
    assert gathered.changes.recovery == RecoveryTrace(None, None)
    assert len(sink.values("users")) == 3


def test_a_list_whose_change_query_gives_no_link_has_none(tmp_path: Path) -> None:
    """Azure AD B2C has no change queries (Microsoft Learn): nothing is missed, and the next run reads everything."""
    gathered, sink, _ = gathered_from(tmp_path, ["users"], with_users(3), roles=ROLES)
    assert gathered.changes.links == {} and gathered.gaps == ()
    assert len(sink.values("users")) == 3
