"""Who alters the tenant, as the audit log names it."""

from __future__ import annotations

from typing import Any, NamedTuple

from recovery.rehearsal.population.population import Population

Value = dict[str, Any]

ADMINISTRATOR = 2
"""Number of the administrator whose session an attack script uses; the first two are the break-glass accounts."""

DESK_ADDRESS = "192.0.2.17"
"""From where administrators work (RFC 5737, a range for documentation)."""


class Actor(NamedTuple):
    """An audit's `initiatedBy`: a user or an application, the other one is None."""

    user: Value | None
    app: Value | None

    def as_json(self) -> Value:
        """A new mapping."""
        return dict(self._asdict())


def application(name: str) -> Actor:
    """One of Microsoft's services, or the company's own synchronization."""
    return Actor(None, {"appId": None, "displayName": name, "servicePrincipalId": None, "servicePrincipalName": None})


SYNCHRONIZATION = application("Microsoft Azure AD Internal - Jit Provisioning")
RECOVERY_SERVICE = application("Microsoft Entra Backup and Recovery")


def user_of(population: Population, id: str) -> Actor:
    """A user of the tenant; whoever is not one is named by the id alone."""
    users = population.collections["users"]
    name = users.value(id)["userPrincipalName"] if id in users else None
    return Actor({"id": id, "displayName": None, "userPrincipalName": name, "ipAddress": DESK_ADDRESS}, None)


def administrator_of(population: Population) -> Actor:
    """The administrator whose session attack scripts use."""
    return user_of(population, population.plan.id_of("users", min(ADMINISTRATOR, population.plan.users - 1)))
