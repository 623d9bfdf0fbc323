"""The simulated tenant without its network: the same objects, pages and bytes that the server sends."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from recovery.rehearsal.altering.alteration import Alteration
from recovery.rehearsal.graph.address import address_of
from recovery.rehearsal.graph.envelope import Answer
from recovery.rehearsal.graph.query import CLEAR, query_of
from recovery.rehearsal.graph.question import Caller, Question
from recovery.rehearsal.graph.reader import Reader
from recovery.rehearsal.population.applications import ARCHIVER
from recovery.rehearsal.population.blueprint import NO_MORE, AtLeast
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.population.population import Population

DEFAULT_USERS = 200
DEFAULT_SEED = 1


class SimulatedTenant:
    """One seeded, deterministic Entra tenant.

    The same arguments give the same bytes on every machine. `granted` are the application roles that the archiving
    application holds; they stand in the tenant as assignments too.
    """

    def __init__(
        self,
        users: int = DEFAULT_USERS,
        seed: int = DEFAULT_SEED,
        granted: tuple[str, ...] = READ_ROLES,
        at_least: AtLeast = NO_MORE,
    ) -> None:
        self.population = Population(users, seed, granted, at_least)
        self.reader = Reader(self.population)
        self.alteration = Alteration(self.population)

    @property
    def days(self) -> int:
        """The number of the tenant's present day; the first is 0."""
        return self.population.clock.day

    def let_pass(self, seconds: int) -> None:
        """Lets time pass without anything happening but that logs and change tracking forget what is too old."""
        self.population.clock.move_on(seconds)
        self.population.journal.forget()
        self.population.activities.forget()

    @property
    def id(self) -> str:
        """The tenant id, a GUID."""
        return self.population.plan.tenant_id

    @property
    def client_id(self) -> str:
        """The appId of the application that reads the tenant."""
        return self.population.plan.client_id

    def directory_roles(self) -> tuple[str, ...]:
        """Template ids of the directory roles that the archiving application's service principal has for all of the
        tenant, sorted.
        """
        own = self.population.plan.id_of("servicePrincipals", ARCHIVER)
        assignments = self.population.collections["roleAssignments"]
        values = [assignments.value(id) for id in assignments]
        return tuple(
            sorted({v["roleDefinitionId"] for v in values if v["principalId"] == own and v["directoryScopeId"] == "/"})
        )

    def pages(
        self,
        path: str,
        *,
        version: str = "v1.0",
        select: tuple[str, ...] | None = None,
        top: int | None = 999,
        expand: str | None = None,
        filter: str | None = None,
        origin: str = "https://localhost",
    ) -> Iterator[bytes]:
        """Page by page the bytes that HTTP would send for `path` (`users`, `groups/ID/members`), links followed.

        Raises: Refusal where the service would refuse.
        """
        options = {"$top": top, "$select": ",".join(select) if select else None, "$expand": expand, "$filter": filter}
        text = "&".join(f"{name}={quote(str(v), safe=CLEAR)}" for name, v in options.items() if v is not None)
        while True:
            answer = self.get(path, text, version=version, origin=origin)
            yield answer.body
            if answer.next_link is None:
                return
            text = answer.next_link.partition("?")[2]

    def get(self, path: str, query: str = "", *, version: str = "v1.0", origin: str = "https://localhost") -> Answer:
        """The answer to one GET with every permission. Raises: Refusal where the service would refuse."""
        return self.reader.answer(Question(address_of(version, path), query_of(query), Caller(origin, None, True)))
