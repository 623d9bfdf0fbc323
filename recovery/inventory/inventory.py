"""The inventory: what Graph never returns and a proved snapshot shows to exist, entry by entry.

It is derived when it is read, from signed records alone, so that it can't contradict them; FORMAT.md knows nothing of
it. Whoever holds the archive and the identity can derive it again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from recovery.attribute import Value
from recovery.enterprise_application import EnterpriseApplications
from recovery.inventory.credential import credentials_of, lacks_list
from recovery.inventory.entry import GROUPS, Entry, text_of
from recovery.inventory.escrow_match import EscrowState, match
from recovery.inventory.escrowed_file import EscrowedFile, escrowed_files_in
from recovery.inventory.kind import UNPROVABLE, Kind, Source, load_kinds
from recovery.inventory.unknown_part import (
    NotArchived,
    UnknownPart,
    is_whole,
    not_archived_in,
    unknown_parts_of,
)
from recovery.kind_of_object import BINS
from recovery.naming import Names, name_in
from recovery.object_scan import located_objects_in, objects_in
from recovery.occurrence import is_among
from recovery.power import Power
from recovery.side import Side
from verify.key import KeyFields
from verify.snapshot import VerifiedSnapshot

_APPLICATIONS = frozenset({"applications", "agentIdentityBlueprints"})
_PRINCIPALS = frozenset({"servicePrincipals", "agentIdentityBlueprintPrincipals"})


class Tally(NamedTuple):
    """How many objects prove a kind of which only the number is told; not `complete` where a gap may hide more."""

    kind: Kind
    collection: str
    unit: str
    number: int
    complete: bool

    def document(self) -> dict[str, Any]:
        """As COMMANDS.md section 4 has it."""
        return {**self._asdict(), "kind": self.kind.kind}


@dataclass(frozen=True)
class Inventory:
    """What was found. `at` is the instant from which days are counted; the filters are those that were asked for."""

    snapshot: VerifiedSnapshot
    at: datetime
    collections: Sequence[str]
    expires_within: int | None
    kinds: Sequence[Kind]
    entries: Sequence[Entry]
    tallies: Sequence[Tally]
    escrow: Sequence[EscrowState]
    unknown: Sequence[UnknownPart]
    not_archived: Sequence[NotArchived]

    def document(self) -> dict[str, Any]:
        """The document of `strongroom inventory --json` (COMMANDS.md section 4)."""
        manifest = self.snapshot.manifest
        groups = Counter(entry.group for entry in self.entries)
        return {
            "tenant": manifest.tenant,
            "archive_id": manifest.archive_id,
            "simulated": manifest.simulated,
            "snapshot": {
                "sequence": manifest.sequence,
                "taken_at": text_of(manifest.taken_at),
                "manifest_sha256": manifest.sha256,
                "state_root": manifest.state_root.hex(),
            },
            "made_at": text_of(self.at),
            "filter": {"collections": list(self.collections), "expires_within": self.expires_within},
            "counts": {group: groups[group] for group in GROUPS},
            "kinds": {kind.kind: _explained(kind) for kind in self.kinds},
            "entries": [entry.document() for entry in self.entries],
            "together": [tally.document() for tally in self.tallies],
            "escrow": [one.document() for one in self.escrow],
            "unknown": [part.document() for part in self.unknown],
            "not_archived": [one.document() for one in self.not_archived],
            "unprovable": [{"what": what, "to_do": to_do} for what, to_do in UNPROVABLE],
        }


def inventory_of(
    snapshot: VerifiedSnapshot,
    at: datetime,
    *,
    collections: Collection[str] = (),
    expires_within: int | None = None,
    kinds: Sequence[Kind] | None = None,
) -> Inventory:
    """Derives the inventory of a snapshot. Days are counted from `at`.

    `collections` narrows it down, recycle bins with them (empty: all). With `expires_within`, entries that have a
    date at most that many days off, expired ones too, and nothing that has no date.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    kinds = load_kinds() if kinds is None else kinds
    reading = _Reading(snapshot, at, kinds, collections)
    reading.read()
    files = [one for one in escrowed_files_in(snapshot) if _is_meant(one, collections)]
    lacking = {(collection, id_) for (collection, _), ids in reading.lacking.items() for id_ in ids}
    escrow = match(files, reading.entries, snapshot, lacking)
    entries = sorted(reading.entries, key=Entry.reading_order)
    dated = expires_within is not None
    if expires_within is not None:
        entries = [one for one in entries if one.days_left is not None and one.days_left <= expires_within]
    manifest = snapshot.manifest
    return Inventory(
        snapshot,
        at,
        list(collections),
        expires_within,
        kinds,
        entries,
        [] if dated else reading.tallies(),
        escrow,
        unknown_parts_of(manifest, reading.by_collection, reading.lacking),
        list(not_archived_in(manifest, kinds, set(reading.by_collection))),
    )


