"""Everything that the archive's catalogue means by `all` is served, with the permissions that the catalogue names."""

from __future__ import annotations

import pytest

from archiver.graph.permission import permissions_of
from archiver.graph.row import Relation, Row, Stream
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.graph.throttle import units_of
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS, READ_ROLES
from tests.rehearsal.asking import (
    ABSENT,
    SERVED,
    addresses_of,
    answered,
    objects_in,
    permissions_of_row,
    target_of,
)

RELATIONS = [(row, relation) for row in SERVED for relation in row.relations]
STREAMS = [(row, stream) for row in SERVED for stream in row.streams]
EVERY_ROLE = frozenset(APPLICATION_PERMISSIONS)


def name_of(one: Row | Relation | Stream) -> str:
    """What a case is called by."""
    return one.collection if isinstance(one, Row) else one.name


@pytest.fixture(scope="module")
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=120)


def first_address(tenant: SimulatedTenant, row: Row) -> str:
    """An object that contains some of the row's; of PIM's filters, one that something matches."""
    if row.filter is None or row.singly:
        return addresses_of(tenant.population, row)[0]
    return next(
        address
        for address in addresses_of(tenant.population, row)
        if objects_in(answered(tenant, row.version, target_of(row, address)))
    )


@pytest.mark.parametrize("row", [row for row in SERVED if row.collection not in ABSENT], ids=lambda row: row.collection)
def test_a_row_is_served_as_the_catalogue_asks(tenant: SimulatedTenant, row: Row) -> None:
    """Path, version, `$select`, `$filter`, `$expand` and page size, against a tenant that has such objects."""
    path, options = target_of(row, first_address(tenant, row))
    if row.singly:
        listed = objects_in(answered(tenant, row.version, (path, f"$select={row.key}"), EVERY_ROLE))
        path = f"{path}/{listed[0][row.key]}"
    body = answered(tenant, row.version, (path, options), EVERY_ROLE)
    single = row.single or row.kind == "singleton" or row.singly
    assert ("value" not in body) if single else isinstance(body["value"], list)
    found = objects_in(body)
    assert found
    assert row.single or all(row.key in value for value in found)
    for name in (*row.select, *(expansion.partition("(")[0] for expansion in row.embed)):
        assert any(name in value for value in found), name


@pytest.mark.parametrize("row", [row for row in SERVED if row.collection in ABSENT], ids=lambda row: row.collection)
def test_a_row_without_an_object_is_empty_or_not_found(tenant: SimulatedTenant, row: Row) -> None:
    """An archiver meets both."""
    if row.kind in ("list", "events"):
        assert answered(tenant, row.version, target_of(row, ""))["value"] == []
    else:
        with pytest.raises(Refusal) as refused:
            answered(tenant, row.version, target_of(row, ""))
        assert refused.value.status == 404


@pytest.mark.parametrize(("row", "relation"), RELATIONS, ids=name_of)
def test_a_relation_is_served_as_the_catalogue_asks(tenant: SimulatedTenant, row: Row, relation: Relation) -> None:
    """By itself and, where the catalogue expands it, in the pass over its collection."""
    links = tenant.population.links
    source = next(
        id for id in tenant.population.collections[row.collection] if links.of(row.collection, relation.name, id)
    )
    select = [f"$select={','.join(relation.select)}"] * bool(relation.select)
    top = [f"$top={relation.top}"] * (relation.top is not None)
    path = relation.path.replace("{id}", source).lstrip("/")
    body = answered(tenant, relation.version, (path, "&".join(select + top)), EVERY_ROLE)
    assert relation.kind == "reference" or body["value"]
    with pytest.raises(Refusal) as refused:
        answered(tenant, relation.version, (path, "&".join(select + top)), {"Calendars.Read"})
    assert refused.value.status == 403
    if relation.how == "expand":
        inner = f"({select[0]})" if select else ""
        options = f"$select={row.key}&$expand={relation.name}{inner}&$top={row.top}"
        page = answered(tenant, relation.version, (row.path.lstrip("/"), options), EVERY_ROLE)
        assert any(relation.name in value for value in page["value"])


