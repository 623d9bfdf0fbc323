"""A GET request, understood: what is asked, how, and by whom."""

from __future__ import annotations

from typing import NamedTuple

from recovery.rehearsal.graph.address import Address
from recovery.rehearsal.graph.projection import Roles
from recovery.rehearsal.graph.query import Query
from recovery.rehearsal.graph.refusal import denied


class Caller(NamedTuple):
    """`origin` is the scheme and host that links repeat; `eventual` says ConsistencyLevel: eventual."""

    origin: str = "https://localhost"
    roles: Roles = None
    eventual: bool = False

    def require(self, permissions: frozenset[str]) -> None:
        """Raises: Refusal 403 when the caller holds none of `permissions`."""
        if self.roles is not None and self.roles.isdisjoint(permissions):
            raise denied()


class Question(NamedTuple):
    address: Address
    query: Query
    caller: Caller

    @property
    def identity(self) -> str:
        """What a skip token is bound to."""
        return f"{self.address.version}/{self.address.path}?{self.query.text}"
