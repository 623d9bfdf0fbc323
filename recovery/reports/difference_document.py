"""The JSON document of `strongroom diff --json`, read into values that a page can be made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from verify.gap import Gap

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
CHANGES = (REMOVED, CHANGED, ADDED)
"""In the order in which a reader needs them: what is lost, what is different, what is new."""
ACTIONS = frozenset({"update", "restore", "recreate", "soft-delete", "delete", "none"})
SIDES = frozenset({"before", "after"})


class Moment(NamedTuple):
    """One side of the comparison: `name` ("snapshot 12"), its number, and when it was taken."""

    name: str
    sequence: int
    taken_at: str
    state_root: str


class Attribute(NamedTuple):
    """One attribute that differs: JSON Pointer and the two JSON values, None where it is null or absent."""

    path: str
    before: object
    after: object


class Link(NamedTuple):
    """One target of a relation that was added or removed."""

    relation: str
    id: str
    name: str
    change: str


class ObjectDifference(NamedTuple):
    """One object that differs. `parent` is (collection, id, ...) of a contained object, outermost first.

    `privileged` says why a change of it counts as privileged, and is empty if it does not; `privilege_unknown` names
    the collections of which too little was read to know; `powers` what a new credential or owner gives; `why_none` why
    nothing is to be put back; `recycle_bin_unread` that it may lie in a bin that nobody read. `follows_from` are names,
    or ids, of removed objects; `names` what ids in the attributes stand for, `traits` what an added or removed object
    is.
    """

    collection: str
    id: str
    name: str
    change: str
    action: str
    parent: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    links: tuple[Link, ...]
    parent_name: str
    privileged: str
    privilege_unknown: tuple[str, ...]
    powers: tuple[str, ...]
    why_none: str
    follows_from: tuple[str, ...]
    names: Mapping[str, str]
    traits: Mapping[str, object]
    synchronised: bool
    recycle_bin_unread: bool


class UncomparedPart(NamedTuple):
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
    """What differs between two moments. `summary` has every collection in which anything does, by name.

    `privilege_unknown` are the parts without which nobody knows of some objects whether they are privileged.
    `tenant` and `archive_id` are those that the snapshots are signed for.
    """

    before: Moment
    after: Moment
    summary: dict[str, Counts]
    unknown: tuple[UncomparedPart, ...]
    privilege_unknown: tuple[UncomparedPart, ...]
    objects: tuple[ObjectDifference, ...]
    simulated: bool
    tenant: str
    archive_id: str


def difference_of(document: Document) -> Difference:
    """The difference from its JSON form.

    Raises:
        MalformedError: a member of COMMANDS.md section 4 is missing, of the wrong type or an unknown word, or the
            summary counts other objects than those that are listed.
    """
    objects = tuple(_object_of(item) for item in documents_member(document, "objects"))
    return Difference(
        before=_moment_of(document, "before"),
        after=_moment_of(document, "after"),
        summary=_summary_of(document_of(document.get("summary"), "summary"), objects),
        unknown=_unknown_of(documents_member(document, "unknown")),
        privilege_unknown=_unknown_of(documents_member(document, "privilege_unknown")),
        objects=objects,
        simulated=flag_member(document, "simulated"),
        tenant=text_member(document, "tenant"),
        archive_id=text_member(document, "archive_id"),
    )


def privileged_numbers_of(difference: Difference) -> Counter[str]:
    """How many objects of each collection count as privileged."""
    return Counter(item.collection for item in difference.objects if item.privileged)


def _moment_of(document: Document, name: str) -> Moment:
    side = document_of(document.get(name), name)
    sequence = number_member(side, "sequence")
    return Moment(f"snapshot {sequence}", sequence, text_member(side, "taken_at"), text_member(side, "state_root"))


def _summary_of(summary: Document, objects: Sequence[ObjectDifference]) -> dict[str, Counts]:
    """The document's numbers, which are those of the objects that it lists."""
    stated = {name: _counts_of(document_of(value, "summary")) for name, value in sorted(summary.items())}
    listed = Counter((item.collection, item.change) for item in objects)
    if listed != Counter({(name, word): getattr(stated[name], word) for name in stated for word in CHANGES}):
        raise member_error("'summary' counts other objects than those that are listed")
    return stated


def _unknown_of(documents: Sequence[Document]) -> tuple[UncomparedPart, ...]:
    """One entry for each gap, with the sides that have it."""
    sides: dict[Gap, list[str]] = {}
    for document in documents:
        sides.setdefault(gap_of(document), []).append(word_member(document, "in", SIDES))
    return tuple(UncomparedPart(gap, tuple(names)) for gap, names in sides.items())


def _counts_of(document: Document) -> Counts:
    return Counts(*(number_member(document, name) for name in (ADDED, REMOVED, CHANGED)))


def _object_of(document: Document) -> ObjectDifference:
    return ObjectDifference(
        collection=text_member(document, "collection"),
        id=text_member(document, "id"),
        name=text_member(document, "name"),
        change=word_member(document, "change", frozenset(CHANGES)),
        action=word_member(document, "action", ACTIONS),
        parent=texts_member(document, "parent"),
        attributes=tuple(_attribute_of(item) for item in documents_member(document, "attributes")),
        links=tuple(_link_of(item) for item in documents_member(document, "links")),
        parent_name=text_member(document, "parent_name"),
        privileged=text_member(document, "privileged"),
        privilege_unknown=texts_member(document, "privilege_unknown"),
        powers=texts_member(document, "powers"),
        why_none=text_member(document, "why_none"),
        follows_from=tuple(
            text_member(cause, "name") or text_member(cause, "id")
            for cause in documents_member(document, "follows_from")
        ),
        names=_names_of(document_of(document.get("names"), "names")),
        traits=document_of(document.get("traits"), "traits"),
        synchronised=flag_member(document, "synchronised"),
        recycle_bin_unread=flag_member(document, "recycle_bin_unread"),
    )


def _names_of(document: Document) -> dict[str, str]:
    return {id_: text_member(document, id_) for id_ in document}


def _attribute_of(document: Document) -> Attribute:
    return Attribute(text_member(document, "path"), document.get("before"), document.get("after"))


def _link_of(document: Document) -> Link:
    return Link(
        text_member(document, "relation"),
        text_member(document, "id"),
        text_member(document, "name"),
        word_member(document, "change", frozenset({ADDED, REMOVED})),
    )
