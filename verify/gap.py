"""A gap: a collection, or part of one, that could not be read, with the reason. Signed, never silent."""

from __future__ import annotations

from typing import NamedTuple


class Gap(NamedTuple):
    """What is missing from a snapshot and why.

    `relation` and `id` narrow the gap down to one relation or one object; both are None when the whole
    collection is concerned. `reason` is one of the words in FORMAT.md; `detail` is for people.
    """

    collection: str
    relation: str | None
    id: str | None
    reason: str
    detail: str

    @property
    def place(self) -> str:
        """What it concerns, from the outermost down: `groups members GROUP_ID`."""
        return " ".join(part for part in (self.collection, self.relation, self.id) if part)
