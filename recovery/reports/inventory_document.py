"""The JSON document of `strongroom inventory`, read with its types: what the text and the page are made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

from recovery.inventory.entry import GROUPS, NO_SECRET
from recovery.inventory.escrow_match import STATES
from recovery.inventory.kind import Way
from recovery.reports.member import (
    Document,
    document_of,
    documents_member,
    flag_member,
    member_error,
    number_member,
    text_member,
    texts_member,
    word_member,
)

_WAYS: Final = frozenset(get_args(Way))
_GROUPS = frozenset(GROUPS)


class Kind(NamedTuple):
    """What a kind is, who brings it back, and how."""

    title: str
    plural: str
    way: str
    what: str
    to_do: str
    without: str


class Kept(NamedTuple):
    """An escrowed file: `sealed_bytes` and `sealed_sha256` are those of the age file."""

    id: str
    file: str
    sealed_bytes: int
    sealed_sha256: str
    sealed_at: str


class Item(NamedTuple):
    """One credential of one object; `days_left` is None where no date is known."""

    kind: str
    group: str
    collection: str
    id: str
    parent: tuple[str, ...]
    parent_name: str
    name: str
    key_ids: tuple[str, ...]
    credential: str
    hint: str
    expires_at: str
    days_left: int | None
    expired: bool
    in_use: bool | None
    powers: tuple[str, ...]
    escrow_for: str
    escrowed: Kept | None

    @property
    def place(self) -> str:
        """Where the record is: for an operator the words of `escrow add --for`, else collection and id."""
        return self.escrow_for or "/".join((self.collection, *self.parent[1::2], self.id))


class Tally(NamedTuple):
    """A kind of which only the number is told."""

    kind: str
    collection: str
    unit: str
    number: int
    complete: bool


class Unknown(NamedTuple):
    """What can't be known of a collection: of these objects, or of all."""

    collection: str
    relation: str
    ids: tuple[str, ...]
    reason: str
    detail: str
    kinds: tuple[str, ...]
    hides_power: bool


class Inventory(NamedTuple):
    """The document. `escrow` are all escrowed files with their states, `missing` the collections not asked for."""

    tenant: str
    archive_id: str
    simulated: bool
    sequence: int
    taken_at: str
    manifest_sha256: str
    made_at: str
    collections: tuple[str, ...]
    expires_within: int | None
    counts: Mapping[str, int]
    kinds: Mapping[str, Kind]
    entries: tuple[Item, ...]
    together: tuple[Tally, ...]
    escrow: tuple[tuple[Kept, str], ...]
    unknown: tuple[Unknown, ...]
    missing: tuple[tuple[str, tuple[str, ...], str], ...]
    unprovable: tuple[tuple[str, str], ...]

    @property
    def secrets(self) -> list[Item]:
        """What an operator would have to enter, in reading order."""
        return [item for item in self.entries if item.group != NO_SECRET]

    @property
    def others(self) -> list[Item]:
        """Entries that are no secret of an operator's."""
        return [item for item in self.entries if item.group == NO_SECRET]


def inventory_document_of(document: Document) -> Inventory:
    """Reads a document.

    Raises:
        MalformedError: it is not one of COMMANDS.md section 4.
    """
    snapshot = document_of(document.get("snapshot"), "snapshot")
    filtered = document_of(document.get("filter"), "filter")
    kinds = document_of(document.get("kinds"), "kinds")
    counts = document_of(document.get("counts"), "counts")
    read = Inventory(
        text_member(document, "tenant"),
        text_member(document, "archive_id"),
        flag_member(document, "simulated"),
        number_member(snapshot, "sequence"),
        text_member(snapshot, "taken_at"),
        text_member(snapshot, "manifest_sha256"),
        text_member(document, "made_at"),
        texts_member(filtered, "collections"),
        None if filtered.get("expires_within") is None else number_member(filtered, "expires_within"),
        {group: number_member(counts, group) for group in GROUPS},
        {name: _kind_of(document_of(value, name)) for name, value in kinds.items()},
        tuple(map(_item_of, documents_member(document, "entries"))),
        tuple(map(_tally_of, documents_member(document, "together"))),
        tuple((_kept_of(one), word_member(one, "state", STATES)) for one in documents_member(document, "escrow")),
        tuple(map(_unknown_of, documents_member(document, "unknown"))),
        tuple(
            (text_member(one, "collection"), texts_member(one, "kinds"), text_member(one, "why"))
            for one in documents_member(document, "not_archived")
        ),
        tuple(
            (text_member(one, "what"), text_member(one, "to_do")) for one in documents_member(document, "unprovable")
        ),
    )
    _require_sound(read)
    return read


def _require_sound(read: Inventory) -> None:
    """Raises MalformedError: numbers and names in the document do not fit each other."""
    named = [*(one.kind for one in read.entries), *(one.kind for one in read.together)]
    named += [name for one in read.unknown for name in one.kinds]
    named += [name for _, names, _ in read.missing for name in names]
    if not set(named) <= read.kinds.keys():
        raise member_error("an entry is of a kind that the document does not explain")
    for group in GROUPS:
        if read.counts[group] != sum(item.group == group for item in read.entries):
            raise member_error("the counts are not those of the entries")


def _kind_of(document: Document) -> Kind:
    words = {name: text_member(document, name) for name in ("title", "plural", "what", "to_do", "without")}
    return Kind(way=word_member(document, "way", _WAYS), **words)


def _item_of(document: Document) -> Item:
    escrowed, days_left, in_use = (document.get(name) for name in ("escrowed", "days_left", "in_use"))
    if days_left is not None and (isinstance(days_left, bool) or not isinstance(days_left, int)):
        raise member_error("'days_left' is not a whole number")
    return Item(
        text_member(document, "kind"),
        word_member(document, "group", _GROUPS),
        text_member(document, "collection"),
        text_member(document, "id"),
        texts_member(document, "parent"),
        text_member(document, "parent_name"),
        text_member(document, "name"),
        texts_member(document, "key_ids"),
        text_member(document, "credential"),
        text_member(document, "hint"),
        text_member(document, "expires_at"),
        days_left,
        flag_member(document, "expired"),
        None if in_use is None else flag_member(document, "in_use"),
        texts_member(document, "powers"),
        text_member(document, "escrow_for"),
        None if escrowed is None else _kept_of(document_of(escrowed, "escrowed")),
    )


def _kept_of(document: Document) -> Kept:
    return Kept(
        text_member(document, "id"),
        text_member(document, "file"),
        number_member(document, "sealed_bytes"),
        text_member(document, "sealed_sha256"),
        text_member(document, "sealed_at"),
    )


def _tally_of(document: Document) -> Tally:
    return Tally(
        text_member(document, "kind"),
        text_member(document, "collection"),
        text_member(document, "unit"),
        number_member(document, "number"),
        flag_member(document, "complete"),
    )


def _unknown_of(document: Document) -> Unknown:
    return Unknown(
        text_member(document, "collection"),
        text_member(document, "relation"),
        texts_member(document, "ids"),
        text_member(document, "reason"),
        text_member(document, "detail"),
        texts_member(document, "kinds"),
        flag_member(document, "hides_power"),
    )
