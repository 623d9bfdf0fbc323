"""The sizes and names that a seed and a number of users fix for a whole tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from recovery.rehearsal.population.entropy import guid_of

LARGEST_TENANT_USERS = 1_000_000
"""Users; a bound on what an operator may ask for, not a measured limit."""


@dataclass(frozen=True)
class Blueprint:
    """What every generator needs to know. Counts are of live objects on the tenant's first day."""

    seed: int
    users: int
    groups: int
    devices: int
    applications: int
    principals: int
    units: int
    deleted: int
    tenant_id: str
    client_id: str
    initial_domain: str
    domain: str
    _ids: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def id_of(self, collection: str, index: int) -> str:
        """The object id of number `index` of `collection`; any index, also beyond the first day's count."""
        known = self._ids.setdefault(collection, [])
        while len(known) <= index:
            known.append(guid_of(self.seed, collection, len(known)))
        return known[index]

    def ids_of(self, collection: str, start: int, stop: int) -> list[str]:
        """The object ids of numbers `start` to `stop` - 1."""
        if stop > start:
            self.id_of(collection, stop - 1)
        return self._ids.get(collection, [])[start:stop]


class AtLeast(NamedTuple):
    """Live objects of the first day, where a tenant is to have more of a kind than its users call for."""

    groups: int = 0
    principals: int = 0


NO_MORE = AtLeast()
"""What the users call for, and no more."""


def blueprint_of(users: int, seed: int, at_least: AtLeast = NO_MORE) -> Blueprint:
    """Proportions as in a mid-size company: 0.9 devices, 0.18 groups and 0.02 applications per user.

    Raises: ValueError when `users`, or what there is to be at least, is not within 1 and LARGEST_TENANT_USERS.
    """
    if not all(0 <= number <= LARGEST_TENANT_USERS for number in at_least):
        raise ValueError(f"there can be at most {LARGEST_TENANT_USERS} groups or service principals")
    if not 1 <= users <= LARGEST_TENANT_USERS:
        raise ValueError(f"users must be 1 to {LARGEST_TENANT_USERS}, not {users}")
    applications = max(8, users * 2 // 100)
    return Blueprint(
        seed=seed,
        users=users,
        groups=max(14 + users * 18 // 100, at_least.groups),
        devices=users * 9 // 10,
        applications=applications,
        principals=max(applications + 12 + max(6, users // 100), at_least.principals),
        units=max(3, min(200, users // 500)),
        deleted=max(2, users // 300),
        tenant_id=guid_of(seed, "tenant"),
        client_id=guid_of(seed, "client"),
        initial_domain="strongroomsim.onmicrosoft.com",
        domain="simulated.example",
    )
