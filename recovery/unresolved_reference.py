"""Ids that lead nowhere (archiver.gathering.closure), compared only by what both snapshots could judge.

That an id led somewhere is known only of a run that read who names it and all that it may lead to: a record that is
gone because nobody looked is no reference that was mended.
"""

from __future__ import annotations

from archiver.graph.reference import Reference, load_references
from recovery.attribute import Value
from recovery.blind_spots import BlindSpots


def leads_elsewhere(before: Value, after: Value, blind_spots: BlindSpots) -> bool:
    """Whether two records of one id (None: there is none) differ in a place that both snapshots judged."""
    references = {reference.place: reference for reference in load_references()}
    one, other = _named_by(before), _named_by(after)
    return any(_is_judged(references.get(place), namer, blind_spots) for place, namer in one ^ other)


def _named_by(record: Value) -> set[tuple[str, str]]:
    """The places that name the id, each with who names it there."""
    namers = record.get("namedBy") if isinstance(record, dict) else None
    listed = namers if isinstance(namers, list) else []
    return {(str(one.get("place")), str(one.get("id"))) for one in listed if isinstance(one, dict)}


def _is_judged(reference: Reference | None, namer: str, blind_spots: BlindSpots) -> bool:
    """A place that the table of references does not have is one of another release, and judged by it."""
    return reference is None or not blind_spots.hides_reference(reference, namer)
