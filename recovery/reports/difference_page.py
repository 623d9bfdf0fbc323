"""The HTML report of a difference: the JSON document of `strongroom diff`, for a manager and for an engineer.

Shapes that are shown beyond those of CONTRACT section 4, all optional: `before` and `after` are a sequence
number, a word ("live") or an object with `sequence`, `taken_at` and `state_root`; a member of `unknown` is a
gap object with `in`, the side that has it ("before" or "after"); an object may have `parent` (array of strings); an attribute
without `before` or `after` is absent on that side, null being a value; the document may have `archive`, `tenant`
and `simulated`.
"""

from __future__ import annotations

from recovery.reports.difference_document import Counts, Difference, Moment, difference_of
from recovery.reports.difference_table import (
    privilege_tag,
    summary_section,
    unknown_collections,
    unknown_section,
)
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.member import Document
from recovery.reports.number import count_text, instant_text, plural_text
from recovery.reports.object_list import object_list, objects_by_collection
from recovery.reports.page import Frame, Section, facts, page
from recovery.reports.privilege import is_privileged, reading_order
from recovery.reports.value import block_value, inline_value

_NAMED_IN_LEAD = 4  # collections that the first paragraph names


def difference_page(difference: Document, *, generated_at: str | None = None, json_name: str | None = None) -> str:
    """The report as one self-contained HTML file. The same arguments give the same text.

    `generated_at` is an RFC 3339 instant, or None to leave the time out. `json_name` is the name of the file that
    holds the whole JSON document; the page names it where it leaves something out.

    Raises:
        MalformedError: the document is not one of CONTRACT section 4.
    """
    read = difference_of(difference)
    objects = objects_by_collection(read.objects)
    counts = {name: _count(read, name, len(items)) for name, items in objects.items()}
    listed = {name for name, count in read.summary.items() if count.total} | set(objects)
    order = sorted(listed, key=reading_order)
    anchors = {name: f"collection-{number}" for number, name in enumerate(order, start=1)}
    where = json_name or "the JSON document (strongroom diff --out FILE)"
    bodies = [
        (
            name,
            _collection(
                name, anchors[name], object_list(objects.get(name, ()), counts.get(name, _count(read, name, 0)), where)
            ),
        )
        for name in order
    ]
    sections = [summary_section(read, anchors), *unknown_section(read)]
    for anchor, heading, wanted in (
        ("privileged", "Privileged collections", True),
        ("others", "Other collections", False),
    ):
        parts = [body for name, body in bodies if is_privileged(name) is wanted]
        if parts:
            sections.append(Section(anchor, heading, joined(parts)))
    return page(
        Frame(
            title=f"Difference of {read.before.name} and {read.after.name}",
            kind="Report of a difference",
            opening=_opening(read),
            sections=sections,
            document=difference,
            made_with="strongroom diff --json",
            generated_at=generated_at,
            simulated=read.simulated,
        )
    )


def _count(difference: Difference, name: str, listed: int) -> int:
    return max(difference.summary.get(name, Counts(0, 0, 0)).total, listed)


def _collection(name: str, anchor: str, body: Markup) -> Markup:
    tag = privilege_tag() if is_privileged(name) else None
    return joined((element("h3", element("span", inline_value(name), class_="name"), " ", tag, id=anchor), body))


def _opening(difference: Difference) -> Markup:
    total = sum(counts.total for counts in difference.summary.values())
    title = f"{plural_text(total, 'object differs', 'objects differ')}" if total else "No difference found"
    if difference.unknown:
        title += ", and part is unknown" if total else " in what could be compared"
    lead = element("p", *_lead(difference, total))
    return joined((element("div", element("h1", title), lead, class_="titled"), _facts(difference)))


def _lead(difference: Difference, total: int) -> list[Node]:
    """The difference in one paragraph."""
    compared = [name for name in difference.summary if not unknown_collections(difference).get(name)]
    differing = [name for name, counts in difference.summary.items() if counts.total]
    words: list[Node] = ["Between ", *_moment_words(difference.before), " and ", *_moment_words(difference.after), ", "]
    if total:
        removed, changed, added = (
            sum(getattr(counts, change) for counts in difference.summary.values())
            for change in ("removed", "changed", "added")
        )
        words.append(
            f"{count_text(removed)} objects were removed, {count_text(changed)} changed and {count_text(added)} added, in "
            f"{count_text(len(differing))} of {plural_text(len(compared), 'collection')} that could be compared. "
        )
        words += _privileged_words(difference)
    else:
        words.append(f"nothing differs in the {plural_text(len(compared), 'collection')} that could be compared. ")
    if difference.unknown:
        number = len(difference.unknown)
        words += [
            element(
                "b",
                f"{plural_text(number, 'part')} of the tenant could not be compared and {'is' if number == 1 else 'are'} UNKNOWN",
            ),
            ", not unchanged.",
        ]
    return words


def _privileged_words(difference: Difference) -> list[Node]:
    found = {name: counts.total for name, counts in difference.summary.items() if counts.total and is_privileged(name)}
    if not found:
        return ["No privileged collection differs. "]
    most = sorted(found, key=lambda name: (-found[name], reading_order(name)))
    named = joined(
        (joined((inline_value(name), f" ({count_text(found[name])})")) for name in most[:_NAMED_IN_LEAD]), ", "
    )
    more = f" and {plural_text(len(most) - _NAMED_IN_LEAD, 'other')}" if len(most) > _NAMED_IN_LEAD else ""
    number = plural_text(sum(found.values()), "of them is", "of them are")
    return [element("b", f"{number} in privileged collections"), ": ", named, f"{more}. "]


def _moment_words(moment: Moment) -> list[Node]:
    words: list[Node] = [inline_value(moment.name)]
    if moment.taken_at:
        words.append(f" ({instant_text(moment.taken_at)})")
    return words


def _facts(difference: Difference) -> Markup:
    return facts(
        (
            ("Before", element("span", *_moment_words(difference.before))),
            ("After", element("span", *_moment_words(difference.after))),
            ("Tenant", block_value(difference.tenant) if difference.tenant else None),
            ("Archive", block_value(difference.archive) if difference.archive else None),
            ("State root before", _digest(difference.before.state_root)),
            ("State root after", _digest(difference.after.state_root)),
        )
    )


def _digest(text: str) -> Markup | None:
    return element("span", block_value(text), class_="digest") if text else None