@pytest.mark.parametrize(("row", "stream"), STREAMS, ids=name_of)
def test_a_stream_is_served_to_some_and_not_found_for_others(tenant: SimulatedTenant, row: Row, stream: Stream) -> None:
    """Bytes with a type; most objects have none, and one permission opens it."""
    address = addresses_of(tenant.population, row)[0]
    listed = objects_in(answered(tenant, row.version, target_of(row, address)))
    path = stream.path.replace("{organization}", address).lstrip("/")
    questions = [
        Question(address_of(stream.version, path.replace("{id}", value["id"])), query_of(""), Caller(roles=EVERY_ROLE))
        for value in listed
    ]
    bodies = []
    for question in questions:
        try:
            answer = tenant.reader.answer(question)
        except Refusal as refused:
            assert (refused.status, refused.code) == (404, "ImageNotFound")
        else:
            assert answer.media_type == ("text/css" if stream.name == "customCSS" else "image/png")
            bodies.append(answer.body)
            least = question._replace(caller=Caller(roles=frozenset((stream.permission.least,))))
            assert tenant.reader.answer(least).body == answer.body
    assert stream.path.startswith("/organization") or 0 < len(bodies) < len(listed)
    assert all(body.startswith((b"\x89PNG", b".ext")) for body in bodies)
    with pytest.raises(Refusal) as denied:
        tenant.reader.answer(questions[0]._replace(caller=Caller(roles=frozenset(("Calendars.Read",)))))
    assert denied.value.status == 403


@pytest.mark.parametrize("row", [row for row in SERVED if row.collection not in ABSENT], ids=lambda row: row.collection)
def test_the_least_permission_of_a_row_opens_it(tenant: SimulatedTenant, row: Row) -> None:
    """What the catalogue tells the operator to grant must be enough."""
    guarded = {each.permission for each in row.guarded}
    roles = {row.permission.least, "Member.Read.Hidden", *row.permission.besides, *guarded}
    path, options = target_of(row, first_address(tenant, row))
    if row.singly:
        options = f"$select={row.key}"
    assert answered(tenant, row.version, (path, options), roles)


@pytest.mark.parametrize("row", SERVED, ids=lambda row: row.collection)
def test_a_row_is_refused_without_its_permission(tenant: SimulatedTenant, row: Row) -> None:
    """Every other permission together is not enough, so that one that was forgotten shows."""
    needed = {row.permission.least, *row.permission.also} | permissions_of_row(row)
    if row.permission.besides:  # the least one is for a property, and the path's own is granted
        needed = {row.permission.least, *row.permission.also}
    path, options = target_of(row, next(iter(addresses_of(tenant.population, row))))
    with pytest.raises(Refusal) as refused:
        answered(tenant, row.version, (path, f"$select={row.key}" if row.singly else options), EVERY_ROLE - needed)
    assert refused.value.status == 403


def test_the_usual_permissions_are_those_that_a_whole_tenant_needs() -> None:
    """The rehearsal's application holds what `init` tells the operator to grant, and not more."""
    by_name = {"authenticationMethods", "deviceLocalCredentials", "recoveryKeys"}
    assert set(READ_ROLES) == set(permissions_of(row for row in SERVED if row.collection not in by_name))


@pytest.mark.parametrize(
    "row",
    [row for row in SERVED if row.kind == "list" and row.bucket == "directory"],
    ids=lambda row: row.collection,
)
def test_a_page_costs_what_the_catalogue_expects(row: Row) -> None:
    """The archiver paces itself by the catalogue's costs: too low a number would run into 429, too high be slow."""
    address = address_of(row.version, row.path.lstrip("/"))
    plain = units_of(address, query_of("$top=999"))
    assert row.resource_units in (plain, units_of(address, query_of("$select=id&$top=999")))
