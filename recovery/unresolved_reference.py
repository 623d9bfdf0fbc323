"""Ids that lead nowhere (archiver.gathering.closure), compared only by what both snapshots could judge.

That an id led somewhere is known only of a run that read who names it and all that it may lead to: a record that is
gone because nobody looked is no reference that was mended. Of those who name it in one place a record has the least
alone, so that it is compared by place: where it leads nowhere on both sides, whoever names it there, nothing was
mended or broken.
"""

from __future__ import annotations

from archiver.graph.reference import Reference, load_references
from recovery.attribute import Value
from recovery.blind_spots import BlindSpots
from verify.key import KeyFields


def leads_elsewhere(fields: KeyFields, before: Value, after: Value, blind_spots: BlindSpots) -> bool:
    """Whether an id leads nowhere on one side alone, in a place that both snapshots judged.

    `fields` are those of its record, `before` and `after` the record on each side (None: there is none).
    """
    references = {reference.place: reference for reference in load_references()}
    one, other = _named_by(before), _named_by(after)
    for place in one.keys() ^ other.keys():
        # A list that was cut may lack the place as well as the whole record.
        if blind_spots.hides(fields, was_absent=place not in one, is_absent=place not in other):
            continue
        if _is_judged(references.get(place), one.get(place) or other[place], blind_spots):
            return True
    return False


def _named_by(record: Value) -> dict[str, str]:
    """The places that name the id, each with who names it there."""
    namers = record.get("namedBy") if isinstance(record, dict) else None
    listed = namers if isinstance(namers, list) else []
    return {str(one.get("place")): str(one.get("id")) for one in listed if isinstance(one, dict)}


def _is_judged(reference: Reference | None, namer: str, blind_spots: BlindSpots) -> bool:
    """A place that the table of references does not have is one of another release, and judged by it."""
    return reference is None or not blind_spots.hides_reference(reference, namer)
