"""What a reading by changes begins from: links of Graph's change queries, and what the epoch's full holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from archiver.graph.row import Row


class ChangeLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`link` is Graph's; `shape` is a digest of the row as it was: other properties need a reading of everything."""

    link: str
    shape: str


class RecoveryTrace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is seen of Microsoft's own recovery: jobs and audit events by id, and whether each is over.

    None: this could not be seen.
    """

    jobs: dict[str, bool] | None
    audits: dict[str, bool] | None


class KnownObjects(Protocol):
    """What the epoch's full holds."""

    def ids_of(self, collection: str) -> Iterator[str]:
        """Yields the ids of the collection's objects, those aside that other objects contain."""


class Dangling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An id that led nowhere when the epoch's full was read, the place that names it, and who names it there."""

    id: str
    place: str
    by: str


class Remarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of the epoch's full besides its records.

    `whole`: collections that were read without a gap. `missed`: ids, by collection, of which Graph said while it was
    read that they are not there: a replica that lags says so too, and then no change query will name them.
    `dangling`: ids that led nowhere, `dangling_untold` how many there were besides.
    """

    whole: frozenset[str] = frozenset()
    missed: dict[str, list[str]] = {}
    dangling: list[Dangling] = []
    dangling_untold: int = 0


class Since(NamedTuple):
    """What a reading by changes begins from: `links` by collection, taken after `began_at`, before `known` was read.

    `recovery` was seen when the links were taken; `remarks` are about the reading that followed.
    """

    links: Mapping[str, ChangeLink]
    began_at: datetime
    recovery: RecoveryTrace
    known: KnownObjects
    remarks: Remarks = Remarks()

    def link_of(self, row: Row) -> str | None:
        """Gives the link of a row, None where there is none for the shape that it has."""
        link = self.links.get(row.collection)
        return link.link if link is not None and link.shape == shape_digest_of(row) else None


def shape_digest_of(row: Row) -> str:
    """Gives a digest of everything that a row says: a record that was read by another row is another record."""
    return hashlib.sha256(msgspec.json.encode(row)).hexdigest()
