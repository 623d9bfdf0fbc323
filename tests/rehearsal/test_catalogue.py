"""Everything that the archive's catalogue reads is served, with the permissions that the catalogue names."""

from __future__ import annotations

import msgspec
import pytest

from archiver.graph.catalogue import Relation, Row, load_catalogue
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.throttle import units_of
from recovery.rehearsal.population.permissions import READ_ROLES

ROWS = load_catalogue().collections
RELATIONS = [(row, relation) for row in ROWS for relation in row.relations]
CALLER = Caller("https://localhost", frozenset(READ_ROLES), True)


@pytest.fixture(scope="module")
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=120)


def asked(tenant: SimulatedTenant, version: str, path: str, options: list[str]) -> dict[str, object]:
    """The decoded answer to a GET with the archiver's usual permissions."""
    question = Question(address_of(version, path.lstrip("/")), query_of("&".join(options)), CALLER)
    body: dict[str, object] = msgspec.json.decode(tenant.reader.answer(question).body)
    return body


def options_of(select: tuple[str, ...], top: int | None) -> list[str]:
    return [f"$select={','.join(select)}"] * bool(select) + [f"$top={top}"] * (top is not None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.collection)
def test_a_row_is_served_as_the_catalogue_asks(tenant: SimulatedTenant, row: Row) -> None:
    """Path, version, `$select` and page size of every row, against a tenant that has such objects."""
    path = row.path
    if row.parent is not None:
        parents = tenant.population.collections[row.parent]
        links = tenant.population.links
        path = path.replace("{id}", next(p for p in parents if links.of(row.parent, path.rsplit("/", 1)[1], p)))
    body = asked(tenant, row.version, path, options_of(row.select, row.top))
    if row.kind == "singleton":
        assert "value" not in body and "id" in body
    elif row.collection != "deletedNamedLocations":
        values = body["value"]
        assert isinstance(values, list) and values and all(row.key in value for value in values)


@pytest.mark.parametrize(("row", "relation"), RELATIONS, ids=lambda one: getattr(one, "collection", None) or one.name)
def test_a_relation_is_served_as_the_catalogue_asks(tenant: SimulatedTenant, row: Row, relation: Relation) -> None:
    """By itself and, where the catalogue expands it, in the pass over its collection."""
    links = tenant.population.links
    source = next(
        id for id in tenant.population.collections[row.collection] if links.of(row.collection, relation.name, id)
    )
    body = asked(
        tenant, relation.version, relation.path.replace("{id}", source), options_of(relation.select, relation.top)
    )
    assert relation.kind == "reference" or body["value"]
    if relation.how == "expand":
        inner = f"($select={','.join(relation.select)})" if relation.select else ""
        page = asked(
            tenant,
            relation.version,
            row.path,
            [f"$select={row.key}", f"$expand={relation.name}{inner}", f"$top={row.top}"],
        )
        values = page["value"]
        assert isinstance(values, list) and any(relation.name in value for value in values)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.collection)
def test_the_least_permission_of_a_row_opens_it(tenant: SimulatedTenant, row: Row) -> None:
    """What the catalogue tells the operator to grant must be enough."""
    path = row.path.replace("{id}", next(iter(tenant.population.collections[row.parent]))) if row.parent else row.path
    besides = {"Member.Read.Hidden", *row.permission.besides}
    caller = CALLER._replace(roles=frozenset({row.permission.least, *besides}))
    question = Question(
        address_of(row.version, path.lstrip("/")), query_of("&".join(options_of(row.select, row.top))), caller
    )
    assert tenant.reader.answer(question).records >= 0


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.kind == "list" and r.bucket == "directory"], ids=lambda row: row.collection
)
def test_a_page_costs_what_the_catalogue_expects(row: Row) -> None:
    """The archiver paces itself by the catalogue's costs: too low a number would run into 429, too high be slow."""
    address = address_of(row.version, row.path.lstrip("/"))
    plain = units_of(address, query_of("$top=999"))
    assert row.resource_units in (plain, units_of(address, query_of("$select=id&$top=999")))
