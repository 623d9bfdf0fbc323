"""What an attack, a day of drift or churn altered, in the words that a difference report uses."""

from __future__ import annotations

from typing import NamedTuple


class Change(NamedTuple):
    """One alteration.

    `change` is added, removed or changed. With `attribute` it concerns that top-level property; with
    `relation` the link to `target`; with neither the whole object. `parent` is [collection, id] of the object
    that contains it, after those of what contains that. Links that leave an added or removed object are part of
    it and not listed; links that other objects have to it are listed one by one.
    """

    change: str
    collection: str
    id: str
    parent: tuple[str, ...] | None = None
    attribute: str | None = None
    relation: str | None = None
    target: str | None = None

    def as_json(self) -> dict[str, object]:
        """The members that are not empty."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def net_of(changes: list[Change]) -> list[Change]:
    """What remains of a series of changes when only its beginning and its end are compared.

    An object that comes and goes cancels out, as does a link; alterations of an object that was added or
    removed in the series are part of that; repeated alterations of one attribute count once.
    """
    objects: dict[tuple[str, str, tuple[str, ...] | None], str] = {}
    for change in changes:
        if change.attribute is None and change.relation is None:
            key = (change.collection, change.id, change.parent)
            if objects.get(key) not in (None, change.change):
                del objects[key]
            else:
                objects[key] = change.change
    links: dict[Change, str] = {}
    for change in changes:
        if change.relation is not None:
            bare = change._replace(change="")
            if links.get(bare) not in (None, change.change):
                del links[bare]
            else:
                links[bare] = change.change
    come_or_gone = {(collection, id) for collection, id, _ in objects}
    kept: dict[Change, None] = {}
    for change in changes:
        whole = change.attribute is None and change.relation is None
        inside = (change.collection, change.id) in come_or_gone
        if whole:
            keep = objects.get((change.collection, change.id, change.parent)) == change.change
        elif change.relation is not None:
            keep = not inside and links.get(change._replace(change="")) == change.change
        else:
            keep = not inside
        if keep:
            kept[change] = None
    return list(kept)
