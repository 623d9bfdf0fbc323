"""`[export]`: what is read from the tenant, and how hard."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from config.place import problem
from config.section import Section, setting

MAX_COLLECTIONS = 1000  # ours: several times what Graph has
MAX_PARALLEL_REQUESTS = 128  # ours: more only fills Graph's throttle

CollectionName = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]{0,99}$")]
"""A collection's name, lower camel case."""
CollectionChoice = Annotated[str, StringConstraints(pattern=r"^-?[a-z][A-Za-z0-9]{0,99}(\.[a-z][A-Za-z0-9]{0,99})?$")]
"""A collection's name, "all", `COLLECTION.NAME` for a relation or stream of it, or one after "-" that is left out."""


Secret = Literal["bitlocker", "laps"]


def _without_duplicates(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise problem("value", "names a collection twice", "Name each collection once.")
    return names


def _chooses_something(names: tuple[str, ...]) -> tuple[str, ...]:
    if all(name.startswith("-") for name in names):
        raise problem(
            "value",
            "chooses no collection",
            'Begin with "all", or name collections; "-NAME" only leaves one out.',
        )
    return names


class ExportSettings(Section):
    """Which collections, which of them must not have gaps, and the share of the tenant's quota."""

    collections: Annotated[
        tuple[CollectionChoice, ...], AfterValidator(_without_duplicates), AfterValidator(_chooses_something)
    ] = setting(
        'Collections to read: "all", or names; "-NAME" leaves one out. COVERAGE.md lists them, and those that "all" '
        'does not mean. "users.photo" names a relation or stream that is read only when it is named.',
        unit="list of collection names",
        example=["all", "-subscribedSkus"],
        default=("all",),
        max_length=MAX_COLLECTIONS,
    )
    read: Literal["full", "delta"] = setting(
        "How a run reads the tenant. full: every object. delta: what Graph says has changed since the epoch's full, "
        "and everything that Graph has no change query for; each epoch still begins with a full.",
        unit="one word",
        example="full",
        default="full",
    )
    secrets: Annotated[tuple[Secret, ...], AfterValidator(_without_duplicates)] = setting(
        "Secrets that Graph can return and that are read only when asked for: BitLocker recovery keys, and the "
        "passwords of Windows LAPS. Reading them is audited in the tenant.",
        unit='list of "bitlocker" and "laps"',
        example=["bitlocker"],
        default=(),
    )
    require: Annotated[tuple[CollectionName, ...], AfterValidator(_without_duplicates)] | None = setting(
        'Collections in which a gap makes the run exit 3. When absent: every collection of priority "must" that the '
        "tenant is licensed for.",
        unit="list of collection names",
        example=["users", "groups"],
        default=None,
        max_length=MAX_COLLECTIONS,
    )
    max_drop: float = setting(
        "Share of its objects that a collection may lose before that is an alarm: against the last snapshot, the "
        "epoch's full and the snapshot of 30 days ago.",
        unit="share, 0 to 1",
        example=0.2,
        default=0.2,
        ge=0,
        le=1,
    )
    quota_share: float = setting(
        "Share of the tenant's Graph quota that a run may use; the rest is left to other applications.",
        unit="share, above 0 to 1",
        example=0.8,
        default=0.8,
        gt=0,
        le=1,
    )
    parallel_requests: int = setting(
        "Requests that are under way at once.",
        unit="requests",
        example=16,
        default=16,
        ge=1,
        le=MAX_PARALLEL_REQUESTS,
    )
    allow_write_roles: bool = setting(
        "Whether an application that holds write permissions may be used. The archiver needs none.",
        unit="true or false",
        example=False,
        default=False,
    )