def collections_of(kinds: Sequence[Kind]) -> list[str]:
    """Every collection that can prove something, sorted."""
    return sorted({name for kind in kinds for name in kind.collections})


def _explained(kind: Kind) -> dict[str, str]:
    return {name: getattr(kind, name) for name in ("title", "plural", "way", "what", "to_do", "without")}


def _is_meant(file: EscrowedFile, collections: Collection[str]) -> bool:
    return file.place is None or is_among(file.place.collection, collections)


class _Reading:
    """Entries and numbers as they grow, each collection read once."""

    def __init__(
        self, snapshot: VerifiedSnapshot, at: datetime, kinds: Sequence[Kind], collections: Collection[str]
    ) -> None:
        self._snapshot = snapshot
        self._at = at
        self._kinds = kinds
        self.entries: list[Entry] = []
        self.lacking: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.by_collection: dict[str, list[Kind]] = {}
        """The rows that each collection which is meant can prove."""
        for kind in kinds:
            for collection in dict.fromkeys(kind.collections):
                if is_among(collection, collections):
                    self.by_collection.setdefault(collection, []).append(kind)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._app_ids: dict[tuple[str, str], Value] = {}
        self._seen: dict[tuple[str, str, str], str] = {}

    def read(self) -> None:
        """Reads what is there, and names what contains an entry and what power it has."""
        for collection, kinds in self.by_collection.items():
            if collection in self._snapshot.manifest.counts:
                self._read_collection(collection, kinds)
        self._put_parents()
        self._put_powers()

    def tallies(self) -> list[Tally]:
        """Of each kind that is counted, the number by its first source that was read whole, or else read at all."""
        return [
            Tally(
                kind,
                source.collections[0],
                source.unit,
                self._counts[kind.kind, source.collections[0]],
                is_whole(self._snapshot.manifest, source.collections[0]),
            )
            for kind in self._kinds
            if kind.each == "together" and (source := self._source_of(kind)) is not None
        ]

    def _source_of(self, kind: Kind) -> Source | None:
        manifest = self._snapshot.manifest
        there = [one for one in kind.sources if {*one.collections} & self.by_collection.keys() & manifest.counts.keys()]
        return next((one for one in there if is_whole(manifest, one.collections[0])), there[0] if there else None)

    def _read_collection(self, collection: str, kinds: Sequence[Kind]) -> None:
        counted = [
            (kind.kind, source)
            for kind in kinds
            if kind.each == "together"
            for source in kind.sources
            if collection in source.collections
        ]
        listed = [kind for kind in kinds if kind.each != "together"]
        if not listed:
            for value in objects_in(self._snapshot, collection):
                self._count(collection, counted, value)
            return
        for fields, value in located_objects_in(self._snapshot, collection):
            self._count(collection, counted, value)
            self._list(fields, listed, value)

    def _count(self, collection: str, counted: Sequence[tuple[str, Source]], value: Value) -> None:
        self._counts.update((kind, collection) for kind, source in counted if source.proves(value))

    def _list(self, fields: KeyFields, kinds: Sequence[Kind], value: Value) -> None:
        collection = fields.collection
        for member in dict.fromkeys(kind.list for kind in kinds if lacks_list(value, kind)):
            self.lacking[collection, str(member)].append(fields.id)
        for credential in credentials_of(value, kinds):
            if credential.key_id is not None:
                # A blueprint is an application too, and Graph may list it as both.
                key = (credential.kind.kind, fields.id, credential.key_id)
                if self._seen.setdefault(key, collection) != collection:
                    continue
            self._app_ids[collection, fields.id] = value.get("appId") if isinstance(value, Mapping) else None
            self.entries.append(Entry(collection, fields.id, fields.parent, name_in(value), credential, self._at))

    def _put_parents(self) -> None:
        names = Names([Side(self._snapshot)])
        names.read_parents(entry.parent for entry in self.entries if entry.parent)
        for entry in self.entries:
            if entry.parent:
                entry.parent_name = names.of_parent(entry.parent)

    def _put_powers(self) -> None:
        power = Power(self._snapshot, self._snapshot, EnterpriseApplications(self._snapshot, self._snapshot))
        for entry in self.entries:
            home = BINS.get(entry.collection, entry.collection)
            app_id = self._app_ids[entry.collection, entry.id]
            if home in _APPLICATIONS:
                entry.powers = list(power.of_application("applications", entry.id, {"appId": app_id}))
            elif home in _PRINCIPALS:
                entry.powers = list(power.of_application("servicePrincipals", entry.id, None))
            elif entry.parent[-2:-1] == ("servicePrincipals",):
                entry.powers = list(power.of_application("servicePrincipals", entry.parent[-1], None))
