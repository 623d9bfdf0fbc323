"""What a snapshot can't say, and so must not count as a difference: what could not be read, or was not asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from archiver.graph.reference import Reference
from archiver.graph.row import FOREIGN_EXTENSIONS
from verify.gap import Gap
from verify.key import OBJECT, KeyFields
from verify.manifest import Manifest
from verify.snapshot import VerifiedSnapshot

NOT_ASKED: Final = "not-asked-for"
"""The reason of what one of two snapshots was not asked for: a word of differences alone, never of a manifest."""
_NOT_ASKED_DETAIL: Final = "the settings of that run left it out"

_Place = tuple[str, str | None, str | None]
"""A collection, a relation, stream or property of it, and an object; None stands for all."""


class BlindSpots:
    """What can't be compared: a removal where the later snapshot did not look, an addition where the earlier didn't."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        one, other = before.manifest, after.manifest
        self._gaps = {
            "before": (*one.gaps, *_not_asked_for(one, other)),
            "after": (*other.gaps, *_not_asked_for(other, one)),
        }
        self._places: dict[str, set[_Place]] = {
            side: {_place_of(gap) for gap in gaps} for side, gaps in self._gaps.items()
        }
        self._partly = {
            gap.collection for gaps in self._gaps.values() for gap in gaps if gap.relation == FOREIGN_EXTENSIONS
        }

    def hides(self, fields: KeyFields, *, was_absent: bool, is_absent: bool) -> bool:
        """Whether the absence of this record, before or after, may be the gap's and not the tenant's."""
        part = None if fields.kind == OBJECT else fields.name
        for side, absent in (("before", was_absent), ("after", is_absent)):
            places = self._places[side]
            if not places:
                continue
            if part is not None and not places.isdisjoint(_places_of(fields, part)):
                return True
            if absent and not places.isdisjoint(_places_of(fields, None)):
                return True
        return False

    def hides_property(self, fields: KeyFields, path: str) -> bool:
        """Whether a property (`path` is a JSON Pointer into the value) could not be read on one of the sides."""
        if fields.collection in self._partly:
            return True
        name = path.removeprefix("/").partition("/")[0]
        return any(not places.isdisjoint(_places_of(fields, name)) for places in self._places.values())

    def hides_reference(self, reference: Reference, namer: str) -> bool:
        """Whether one of the sides could not say that this object names, in this place, an id that leads nowhere."""
        hiding: set[_Place] = {(home, None, None) for home in reference.homes}
        hiding |= {(reference.of, part, id_) for part in (None, reference.relation) for id_ in (None, namer)}
        return any(not places.isdisjoint(hiding) for places in self._places.values())

    def add_not_asked(self, side: str, collection: str) -> None:
        """Lists a collection that matters to the difference, and that neither snapshot was asked for."""
        gap = not_asked_gap(collection)
        if gap not in self._gaps[side]:
            self._gaps[side] = (*self._gaps[side], gap)

    def listed(self) -> list[dict[str, object]]:
        """Every gap of either snapshot, and what only the other was asked for, with the side that has it."""
        return [{**gap._asdict(), "in": side} for side, gaps in self._gaps.items() for gap in gaps]


def not_asked_gap(collection: str, part: str | None = None) -> Gap:
    """What stands for a collection, or a part of it, that a run was not asked for."""
    return Gap(collection, part, None, NOT_ASKED, _NOT_ASKED_DETAIL)


def _place_of(gap: Gap) -> _Place:
    """What a gap hides: any of a collection's objects may have only such values as are missing."""
    return gap.collection, None if gap.relation == FOREIGN_EXTENSIONS else gap.relation, gap.id


def _places_of(fields: KeyFields, part: str | None) -> Iterable[_Place]:
    """The places whose gap hides a record, or a part of it: of what is contained, a gap names what contains it."""
    yield fields.collection, part, None
    yield fields.collection, part, fields.id
    if fields.parent:
        yield fields.collection, part, "/".join(fields.parent[1::2])


def _not_asked_for(manifest: Manifest, other: Manifest) -> Iterator[Gap]:
    """What the other snapshot's run was asked for, and this one's was not."""
    asked = {*other.counts, *(gap.collection for gap in other.gaps)}
    for collection in sorted(asked):
        if not manifest.asked_for(collection):
            yield not_asked_gap(collection)
            continue
        for part in other.parts.get(collection, ()):
            if not manifest.asked_for(collection, part):
                yield not_asked_gap(collection, part)
