"""What an inventory can't know: what a gap hides, what came without the member that would say it, what was not asked
for. None of it is ever called "none"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from archiver.graph.catalogue import load_catalogue
from recovery.inventory.kind import Kind
from recovery.power import POWER_SOURCES
from verify.gap import Gap
from verify.manifest import Manifest

ABSENT: Final = "member-absent"
"""Beside the reasons of a gap: objects were read, and lack the member in which the credentials would be."""
_LEFT_OUT = "the settings leave it out"


class UnknownPart(NamedTuple):
    """Part of a collection. `ids` are the objects that it is about, `relation` the member; none: all of them."""

    collection: str
    relation: str | None
    ids: tuple[str, ...]
    reason: str
    detail: str
    kinds: tuple[str, ...]
    hides_power: bool = False

    def document(self) -> dict[str, Any]:
        """As COMMANDS.md section 4 has it."""
        return {**self._asdict(), "ids": list(self.ids), "kinds": list(self.kinds)}


class NotArchived(NamedTuple):
    """A collection that was not asked for, and the kinds of which nothing is known without it."""

    collection: str
    kinds: tuple[str, ...]
    why: str

    def document(self) -> dict[str, Any]:
        """As COMMANDS.md section 4 has it."""
        return {**self._asdict(), "kinds": list(self.kinds)}


def covers(gap: Gap, id_: str) -> bool:
    """Whether a gap may hide an object: it is of the whole collection, of that object itself, or of what contains it.

    A gap of a contained collection names the containing object, and nobody knows what that contains.
    """
    if gap.relation is not None:
        return False
    contained = any(row.collection == gap.collection and row.parent for row in load_catalogue().collections)
    return contained or gap.id in (None, id_)


def is_whole(manifest: Manifest, collection: str) -> bool:
    """Whether all objects of a collection were read."""
    hidden = any(gap.collection == collection and gap.relation is None for gap in manifest.gaps)
    return collection in manifest.counts and not hidden


def unknown_parts_of(
    manifest: Manifest, kinds: Mapping[str, Sequence[Kind]], lacking: Mapping[tuple[str, str], Sequence[str]]
) -> list[UnknownPart]:
    """What gaps hide of the collections that `kinds` names, each with its rows, and what `lacking` objects did not say.

    The keys of `lacking` are a collection and the member that its objects, by their ids, came without.
    """
    found: dict[tuple[str, str, str], list[str | None]] = {}
    for gap in manifest.gaps:
        if gap.relation is None and (gap.collection in kinds or gap.collection in POWER_SOURCES):
            found.setdefault((gap.collection, gap.reason, gap.detail), []).append(gap.id)
    parts = []
    for (collection, reason, detail), ids in found.items():
        hidden = tuple(kind.kind for kind in kinds.get(collection, ()) if not _is_answered(manifest, kind))
        hides_power = collection in POWER_SOURCES
        if hidden or hides_power:
            named = () if None in ids else tuple(id_ for id_ in ids if id_)
            parts.append(UnknownPart(collection, None, named, reason, detail, hidden, hides_power))
    for (collection, member), lacking_ids in lacking.items():
        hidden = tuple(kind.kind for kind in kinds[collection] if kind.list == member)
        parts.append(UnknownPart(collection, member, tuple(lacking_ids), ABSENT, "Graph sent no such member", hidden))
    return sorted(parts, key=lambda part: (part.collection, part.relation or "", part.reason, part.detail))


def not_archived_in(manifest: Manifest, kinds: Sequence[Kind], chosen: Collection[str]) -> Iterator[NotArchived]:
    """The collections among `chosen` that the snapshot does not have, without which kinds stay in the dark.

    A kind for which another collection was read does not count.
    """
    off = {row.collection: row.off for row in load_catalogue().collections}
    seen = {*manifest.counts, *(gap.collection for gap in manifest.gaps)}
    dark: dict[str, list[str]] = {}
    for kind in kinds:
        answered = kind.each == "together" and any(name in manifest.counts for name in kind.collections)
        for collection in kind.collections:
            if collection in chosen and collection not in seen and not answered:
                dark.setdefault(collection, []).append(kind.kind)
    for collection in sorted(dark):
        yield NotArchived(collection, tuple(dark[collection]), off.get(collection) or _LEFT_OUT)


def _is_answered(manifest: Manifest, kind: Kind) -> bool:
    """Whether one of the places in which a kind is counted was read whole."""
    return kind.each == "together" and any(is_whole(manifest, source.collections[0]) for source in kind.sources)
