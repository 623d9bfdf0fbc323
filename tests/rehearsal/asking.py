"""Questions about everything that is served, in the shapes of the archive's catalogue and of the table of paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from archiver.gathering.address import filter_at, path_at
from archiver.gathering.reading import query_of as options_of
from archiver.graph.catalogue import load_catalogue
from archiver.graph.row import Row as CatalogueRow
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.query import query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.row import Row
from recovery.rehearsal.graph.surface import CONTAINED, ROW_BY_COLLECTION, ROWS
from recovery.rehearsal.population.population import Population

BY_NAME = (
    "users.photo",
    "groups.photo",
    "authenticationMethods",
    "authenticationRequirements",
    "signInActivities",
    "usersOnBeta",
    "groupsOnBeta",
    "devicesOnBeta",
    "applicationsOnBeta",
    "servicePrincipalsOnBeta",
    "applicationDetails",
    "groupMailSettings",
    "conditionalAccessPoliciesOnBeta",
    "namedLocationsOnBeta",
    "authenticationMethodsPolicyOnBeta",
    "authorizationPolicyOnBeta",
    "userSettings",
    "userExtensions",
    "groupExtensions",
    "deviceExtensions",
    "groupSettingsOfGroups",
    "permissionGrants",
)
"""What is served although `all` does not mean it."""

SERVED = load_catalogue().chosen(["all", *BY_NAME], ["laps", "bitlocker"])
"""The catalogue's rows, with relations and streams, that the simulated tenant serves."""

ABSENT = frozenset(("deletedNamedLocations", "joinRequest", "directoryAudits"))
"""Rows of which no tenant has an object on its first day."""

_OF_RELATIONS = {
    "federatedIdentityCredentials": "federatedIdentityCredentials",
    "appRoleAssignments": "appRoleAssignedTo",
}
"""Contained rows that the simulated tenant keeps as links."""


def addresses_of(population: Population, row: CatalogueRow) -> list[str]:
    """The addresses, as the archiver writes them, of the objects that contain a row's; `[""]` where none do."""
    if row.parent is None:
        return [""]
    relation = _OF_RELATIONS.get(row.collection)
    if relation is not None:
        return [id for id in population.collections[row.parent] if population.links.of(row.parent, relation, id)]
    if row.collection not in population.contents:
        return list(population.collections[row.parent])
    return [
        "\t".join(above) for above in aboves_of(population, row.parent) if population.collection(row.collection, above)
    ]


def aboves_of(population: Population, collection: str) -> Iterator[tuple[str, ...]]:
    """Ids of every object of a collection, after those of the objects that contain it."""
    contents = population.contents.get(collection)
    for above in [()] if contents is None else aboves_of(population, contents.parent):
        yield from ((*above, id) for id in population.collection(collection, above))


def target_of(row: CatalogueRow, address: str) -> tuple[str, str]:
    """Path and query that read a row, or what of it the object at `address` contains, in the catalogue's shape."""
    options = options_of(
        select=",".join(sorted((*row.select, *(guarded.property for guarded in row.guarded)))),
        filter=filter_at(row.filter, address) if row.filter and address else row.filter,
        expand=",".join(row.embed),
        top=row.top,
    )
    lineage = [parent.collection for parent in load_catalogue().lineage_of(row)]
    path = path_at(row.path, lineage, address) if address else row.path
    return path.lstrip("/"), unquote(options.lstrip("?"))


def answered(
    tenant: SimulatedTenant, version: str, target: tuple[str, str], roles: Iterable[str] | None = None
) -> dict[str, Any]:
    """The decoded answer to a GET; `roles` None is everybody's."""
    caller = Caller("https://localhost", None if roles is None else frozenset(roles), True)
    question = Question(address_of(version, target[0]), query_of(target[1].replace("+", "%2B")), caller)
    body: dict[str, Any] = msgspec.json.decode(tenant.reader.answer(question).body)
    return body


def objects_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of an answer, be it a list or one."""
    values = body.get("value")
    return values if isinstance(values, list) else [body]


def everything(tenant: SimulatedTenant) -> Iterator[tuple[Row, bytes]]:
    """Every page of every collection and of what its objects contain, as far as there are objects."""
    population = tenant.population
    for row in ROWS:
        if len(population.collections[row.collection]):
            for body in _pages(tenant, row, row.paths[0], _filter_of(population, row)):
                yield row, body
    for row in CONTAINED:
        for above in aboves_of(population, str(row.parent)):
            if len(population.collection(row.collection, above)):
                for body in _pages(tenant, row, _filled(row.paths[0], above), None):
                    yield row, body


def _pages(tenant: SimulatedTenant, row: Row, path: str, filter: str | None) -> Iterator[bytes]:
    version = "beta" if row.beta_only else "v1.0"
    if row.singleton:
        yield tenant.get(path, version=version).body
    else:
        expand = ",".join(row.embeds) or None
        yield from tenant.pages(path, version=version, top=None, filter=filter, expand=expand)


def _filter_of(population: Population, row: Row) -> str | None:
    held = population.collections[row.collection]
    first = held.value(next(iter(held)))
    return " and ".join(f"{name} eq '{first[name]}'" for name in row.filtered) or None


def _filled(path: str, above: tuple[str, ...]) -> str:
    ids = iter(above)
    return "/".join(next(ids) if part.startswith("{") else part for part in path.split("/"))


def permissions_of_row(row: CatalogueRow) -> frozenset[str]:
    """What opens the path of a catalogue's row in the simulated tenant."""
    served = ROW_BY_COLLECTION.get(row.collection)
    if served is not None:
        return served.permissions
    address = address_of(row.version, row.path.lstrip("/"))
    return address.relation.permissions if address.relation is not None else address.row.permissions
