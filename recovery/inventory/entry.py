"""One line of the inventory: a credential, of which object, until when, and whether it was escrowed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from recovery.inventory.credential import Credential
from recovery.inventory.escrowed_file import EscrowedFile
from recovery.kind_of_object import BINS
from verify.escrow_place import Place

POWERFUL: Final = "powerful"
VALID: Final = "valid"
ESCROWED: Final = "escrowed"
EXPIRED: Final = "expired"
DELETED: Final = "deleted"
NO_SECRET: Final = "no secret"
GROUPS: Final = (POWERFUL, VALID, ESCROWED, EXPIRED, DELETED, NO_SECRET)
"""In reading order: a secret that nobody has kept, of an application with power; any other such; one that is kept;
one that opens nothing any more; one of an object in the recycle bin, which comes back with it; and what is no secret
that an operator could enter.
"""
_DAY_SECONDS = 86_400


@dataclass
class Entry:
    """`powers` are the directory roles and writing permissions behind it; `name` is what the object is called."""

    collection: str
    id: str
    parent: tuple[str, ...]
    name: str | None
    credential: Credential
    at: datetime
    parent_name: str | None = None
    powers: list[str] = field(default_factory=list)
    escrowed: EscrowedFile | None = None

    @property
    def place(self) -> Place:
        """What `escrow add --for` takes for it: that of the living object for one in the recycle bin."""
        return Place(BINS.get(self.collection, self.collection), self.id, self.credential.key_id)

    @property
    def days_left(self) -> int | None:
        """Whole days until it expires, negative after that; None without a date."""
        expires_at = self.credential.expires_at
        return None if expires_at is None else math.floor((expires_at - self.at).total_seconds() / _DAY_SECONDS)

    @property
    def expired(self) -> bool:
        """Whether it opens nothing any more."""
        return self.credential.expires_at is not None and self.credential.expires_at <= self.at

    @property
    def group(self) -> str:
        """Its group among GROUPS."""
        if self.credential.kind.way != "enter":
            return NO_SECRET
        if self.collection in BINS:
            return DELETED
        if self.expired:
            return EXPIRED
        if self.escrowed is not None:
            return ESCROWED
        return POWERFUL if self.powers else VALID

    def reading_order(self) -> tuple[object, ...]:
        """Sort key: by group, what expires first first, what has no date last."""
        expires_at = self.credential.expires_at
        return (
            GROUPS.index(self.group),
            expires_at is None,
            expires_at or self.at,
            self.credential.kind.kind,
            self.collection,
            self.name or "",
            self.parent,
            self.id,
            self.credential.key_ids,
        )

    def document(self) -> dict[str, Any]:
        """The entry as COMMANDS.md section 4 has it."""
        credential = self.credential
        return {
            "kind": credential.kind.kind,
            "group": self.group,
            "collection": self.collection,
            "id": self.id,
            "parent": list(self.parent),
            "parent_name": self.parent_name,
            "name": self.name,
            "key_ids": list(credential.key_ids),
            "credential": credential.name,
            "hint": credential.hint,
            "starts_at": text_of(credential.starts_at),
            "expires_at": text_of(credential.expires_at),
            "days_left": self.days_left,
            "expired": self.expired,
            "in_use": credential.in_use,
            "powers": self.powers,
            "escrow_for": self.place.name if credential.kind.way == "enter" else None,
            "escrowed": self.escrowed.document() if self.escrowed else None,
        }


def text_of(instant: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second; the year has four digits whatever a record says."""
    return None if instant is None else instant.isoformat(timespec="seconds").replace("+00:00", "Z")
