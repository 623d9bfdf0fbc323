"""The objects that differ, collection by collection: what each is, what changed in it, and what would put it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recovery.exact_json import exact_json_of
from recovery.kind_of_object import SHOWN_WHOLE
from recovery.named_id import NamedId, named_ids_of
from recovery.reports.contrast import contrast_of, words_contrast
from recovery.reports.difference_document import (
    ADDED,
    CHANGED,
    CHANGES,
    REMOVED,
    Attribute,
    Link,
    ObjectDifference,
)
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.number import count_text
from recovery.reports.privilege import power_sentence
from recovery.reports.value import block_value, inline_value
from recovery.show_command import show_command_of
from recovery.way_back import SET_BY_MICROSOFT, is_set_by_microsoft, is_somebodys_work, remarks_on
from recovery.word_set import word_changes_of
from verify.wording import counted

OBJECTS_SHOWN = 200
"""Objects of one collection that go onto the page."""
ATTRIBUTES_SHOWN = 60
"""Attributes of one object; a user has about 130 properties, of which a change touches a few."""
LINKS_SHOWN = 50
"""Links of one object; the rest is counted."""
_ATTRIBUTES_OPEN = 8  # of an object that was added or removed; more stand behind a disclosure
_NAMED_IDS_SHOWN = 20  # under one value
_SENTENCE_LIMIT = 600  # characters; five roles and permissions have some 200
_ID_LIMIT = 80  # characters; a GUID has 36, a composite id about 75
_TRAIT_LIMIT = 160  # characters; a membership rule says in its first clause whom it lets in
_COMMAND_LIMIT = 300
_GLYPHS = {REMOVED: "−", CHANGED: "~", ADDED: "+"}
CAUSES_SHOWN = 3
"""Removed objects that are named as what a change follows from; the rest is counted."""
_ACTIONS = {
    "update": "update it with what it had before",
    "restore": "restore it from the recycle bin, with its id",
    "recreate": "create it again, under a new id",
    "soft-delete": "move it to the recycle bin",
    "delete": "delete it",
    "none": "nothing",
}


def object_list(objects: Sequence[ObjectDifference], where: str, snapshots: Mapping[str, int]) -> Markup:
    """The objects of one collection, at most OBJECTS_SHOWN, and in words how many are left out.

    `where` says where the complete list is, `snapshots` in which snapshot a removed or an added object is.
    """
    shown = _chosen(objects)
    rest = len(objects) - len(shown)
    parts: list[Node] = []
    if rest > 0:
        kinds = ", ".join(f"{count_text(sum(item.change == kind for item in shown))} {kind}" for kind in CHANGES)
        total = count_text(len(objects))
        words = (
            f"{counted(len(shown), f'of {total} objects is', f'of {total} objects are')} shown ({kinds}); "
            f"{counted(rest, 'is', 'are')} left out here. All of them are in {where}."
        )
        parts.append(element("p", words, class_="notice"))
    parts += [_object(item, snapshots.get(item.change)) for item in shown]
    return joined(parts)


def _chosen(objects: Sequence[ObjectDifference]) -> list[ObjectDifference]:
    """Removed, changed, added, then what nobody did by itself; when there are too many, each kind has its share."""
    news = [item for item in objects if _is_news(item)]
    kinds = [[item for item in news if item.change == kind] for kind in CHANGES]
    kinds.append([item for item in objects if not _is_news(item)])
    share = OBJECTS_SHOWN // len(kinds)
    room = OBJECTS_SHOWN - sum(min(len(items), share) for items in kinds)
    chosen: list[ObjectDifference] = []
    for items in kinds:
        extra = min(max(len(items) - share, 0), room)
        room -= extra
        chosen += items[: share + extra]
    return chosen


def _is_news(item: ObjectDifference) -> bool:
    """Whether somebody did this: it follows from no other change, and there is something to put back."""
    return not item.follows_from and is_somebodys_work(item.action, item.why_none)


def _object(item: ObjectDifference, snapshot: int | None) -> Markup:
    change = element("span", f"{_GLYPHS[item.change]} {item.change}", class_=f"change {item.change}")
    name = element("div", block_value(item.name)) if item.name else element("div", "without a name", class_="absent")
    id_ = element("span", block_value(item.id, _ID_LIMIT), class_="digest")
    return element(
        "article",
        element("header", change, name, id_),
        _parent(item),
        _traits(item),
        _power(item),
        _way_back(item),
        _attributes(item),
        _links(item.links),
        _whole(item, snapshot),
        class_="object",
    )


def _traits(item: ObjectDifference) -> Markup | None:
    """What an added or removed object is."""
    if not item.traits:
        return None
    told = (joined((inline_value(name), " ", element("b", _trait(value)))) for name, value in item.traits.items())
    return element("div", joined(told, " · "), class_="where")


def _trait(value: object) -> Markup:
    return inline_value(value if isinstance(value, str) else exact_json_of(value), _TRAIT_LIMIT)


def _whole(item: ObjectDifference, snapshot: int | None) -> Markup | None:
    """How to see all of an object of which only traits are shown."""
    if snapshot is None or item.collection in SHOWN_WHOLE:
        return None
    command = show_command_of("ARCHIVE", item.collection, item.id, item.parent, snapshot)
    return element("div", "All of it: ", element("code", inline_value(command, _COMMAND_LIMIT)), class_="where")


def _power(item: ObjectDifference) -> Markup | None:
    """Why it counts as privileged, where its collection does not say so, or that nobody knows."""
    if item.privilege_unknown:
        sources = joined((inline_value(name) for name in item.privilege_unknown), ", ")
        unknown = element("b", "UNKNOWN")
        return element("div", "Privileged: ", unknown, ": not read, or not wholly: ", sources, class_="where")
    if item.privileged in ("", "collection"):
        return None
    reason: tuple[Node, ...] = ()
    if item.powers:
        reason = (": ", inline_value(power_sentence(item.privileged, item.powers), _SENTENCE_LIMIT))
    return element("div", "Privileged: ", element("b", inline_value(item.privileged)), *reason, class_="where")


def _parent(item: ObjectDifference) -> Markup | None:
    if not item.parent:
        return None
    words = joined((element("span", inline_value(part, _ID_LIMIT), class_="digest") for part in item.parent), " / ")
    name: tuple[Node, ...] = (element("b", inline_value(item.parent_name)), " · ") if item.parent_name else ()
    return element("div", "In ", *name, words, class_="where")


def _way_back(item: ObjectDifference) -> Markup:
    reason: tuple[Node, ...] = (": ", inline_value(item.why_none)) if item.why_none else ()
    remarks = remarks_on(item.action, synchronised=item.synchronised, recycle_bin_unread=item.recycle_bin_unread)
    noted = f" ({remarks})" if remarks else None
    return element("div", "To put it back: ", _ACTIONS[item.action], *reason, noted, _causes(item), class_="where")


def _causes(item: ObjectDifference) -> Markup | None:
    if not item.follows_from:
        return None
    names = joined((element("b", inline_value(name)) for name in item.follows_from[:CAUSES_SHOWN]), ", ")
    rest = len(item.follows_from) - CAUSES_SHOWN
    more = f" and {counted(rest, 'other')}" if rest > 0 else None
    return element("span", " · Follows from the removal of ", names, more)


def _attributes(item: ObjectDifference) -> Markup | None:
    if not item.attributes:
        return None
    shown = item.attributes[:ATTRIBUTES_SHOWN]
    columns = _columns(item.change, shown)
    headings = (element("th", text, scope="col") for text in ("Attribute", *columns.values()))
    rows = [_attribute(item, attribute, columns) for attribute in shown]
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
    if change == ADDED and all(attribute.before is None for attribute in attributes):
        return {"is": "Value"}
    if change == REMOVED and all(attribute.after is None for attribute in attributes):
        return {"was": "Value"}
    return {"was": "Before", "is": "After"}


def _attribute(item: ObjectDifference, attribute: Attribute, columns: Mapping[str, str]) -> Markup:
    marked = len(columns) > 1
    before, after = _values(item.collection, attribute, marked=marked)
    sides = {
        "was": joined((before, _meaning(attribute.before, attribute.after, item.names, "del" if marked else None))),
        "is": joined((after, _meaning(attribute.after, attribute.before, item.names, "ins" if marked else None))),
    }
    unwritten = is_set_by_microsoft(item.collection, attribute.path) and item.change == CHANGED
    note = element("small", f" {SET_BY_MICROSOFT}") if unwritten else None
    path = element("th", element("span", block_value(attribute.path or "/"), class_="path"), note, scope="row")
    cells = (element("td", element("div", sides[side], class_="value"), class_=side) for side in columns)
    return element("tr", path, *cells)


def _values(collection: str, attribute: Attribute, *, marked: bool) -> tuple[Markup, Markup]:
    """Both sides, with what differs marked; of a set of words, the words."""
    changes = word_changes_of(collection, attribute.path, attribute.before, attribute.after)
    if changes is None:
        return contrast_of(attribute.before, attribute.after, marked=marked)
    before, after = str(attribute.before), str(attribute.after)
    return words_contrast(before, changes.removed, "del"), words_contrast(after, changes.added, "ins")


def _meaning(value: object, other: object, names: Mapping[str, str], mark: str | None) -> Markup | None:
    """What an id stands for, beside it; of a list or an object, each id that has a name, with it.

    An id that `other` lacks stands in `mark`, if there is one.
    """
    if isinstance(value, str):
        name = names.get(value)
        return joined((" ", element("b", inline_value(name)))) if name else None
    found = named_ids_of(value, other, names)
    lines = [_named_id(one, mark) for one in found[:_NAMED_IDS_SHOWN]]
    if found[_NAMED_IDS_SHOWN:]:
        rest = counted(len(found) - _NAMED_IDS_SHOWN, "more id has a name", "more ids have names")
        lines.append(element("li", f"{rest} in the JSON document."))
    return element("ul", *lines, class_="links") if lines else None


def _named_id(named: NamedId, mark: str | None) -> Markup:
    name = element("b", inline_value(named.name))
    shown = element(mark, name) if mark and named.alone else name
    return element("li", element("span", inline_value(named.id, _ID_LIMIT), class_="digest"), " ", shown)


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
