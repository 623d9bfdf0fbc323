"""What a row of the catalogue says: where a collection is read, in which shape, and what that needs and costs.

A member that is left out has the value of the usual collection: a list on v1.0 whose objects are read whole.
"""

from __future__ import annotations

from typing import Literal

import msgspec

EXPAND_LIMIT = 20
"""Related objects that `$expand` gives at most (Microsoft Learn, query parameters); as many may be more."""

FOREIGN_EXTENSIONS = "extensionsOfOtherTenants"
"""The part of a collection of directory extensions that is missing where Graph names those of this tenant's own
applications alone: some values of an object, or all of them and so the object."""

Version = Literal["v1.0", "beta"]
Bucket = Literal[
    "directory",
    "conditional-access",
    "reports",
    "cpim",
    "sign-in-activity",
    "key-credentials",
    "extensions",
    "intune",
    "other",
]
"""What Graph meters together (Microsoft Learn, throttling limits); `other` is what no page gives a limit for."""
How = Literal["expand", "per-object"]
Secret = Literal["bitlocker", "laps"]
Extensible = Literal["AdministrativeUnit", "Application", "Device", "Group", "Organization", "User"]
"""What directory extensions may be for, in the words of `targetObjects` (Microsoft Learn, extensionProperty)."""


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Application permissions: `least`, or one of `also` in its place; `besides` on top, for a part of it."""

    least: str
    also: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


class Relation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation of a row's objects.

    `how` is `expand` (one pass over the collection, and a read per object where the limit is reached) or
    `per-object`. `carries` names what a target keeps besides `@odata.type` and `id`. `resource_units` is the
    price of one read, `expand_resource_units` that of a page of the pass. `off` says why it is read only when
    it is named.
    """

    name: str
    path: str
    permission: Permission
    kind: Literal["collection", "reference"] = "collection"
    version: Version = "v1.0"
    how: How = "per-object"
    select: tuple[str, ...] = ("id",)
    carries: tuple[str, ...] = ()
    top: int | None = None
    resource_units: int = 1
    expand_resource_units: int | None = None
    off: str | None = None


class Stream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes that belong to a row's objects, such as a photo; `off` as for a relation.

    `shows_in` names a property of the object that changes with the bytes, so that a change query names the object.
    """

    name: str
    path: str
    permission: Permission
    version: Version = "v1.0"
    resource_units: int = 1
    shows_in: str | None = None
    off: str | None = None


class GuardedProperty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A property that has a permission of its own: it is selected where that is held, and else a gap."""

    property: str
    permission: str


class Events(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a log says of its events: the property that dates them, and the days that Graph keeps them at most."""

    time: str
    keeps_days: int


class Delta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Graph's change query of a list; `tracks` names the relations whose changes it tells."""

    path: str
    tracks: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A collection.

    `kind` is `list`, `singleton` (one object), `contained` (objects of each object of `parent`) or `events` (a log,
    which is no part of a snapshot; `events` says how it is read on). An empty
    `select` asks for the default set, which then is the full one; `guarded` properties are asked for besides it.
    `extensions_of`: besides its key, the row selects every directory extension that Graph names for such objects, and
    an object without a value of any is left out. Unset and not None where it is not so, so that a row without it is
    written, and digested, as one that has no such member.
    `filter` and `embed` are the `$filter` and `$expand` that every read has; what is embedded stays in the record.

    A path holds `{id}` for the object that contains, and `{COLLECTION}` for one further up.

    `single`: each parent contains one object at most, whose id is the collection's name. `singly`: a list gives
    the ids alone, and each object is read by itself. `may_be_absent`: 404 means that there is none, not that
    something is wrong. `secret` and `off` say why a row is read only when it is asked for: by `export.secrets`,
    or by its name.
    """

    collection: str
    path: str
    entity: str
    permission: Permission
    priority: Literal["must", "should"]
    kind: Literal["list", "singleton", "contained", "events"] = "list"
    version: Version = "v1.0"
    key: str = "id"
    select: tuple[str, ...] = ()
    guarded: tuple[GuardedProperty, ...] = ()
    extensions_of: Extensible | msgspec.UnsetType = msgspec.UNSET
    filter: str | None = None
    embed: tuple[str, ...] = ()
    top: int | None = None
    count: bool = False
    bucket: Bucket = "directory"
    resource_units: int = 1
    relations: tuple[Relation, ...] = ()
    streams: tuple[Stream, ...] = ()
    parent: str | None = None
    how: How | None = None
    expand: str | None = None
    expand_resource_units: int | None = None
    single: bool = False
    singly: bool = False
    may_be_absent: bool = False
    secret: Secret | None = None
    off: str | None = None
    delta: Delta | None = None
    events: Events | None = None

    def told_parts(self) -> tuple[str, ...]:
        """The relations and streams whose changes the row's change query tells."""
        shown = [stream.name for stream in self.streams if stream.shows_in is not None]
        return (*self.delta.tracks, *shown) if self.delta is not None else ()
