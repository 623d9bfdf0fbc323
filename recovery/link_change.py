"""Which links of an object were added or removed, from the parts of its relations before and after."""

from __future__ import annotations

from collections.abc import Iterable

from recovery.attribute import Value
from recovery.naming import Target, name_in
from recovery.object_change import ADDED, REMOVED, LinkChange


def link_changes_of(parts: Iterable[tuple[str, Value, Value]]) -> list[LinkChange]:
    """Links added and removed over all parts that differ; a target that only moved between parts is neither."""
    before: dict[tuple[str, str], Value] = {}
    after: dict[tuple[str, str], Value] = {}
    for relation, old, new in parts:
        before |= {(relation, id_): target for id_, target in _targets_in(old).items()}
        after |= {(relation, id_): target for id_, target in _targets_in(new).items()}
    gone = [_link(link, before[link], REMOVED) for link in before.keys() - after.keys()]
    come = [_link(link, after[link], ADDED) for link in after.keys() - before.keys()]
    return sorted([*gone, *come], key=lambda link: (link.relation, link.id, link.change))


def _targets_in(value: Value) -> dict[str, Value]:
    """Targets of one part of a relation, by id."""
    if not isinstance(value, list):
        return {}
    return {str(target["id"]): target for target in value if isinstance(target, dict) and "id" in target}


def _link(link: tuple[str, str], target: Value, change: str) -> LinkChange:
    type_ = target.get("@odata.type") if isinstance(target, dict) else None
    return LinkChange(*link, name_in(target), change, Target(str(type_), link[1]))
