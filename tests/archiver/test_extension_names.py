"""Directory extensions: their names are asked for, and only what is one goes into a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from archiver.gathering import extension_names
from archiver.gathering.gathered import Gathered
from archiver.gathering.since import shape_digest_of
from archiver.graph.catalogue import load_catalogue
from tests.archiver.change_kit import ROLES, Known, changed, since, told
from tests.archiver.gather_kit import error_answer, gathered_from, reasons_of
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import SmallTenant

ACTION = "/directoryObjects/getAvailableExtensionProperties"
USERS = "userDirectoryExtensions"
GROUPS = "groupDirectoryExtensions"
EVERY = [row.collection for row in load_catalogue().collections if row.extensions_of is not msgspec.UNSET]
BADGE = "extension_0123456789abcdef0123456789abcdef_badge"
COST = "extension_fedcba9876543210fedcba9876543210_cost_Centre1"
FOREIGN_GAP = (USERS, "extensionsOfOtherTenants", None, "server-error")


def definition(name: str, *targets: str) -> dict[str, Any]:
    """A definition as the action gives it."""
    return {"id": f"d-{name}", "name": name, "targetObjects": list(targets), "isSyncedFromOnPremises": False}


def with_names(tenant: SmallTenant, *definitions: dict[str, Any]) -> None:
    """Fills a tenant with users, some of whom have values, and with these definitions."""
    tenant.lists[ACTION] = list(definitions)
    tenant.lists["/users"] = [
        {"id": "u0", "displayName": "Zero"},
        {"id": "u1", "displayName": "One", BADGE: "17"},
        {"id": "u2", "displayName": "Two", BADGE: None, COST: None},
        {"id": "u3", "displayName": "Three", COST: ["1", "2"]},
    ]
    tenant.lists["/groups"] = [{"id": "g0", BADGE: "of a group"}]


def read(folder: Path, collections: list[str], *definitions: Any) -> tuple[Gathered, MemorySink, SmallTenant]:
    """Reads collections of a tenant with these definitions."""
    return gathered_from(folder, collections, lambda tenant: with_names(tenant, *definitions))


def asked_of(tenant: SmallTenant, path: str) -> list[str]:
    """The questions that begin with a path of v1.0."""
    return [url for url in tenant.asked if url.startswith(f"/v1.0{path}")]


def test_values_are_read_by_their_names_which_are_asked_for_once(tmp_path: Path) -> None:
    """v1.0 gives none without its name, and each tenant has other names; who has no value is no record."""
    names = [definition(COST, "User"), definition(BADGE, "User", "Device"), definition(BADGE, "User")]
    gathered, sink, tenant = read(tmp_path, [USERS, GROUPS, "users"], *names)
    assert sink.values(USERS) == {"u1": {"id": "u1", BADGE: "17"}, "u3": {"id": "u3", COST: ["1", "2"]}}
    assert gathered.gaps == () and gathered.counts[USERS] == 2
    assert set(gathered.complete) == {USERS, GROUPS, "users"}
    assert len(asked_of(tenant, ACTION)) == 1
    assert f"/v1.0/users?$select=id,{BADGE},{COST}&$top=999" in tenant.asked


def test_a_collection_without_names_is_complete_and_costs_no_request(tmp_path: Path) -> None:
    """Most tenants define extensions for users and for nothing else."""
    gathered, _, tenant = read(tmp_path, EVERY, definition(BADGE, "User"))
    assert set(gathered.complete) == set(EVERY) and gathered.gaps == ()
    assert gathered.counts == dict.fromkeys(EVERY, 0) | {USERS: 1}
    assert [url.partition("?")[0] for url in tenant.asked] == ["/v1.0/organization", f"/v1.0{ACTION}", "/v1.0/users"]


def test_names_are_not_asked_for_where_no_row_needs_them(tmp_path: Path) -> None:
    """Who leaves these collections out pays nothing for them."""
    _, _, tenant = read(tmp_path, ["users"], definition(BADGE, "User"))
    assert asked_of(tenant, ACTION) == []


def test_more_pages_of_names_are_followed(tmp_path: Path) -> None:
    """Graph may split any collection; a name that is left out loses its values."""
    names = [definition(f"extension_{number:032x}_x", "User") for number in range(120)]
    _, sink, tenant = read(tmp_path, [USERS], *names, definition(BADGE, "User"))
    assert len(asked_of(tenant, ACTION)) == 2 and len(asked_of(tenant, "/users")) == 1
    assert set(sink.values(USERS)) == {"u1"}


def test_names_that_can_not_be_had_are_gaps_with_graphs_reason(tmp_path: Path) -> None:
    """Nothing is said to be complete, and no list is read for its ids."""

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant, definition(BADGE, "User"))
        tenant.on(ACTION, error_answer(403, "Authorization_RequestDenied"))

    gathered, sink, tenant = gathered_from(tmp_path, EVERY, prepare)
    assert reasons_of(gathered) == [(name, None, None, "forbidden") for name in sorted(EVERY)]
    assert "Authorization_RequestDenied" in gathered.gaps[0].detail
    assert gathered.complete == () and sink.lines() == [] and asked_of(tenant, "/users") == []


def test_a_reading_by_changes_has_the_same_gaps(tmp_path: Path) -> None:
    """These rows have no change query: they are read whole in a pulse, or are a gap in it."""

    def prepare(tenant: SmallTenant) -> None:
        told(changed("users"))(tenant)
        with_names(tenant, definition(BADGE, "User"))
        tenant.on(ACTION, error_answer(403))

    known = Known(users=["u0", "u1", "u2", "u3"])
    gathered, _, _ = gathered_from(tmp_path, ["users", USERS], prepare, since=since("users", known=known), roles=ROLES)
    assert "users" in gathered.changes.again
    assert reasons_of(gathered) == [(USERS, None, None, "forbidden")]


@pytest.mark.parametrize(
    "name",
    [
        "displayName",
        "extension_badge",
        f"{BADGE}&$filter=x",
        f"{BADGE},signInActivity",
        f"{BADGE}/../../me",
        f"{BADGE}\n",
        "extension_0123456789ABCDEF0123456789abcdef_badge",
        f"extension_{0:032x}_" + "x" * 257,
        "",
    ],
    ids=range(9),
)
def test_a_name_that_is_none_is_a_gap_and_is_never_asked_for(tmp_path: Path, name: str) -> None:
    """Whoever answers in Graph's name must not write the archiver's questions; other names are read all the same."""
    gathered, sink, tenant = read(tmp_path, [USERS, GROUPS], definition(name, "User"), definition(COST, "User"))
    assert reasons_of(gathered) == [(USERS, None, None, "malformed-page")]
    assert asked_of(tenant, "/users") == [f"/v1.0/users?$select=id,{COST}&$top=999"]
    assert set(sink.values(USERS)) == {"u3"} and gathered.complete == (GROUPS,)


@pytest.mark.parametrize("wrong", [{"name": 5}, {"targetObjects": "User"}, {"targetObjects": None}, {"name": None}])
def test_what_defines_nothing_is_a_gap(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """An answer that is not understood says nothing about what there is."""
    gathered, _, tenant = read(tmp_path, [USERS, GROUPS], definition(COST, "User"), definition(BADGE, "User") | wrong)
    assert reasons_of(gathered) == [(name, None, None, "malformed-page") for name in (GROUPS, USERS)]
    assert asked_of(tenant, "/users") == []


def test_a_list_that_graph_refuses_by_its_names_is_a_gap(tmp_path: Path) -> None:
    """A definition may go while the tenant is read."""

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant, definition(BADGE, "User"))
        tenant.on("/users?", error_answer(400, "BadRequest"))

    gathered, _, _ = gathered_from(tmp_path, [USERS], prepare)
    assert reasons_of(gathered) == [(USERS, None, None, "server-error")]


def test_no_names_are_believed_where_there_are_few_service_principals(tmp_path: Path) -> None:
    """Then nothing is defined, and nothing else is asked."""

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant)
        tenant.lists["/servicePrincipals"] = [{"id": f"p{number}"} for number in range(1000)]

    gathered, _, tenant = gathered_from(tmp_path, EVERY, prepare)
    assert set(gathered.complete) == set(EVERY) and gathered.gaps == ()
    assert asked_of(tenant, "/applications") == []


def test_no_names_are_not_believed_where_there_are_many_service_principals(tmp_path: Path) -> None:
    """The action then answers with none, whatever there is: the tenant's own are read, and what is missing is a gap."""
    many = [definition(f"extension_{number:032x}_x", "Group") for number in range(25)]

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant)
        tenant.lists["/servicePrincipals"] = [{"id": f"p{number}"} for number in range(1001)]
        tenant.lists["/applications"] = [{"id": "a0"}, {"id": "a1"}, {"id": "a2"}]
        tenant.related["/applications/a0/extensionProperties"] = [definition(BADGE, "User")]
        tenant.related["/applications/a2/extensionProperties"] = [*many, definition(BADGE, "Group")]

    gathered, sink, tenant = gathered_from(tmp_path, [USERS, GROUPS], prepare)
    assert set(sink.values(USERS)) == {"u1"} and set(sink.values(GROUPS)) == {"g0"}
    assert reasons_of(gathered) == [(GROUPS, *FOREIGN_GAP[1:]), FOREIGN_GAP]
    assert "more than 1000 service principals" in gathered.gaps[0].detail
    assert len(asked_of(tenant, "/applications/")) == 1


