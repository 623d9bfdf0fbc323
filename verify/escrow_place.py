"""What an escrowed secret is for, and the collection that it is a record of (COMMANDS.md section 1)."""

from __future__ import annotations

from typing import Final, NamedTuple

ESCROW: Final = "escrow"
"""The collection that escrowed secrets are records of."""


class Place(NamedTuple):
    """What a secret is for: an object, and a credential of it where it has several."""

    collection: str
    id: str
    key_id: str | None

    @property
    def name(self) -> str:
        """`COLLECTION/ID` or `COLLECTION/ID/KEYID`, the id of the record."""
        return "/".join(filter(None, self))
