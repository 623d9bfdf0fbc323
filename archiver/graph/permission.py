"""Which permissions the chosen rows need, and what it costs not to hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archiver.graph.row import Permission, Row


class MissingPermission(NamedTuple):
    """A permission that is not granted, and what its absence costs: collections, or `collection.name` of a part."""

    permission: str
    costs: tuple[str, ...]


def permissions_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Gives the least application permissions that reading these rows needs, sorted."""
    return tuple(sorted({name for _, need in needs_of(rows) for name in (need.least, *need.besides)}))


def missing_of(rows: Iterable[Row], roles: frozenset[str]) -> tuple[MissingPermission, ...]:
    """Gives what `roles` lacks for reading these rows, sorted by permission."""
    costs: dict[str, list[str]] = {}
    for what, need in needs_of(rows):
        if roles.isdisjoint((need.least, *need.also)):
            costs.setdefault(need.least, []).append(what)
        for name in need.besides:
            if name not in roles:
                costs.setdefault(name, []).append(f"{what} (a part of it)")
    return tuple(MissingPermission(name, tuple(costs[name])) for name in sorted(costs))


def write_roles_of(roles: Iterable[str]) -> tuple[str, ...]:
    """Gives the roles that do more than read: those without a segment `Read` or `ReadBasic`, sorted."""
    return tuple(sorted(role for role in roles if not {"Read", "ReadBasic"} & set(role.split("."))))


def needs_of(rows: Iterable[Row]) -> list[tuple[str, Permission]]:
    """Gives what is read, a collection or `collection.name` of a part of it, with the permission it needs."""
    needs = []
    for row in rows:
        needs.append((row.collection, row.permission))
        needs += [(f"{row.collection}.{relation.name}", relation.permission) for relation in row.relations]
        needs += [(f"{row.collection}.{stream.name}", stream.permission) for stream in row.streams]
        needs += [(f"{row.collection}.{one.property}", Permission(one.permission)) for one in row.guarded]
    return needs
