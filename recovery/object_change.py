"""One object that differs: what changed in it, what would put it back, and what a reader has to know about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from recovery.attribute import AttributeChange, Value
from recovery.consequence import Cause
from recovery.naming import Target
from recovery.reports.privilege import reading_order_of_object
from recovery.unseen_power import UnseenSource
from recovery.way_back import is_somebodys_work

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
UPDATE, RESTORE, RECREATE = "update", "restore", "recreate"
SOFT_DELETE, DELETE, NONE = "soft-delete", "delete", "none"


class ObjectId(NamedTuple):
    """Which object: collection, id, and the parents that contain it."""

    collection: str
    id: str
    parent: tuple[str, ...]


class LinkChange(NamedTuple):
    """One target of a relation that was added or removed. `name` is None where nobody knows it."""

    relation: str
    id: str
    name: str | None
    change: str
    target: Target

    def document(self) -> dict[str, Any]:
        """The entry of `diff --json`."""
        return {"relation": self.relation, "id": self.id, "name": self.name, "change": self.change}


@dataclass
class ObjectChange:
    """What differs about one object. `value` is the object after, or before if it is gone.

    `privileged` says why a change of it counts as privileged, `why_none` why nothing puts it back; both may be None.
    `powers` are the roles and permissions behind a new credential or owner, where that is why. `unseen_power` are
    gaps without which it may be privileged.
    `names` are what ids stand for that its attributes mention; `follows_from` removed objects that explain it whole.
    `recycle_bin_unread`: it is removed, and nobody could see whether it lies in a recycle bin and can be restored.
    `traits` say what an added or removed object is; `synchronised` whether it comes from a directory on-premises.
    """

    object: ObjectId
    change: str = CHANGED
    action: str = UPDATE
    name: str | None = None
    value: Value = None
    attributes: list[AttributeChange] = field(default_factory=list)
    links: list[LinkChange] = field(default_factory=list)
    parent_name: str | None = None
    privileged: str | None = None
    powers: Sequence[str] = ()
    unseen_power: Sequence[UnseenSource] = ()
    why_none: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    follows_from: list[Cause] = field(default_factory=list)
    traits: Mapping[str, Value] = field(default_factory=dict)
    synchronised: bool = False
    recycle_bin_unread: bool = False

    def document(self) -> dict[str, Any]:
        """The entry of `diff --json`. Nobody is named as actor: this version archives no audit log."""
        return {
            "collection": self.object.collection,
            "id": self.object.id,
            "parent": list(self.object.parent),
            "parent_name": self.parent_name,
            "name": self.name,
            "change": self.change,
            "action": self.action,
            "why_none": self.why_none,
            "synchronised": self.synchronised,
            "recycle_bin_unread": self.recycle_bin_unread,
            "privileged": self.privileged,
            "privilege_unknown": self.privilege_unknown,
            "powers": list(self.powers),
            "follows_from": [cause._asdict() for cause in self.follows_from],
            "names": dict(self.names),
            "traits": dict(self.traits),
            "attributes": [change._asdict() for change in self.attributes],
            "links": [link.document() for link in self.links],
            "actor": None,
        }

    @property
    def privilege_unknown(self) -> list[str]:
        """The collections of which more would have to be read to know that the change is not privileged."""
        return sorted({source.gap.collection for source in self.unseen_power})

    @property
    def is_news(self) -> bool:
        """Whether somebody did this: it neither follows from another change nor is written by nobody."""
        return not self.follows_from and is_somebodys_work(self.action, self.why_none)

    def reading_order(self) -> tuple[Any, ...]:
        """Sort key: privileged objects first, then by collection, and in each what somebody did before the rest."""
        return *reading_order_of_object(self.object.collection, bool(self.privileged)), not self.is_news, self.object
