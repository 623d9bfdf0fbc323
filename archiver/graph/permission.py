"""Which permissions the chosen rows need, and what it costs not to hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archiver.graph.row import Permission, Row
from archiver.graph.token_claims import TokenClaims

READING_DIRECTORY_ROLES = frozenset(
    {
        "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",  # Directory Readers
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",  # Global Reader
        "5d6b6bb7-de71-4623-b4af-96380a352509",  # Security Reader
        "4a5d8f65-41da-4de4-8968-e035b65339cf",  # Reports Reader
        "ffd52fa5-98dc-465c-991d-fc073eb59f8f",  # Attribute Assignment Reader
        "1d336d2c-4ae8-42ef-9711-b3604ce3fc2c",  # Attribute Definition Reader
        "f42252d9-5400-4d7b-b9ef-cc582dbb8577",  # Entra Backup Reader
        "0997a1d0-0d1d-4acb-b408-d5ca73121e90",  # in the token of every application: no role
    }
)
"""Template ids of directory roles that only read (Microsoft Learn, built-in roles); every other counts as writing."""


RECOVERY_AUDITS = "AuditLog.Read.All"
RECOVERY_JOBS = "EntraBackup.Read.All"
"""Either shows whether Microsoft's own recovery was used, without which no run reads by what changed; the second only
for the few days that Microsoft keeps its jobs (`archiver.gathering.recovery_watch`)."""


class MissingPermission(NamedTuple):
    """A permission that is not granted, and what its absence costs: collections, or `collection.name` of a part.

    `slows` says what it costs where runs read by what changed, which is time and no record; "" where nothing.
    """

    permission: str
    costs: tuple[str, ...]
    slows: str = ""


def permissions_of(rows: Iterable[Row], *, by_changes: bool = False) -> tuple[str, ...]:
    """Gives the least application permissions that reading these rows needs, sorted; `by_changes`: also in pulses."""
    needed = {name for _, need in needs_of(rows) for name in (need.least, *need.besides)}
    return tuple(sorted(needed | {RECOVERY_AUDITS} if by_changes else needed))


def missing_of(
    rows: Iterable[Row], roles: frozenset[str], *, by_changes: bool = False
) -> tuple[MissingPermission, ...]:
    """Gives what `roles` lacks for reading these rows, sorted by permission; `by_changes`: also in pulses.

    What is contained is lost too where the objects that contain it are.
    """
    chosen = tuple(rows)
    costs: dict[str, list[str]] = {}
    for what, need in (*needs_of(chosen), *_needs_above(chosen)):
        if roles.isdisjoint((need.least, *need.also)):
            costs.setdefault(need.least, []).append(what)
        for name in need.besides:
            if name not in roles:
                costs.setdefault(name, []).append(f"{what} (a part of it)")
    slows = {RECOVERY_AUDITS: _slowed_without_audits(roles)} if by_changes and RECOVERY_AUDITS not in roles else {}
    return tuple(
        MissingPermission(name, tuple(dict.fromkeys(costs.get(name, ()))), slows.get(name, ""))
        for name in sorted({*costs, *slows})
    )


def _needs_above(rows: Sequence[Row]) -> Iterator[tuple[str, Permission]]:
    """Each contained row with the permission of each row that contains its objects."""
    by_name = {row.collection: row for row in rows}
    for row in rows:
        above = row
        while above.parent is not None and above.parent in by_name:
            above = by_name[above.parent]
            yield row.collection, above.permission


def _slowed_without_audits(roles: frozenset[str]) -> str:
    if RECOVERY_JOBS in roles:
        return "pulses read everything once the epoch's full is some days old"
    return "pulses read everything, since nothing shows whether Microsoft's own recovery was used"


def write_roles_of(claims: TokenClaims) -> tuple[str, ...]:
    """Gives what a token holds that does more than read, sorted: permissions, and directory roles by template id."""
    permissions = {role for role in claims.roles if not {"Read", "ReadBasic"} & set(role.split("."))}
    directory_roles = {f"directory role {id_}" for id_ in claims.directory_roles - READING_DIRECTORY_ROLES}
    return tuple(sorted(permissions | directory_roles))


def needs_of(rows: Iterable[Row]) -> list[tuple[str, Permission]]:
    """Gives what is read, a collection or `collection.name` of a part of it, with the permission it needs."""
    needs = []
    for row in rows:
        needs.append((row.collection, row.permission))
        needs += [(f"{row.collection}.{relation.name}", relation.permission) for relation in row.relations]
        needs += [(f"{row.collection}.{stream.name}", stream.permission) for stream in row.streams]
        needs += [(f"{row.collection}.{one.property}", Permission(one.permission)) for one in row.guarded]
    return needs
