"""The JSON document of `strongroom diff --json`, read into values that a page can be made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from recovery.reports.member import (
    Document,
    document_of,
    documents_member,
    flag_member,
    gap_of,
    member_error,
    number_member,
    text_member,
    texts_member,
    word_member,
)
from recovery.reports.privilege import is_privileged
from verify.gap import Gap

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
CHANGES = (REMOVED, CHANGED, ADDED)
"""In the order in which a reader needs them: what is lost, what is different, what is new."""


class Absent:
    """The value of an attribute that an object does not have; null is a value."""


ABSENT = Absent()


class Moment(NamedTuple):
    """One side of the comparison: `name` ("snapshot 12", "live"), and when it was taken, if the document says so."""

    name: str
    taken_at: str
    state_root: str


class Attribute(NamedTuple):
    """One attribute that differs: JSON Pointer and the two JSON values, either of which may be ABSENT."""

    path: str
    before: object
    after: object


class Link(NamedTuple):
    """One target of a relation that was added or removed."""

    relation: str
    id: str
    name: str
    change: str


class Actor(NamedTuple):
    """Who did it, as the archived audit log says."""

    who: str
    when: str
    activity: str


class ObjectDifference(NamedTuple):
    """One object that differs. `parent` is (collection, id, ...) of a contained object, outermost first.

    `privileged` says why a change of it counts as privileged, and is empty if it does not; `why_none` why nothing is to
    be put back. `follows_from` are names, or ids, of removed objects; `names` what ids in the attributes stand for.
    """

    collection: str
    id: str
    name: str
    change: str
    action: str
    parent: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    links: tuple[Link, ...]
    actor: Actor | None
    parent_name: str = ""
    privileged: str = ""
    why_none: str = ""
    follows_from: tuple[str, ...] = ()
    names: Mapping[str, str] = MappingProxyType({})


class Unknown(NamedTuple):
    """A part of the tenant that could not be compared; `sides` are those that have the gap."""

    gap: Gap
    sides: tuple[str, ...]


class Counts(NamedTuple):
    """Objects of one collection by change."""

    added: int
    removed: int
    changed: int

    @property
    def total(self) -> int:
        return self.added + self.removed + self.changed


class Difference(NamedTuple):
    """What differs between two moments. `summary` has every collection that was compared, by name."""

    before: Moment
    after: Moment
    summary: dict[str, Counts]
    unknown: tuple[Unknown, ...]
    objects: tuple[ObjectDifference, ...]
    archive: str
    tenant: str
    simulated: bool


def difference_of(document: Document) -> Difference:
    """The difference from its JSON form.

    Raises:
        MalformedError: a member of COMMANDS.md section 4 is missing, of the wrong type or an unknown word.
    """
    objects = tuple(_object_of(item) for item in documents_member(document, "objects"))
    return Difference(
        before=_moment_of(document, "before"),
        after=_moment_of(document, "after"),
        summary=_summary_of(document_of(document.get("summary"), "summary"), objects),
        unknown=_unknown_of(documents_member(document, "unknown")),
        objects=objects,
        archive=text_member(document, "archive"),
        tenant=text_member(document, "tenant"),
        simulated=flag_member(document, "simulated"),
    )


def privileged_numbers_of(difference: Difference) -> dict[str, int]:
    """How many objects of each collection count as privileged: all of them if the collection does."""
    listed = Counter(item.collection for item in difference.objects if item.privileged)
    return {name: counts.total if is_privileged(name) else listed[name] for name, counts in difference.summary.items()}


def _moment_of(document: Document, name: str) -> Moment:
    """A side is a sequence number, a word such as "live", or an object with `sequence` and `taken_at`."""
    value = document.get(name)
    if isinstance(value, str) and value:
        return Moment(f"snapshot {value}" if value.isdecimal() else value, "", "")
    if isinstance(value, int) and not isinstance(value, bool):
        return Moment(f"snapshot {value}", "", "")
    if isinstance(value, Mapping):
        sequence = value.get("sequence")
        named = isinstance(sequence, int) and not isinstance(sequence, bool)
        text = f"snapshot {sequence}" if named else text_member(value, "name") or "live"
        return Moment(text, text_member(value, "taken_at"), text_member(value, "state_root"))
    raise member_error(f"{name!r} names no snapshot")


def _summary_of(summary: Document, objects: Sequence[ObjectDifference]) -> dict[str, Counts]:
    """The document's numbers, or those of the objects that it lists where these are greater."""
    stated = {name: _counts_of(document_of(value, "summary")) for name, value in summary.items()}
    listed = Counter((item.collection, item.change) for item in objects)
    names = sorted({*stated, *(item.collection for item in objects)})
    nothing = Counts(0, 0, 0)
    return {
        name: Counts(
            *(max(getattr(stated.get(name, nothing), word), listed[name, word]) for word in (ADDED, REMOVED, CHANGED))
        )
        for name in names
    }


def _unknown_of(documents: Sequence[Document]) -> tuple[Unknown, ...]:
    """One entry for each gap, with the sides that have it."""
    sides: dict[Gap, list[str]] = {}
    for document in documents:
        sides.setdefault(gap_of(document), []).append(text_member(document, "in"))
    return tuple(Unknown(gap, tuple(side for side in names if side)) for gap, names in sides.items())


def _counts_of(document: Document) -> Counts:
    return Counts(*(number_member(document, name) for name in (ADDED, REMOVED, CHANGED)))


def _object_of(document: Document) -> ObjectDifference:
    actor = document.get("actor")
    return ObjectDifference(
        collection=text_member(document, "collection"),
        id=text_member(document, "id"),
        name=text_member(document, "name"),
        change=word_member(document, "change", frozenset(CHANGES)),
        action=text_member(document, "action"),
        parent=texts_member(document, "parent"),
        attributes=tuple(_attribute_of(item) for item in documents_member(document, "attributes")),
        links=tuple(_link_of(item) for item in documents_member(document, "links")),
        actor=None if actor is None else _actor_of(document_of(actor, "actor")),
        parent_name=text_member(document, "parent_name"),
        privileged=_privilege_of(document),
        why_none=text_member(document, "why_none"),
        follows_from=tuple(
            text_member(cause, "name") or text_member(cause, "id")
            for cause in documents_member(document, "follows_from")
        ),
        names=_names_of(document_of(document.get("names", {}), "names")),
    )


def _privilege_of(document: Document) -> str:
    """What the document says; where it says nothing, every object of a privileged collection counts."""
    if "privileged" in document:
        return text_member(document, "privileged")
    return "collection" if is_privileged(text_member(document, "collection")) else ""


def _names_of(document: Document) -> dict[str, str]:
    return {id_: text_member(document, id_) for id_ in document}


def _attribute_of(document: Document) -> Attribute:
    return Attribute(text_member(document, "path"), document.get("before", ABSENT), document.get("after", ABSENT))


def _link_of(document: Document) -> Link:
    return Link(
        text_member(document, "relation"),
        text_member(document, "id"),
        text_member(document, "name"),
        word_member(document, "change", frozenset({ADDED, REMOVED})),
    )


def _actor_of(document: Document) -> Actor:
    return Actor(text_member(document, "who"), text_member(document, "when"), text_member(document, "activity"))