def test_where_nobody_can_count_service_principals_no_names_are_a_gap(tmp_path: Path) -> None:
    """Whether the answer is to be believed is then unknown."""

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant)
        tenant.on("/servicePrincipals/$count", error_answer(403))

    gathered, _, _ = gathered_from(tmp_path, [USERS], prepare)
    assert reasons_of(gathered) == [(USERS, None, None, "forbidden")]


def test_a_truncated_answer_is_asked_for_again(tmp_path: Path) -> None:
    """As any other."""

    def prepare(tenant: SmallTenant) -> None:
        with_names(tenant, definition(BADGE, "User"))
        tenant.on(ACTION, lambda: web.Response(text='{"value": [', content_type="application/json"), times=1)

    gathered, sink, _ = gathered_from(tmp_path, [USERS], prepare)
    assert gathered.gaps == () and set(sink.values(USERS)) == {"u1"}


def test_other_rows_keep_their_shape() -> None:
    """A member that they do not have must not change the digest that their links are bound to."""
    rows = [row for row in load_catalogue().collections if row.collection not in EVERY]
    assert not any(b"extensions_of" in msgspec.json.encode(row) for row in rows)
    assert len({shape_digest_of(row) for row in rows}) == len(rows)


def long_names(number: int) -> list[dict[str, Any]]:
    """Definitions whose names have 243 characters each."""
    return [definition(f"extension_{'f' * 32}_{n:0200}", "User") for n in range(number)]


def test_more_names_than_a_url_takes_are_a_gap_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The values of all would be lost with one question that can't be asked."""
    monkeypatch.setattr(extension_names, "_MOST_IN_URL", 10 * 244)
    gathered, sink, tenant = read(tmp_path, [USERS], *long_names(10), definition(BADGE, "User"))
    assert reasons_of(gathered) == [(USERS, None, None, "server-error")]
    assert "11 directory extensions are longer than a URL: the values of the first 10" in gathered.gaps[0].detail
    assert sink.values(USERS) == {"u1": {"id": "u1", BADGE: "17"}}
    assert [url.count("extension_") for url in asked_of(tenant, "/users?")] == [10]


def test_names_of_100_kb_are_no_sign_of_another_host(tmp_path: Path) -> None:
    """Nobody answers in Graph's name: the question was too long. The server of this test takes 8 kB."""
    gathered, _, _ = read(tmp_path, [USERS], *long_names(400))
    assert {gap.reason for gap in gathered.gaps} == {"server-error"}
    assert any("400 directory extensions are longer than a URL" in gap.detail for gap in gathered.gaps)
