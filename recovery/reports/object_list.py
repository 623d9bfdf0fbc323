"""The objects that differ, collection by collection: what each is, what changed in it, and what would put it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from recovery.reports.contrast import contrast_of
from recovery.reports.difference_document import (
    ADDED,
    CHANGED,
    CHANGES,
    REMOVED,
    Absent,
    Actor,
    Attribute,
    Link,
    ObjectDifference,
)
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.number import count_text, instant_text
from recovery.reports.value import block_value, inline_value
from verify.wording import counted

OBJECTS_SHOWN = 200
"""Objects of one collection that go onto the page."""
ATTRIBUTES_SHOWN = 60
"""Attributes of one object; a user has about 130 properties, of which a change touches a few."""
LINKS_SHOWN = 50
"""Links of one object; the rest is counted."""
_ATTRIBUTES_OPEN = 8  # of an object that was added or removed; more stand behind a disclosure
_ID_LIMIT = 80  # characters; a GUID has 36, a composite id about 75
_GLYPHS = {REMOVED: "−", CHANGED: "~", ADDED: "+"}
_ACTIONS = {
    "update": "update it",
    "restore": "restore it from the recycle bin, with its id",
    "recreate": "create it again, under a new id",
    "soft-delete": "move it to the recycle bin",
    "delete": "delete it",
    "none": "nothing to do",
}


def objects_by_collection(objects: Sequence[ObjectDifference]) -> dict[str, list[ObjectDifference]]:
    """The objects of each collection, in the document's order."""
    found: defaultdict[str, list[ObjectDifference]] = defaultdict(list)
    for item in objects:
        found[item.collection].append(item)
    return dict(found)


def object_list(objects: Sequence[ObjectDifference], stated: int, where: str) -> Markup:
    """The objects of one collection, at most OBJECTS_SHOWN, and in words how many are left out.

    `stated` is the number that the summary gives; `where` says where the complete list is.
    """
    shown = _chosen(objects)
    rest = max(stated, len(objects)) - len(shown)
    parts: list[Node] = []
    if rest > 0:
        kinds = ", ".join(f"{count_text(sum(item.change == kind for item in shown))} {kind}" for kind in CHANGES)
        total = count_text(len(shown) + rest)
        words = (
            f"{counted(len(shown), f'of {total} objects is', f'of {total} objects are')} shown ({kinds}); "
            f"{counted(rest, 'is', 'are')} left out here. All of them are in {where}."
        )
        parts.append(element("p", words, class_="notice"))
    parts += [_object(item) for item in shown]
    return joined(parts)


def _chosen(objects: Sequence[ObjectDifference]) -> list[ObjectDifference]:
    """Removed, changed, added; when there are too many, no kind takes the room that another needs for a third."""
    kinds = {kind: [item for item in objects if item.change == kind] for kind in CHANGES}
    share = OBJECTS_SHOWN // len(CHANGES)
    room = OBJECTS_SHOWN - sum(min(len(items), share) for items in kinds.values())
    chosen: list[ObjectDifference] = []
    for items in kinds.values():
        extra = min(max(len(items) - share, 0), room)
        room -= extra
        chosen += items[: share + extra]
    return chosen


def _object(item: ObjectDifference) -> Markup:
    change = element("span", f"{_GLYPHS[item.change]} {item.change}", class_=f"change {item.change}")
    name = element("div", block_value(item.name)) if item.name else element("div", "without a name", class_="absent")
    return element(
        "article",
        element("header", change, name, element("span", block_value(item.id, _ID_LIMIT), class_="digest")),
        _parent(item.parent),
        _way_back(item),
        _attributes(item),
        _links(item.links),
        class_="object",
    )


def _parent(parent: Sequence[str]) -> Markup | None:
    if not parent:
        return None
    words = joined((element("span", inline_value(part, _ID_LIMIT), class_="digest") for part in parent), " / ")
    return element("div", "in ", words, class_="where")


def _way_back(item: ObjectDifference) -> Markup:
    action: Node = _ACTIONS.get(item.action) or inline_value(item.action or "not stated")
    return element("div", "To put it back: ", action, _actor(item.actor), class_="where")


def _actor(actor: Actor | None) -> Markup | None:
    if actor is None:
        return None
    when: tuple[Node, ...] = (" on ", inline_value(instant_text(actor.when))) if actor.when else ()
    activity: tuple[Node, ...] = (" (", inline_value(actor.activity), ")") if actor.activity else ()
    return element("span", " · By ", element("b", inline_value(actor.who or "unknown")), *when, *activity)


def _attributes(item: ObjectDifference) -> Markup | None:
    if not item.attributes:
        return None
    shown = item.attributes[:ATTRIBUTES_SHOWN]
    columns = _columns(item.change, shown)
    headings = (element("th", text, scope="col") for text in ("Attribute", *columns.values()))
    rows = [_attribute(attribute, columns) for attribute in shown]
    class_ = "compared" if len(columns) > 1 else "compared single"
    body = element("table", element("thead", element("tr", *headings)), element("tbody", *rows), class_=class_)
    rest = len(item.attributes) - len(shown)
    note = element("p", f"{counted(rest, 'more attribute')} in the JSON document.") if rest else None
    if item.change == CHANGED or len(item.attributes) <= _ATTRIBUTES_OPEN:
        return joined((body, note))
    label = element("summary", counted(len(item.attributes), "attribute"))
    return element("details", label, body, note, class_="more")


def _columns(change: str, attributes: Sequence[Attribute]) -> Mapping[str, str]:
    """Both sides, unless the object is on one side only and the other side of every attribute is empty."""
    if change == ADDED and all(_is_empty(attribute.before) for attribute in attributes):
        return {"is": "Value"}
    if change == REMOVED and all(_is_empty(attribute.after) for attribute in attributes):
        return {"was": "Value"}
    return {"was": "Before", "is": "After"}


def _is_empty(value: object) -> bool:
    return value is None or isinstance(value, Absent)


def _attribute(attribute: Attribute, columns: Mapping[str, str]) -> Markup:
    before, after = contrast_of(attribute.before, attribute.after, marked=len(columns) > 1)
    sides = {"was": before, "is": after}
    path = element("th", element("span", block_value(attribute.path or "/"), class_="path"), scope="row")
    cells = (element("td", element("div", sides[side], class_="value"), class_=side) for side in columns)
    return element("tr", path, *cells)


def _links(links: Sequence[Link]) -> Markup | None:
    if not links:
        return None
    ordered = sorted(links, key=lambda link: CHANGES.index(link.change))
    lines = [_link(link) for link in ordered[:LINKS_SHOWN]]
    rest = len(ordered) - len(lines)
    if rest:
        removed = sum(link.change == REMOVED for link in ordered[LINKS_SHOWN:])
        kinds = f"{count_text(removed)} removed, {count_text(rest - removed)} added"
        lines.append(element("li", f"{counted(rest, 'more link')} in the JSON document: {kinds}."))
    return element("ul", *lines, class_="links")


def _link(link: Link) -> Markup:
    change = element("span", f"{_GLYPHS[link.change]} {link.change}", class_=f"change {link.change}")
    target: list[Node] = [element("b", inline_value(link.name)), " "] if link.name else []
    target.append(element("span", inline_value(link.id, _ID_LIMIT), class_="digest"))
    words: Node = inline_value(link.relation)
    return element("li", change, " ", words, ": ", *target)
