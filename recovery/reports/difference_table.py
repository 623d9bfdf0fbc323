"""The difference collection by collection as a table with stacked bars, and the parts that nobody could compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recovery.reports.bar import Part, bar, swatch
from recovery.reports.difference_document import Counts, Difference, UncomparedPart, privileged_numbers_of
from recovery.reports.gap_table import GAP_ROWS, gap_place, reason_words
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.number import count_text
from recovery.reports.page import Section, table
from recovery.reports.privilege import is_privileged, reading_order, reading_order_of_object
from recovery.reports.value import block_value, camel_value, inline_value
from verify.wording import counted

_DETAIL_LIMIT = 240  # characters
_HEADINGS = (
    ("Collection", None),
    ("− removed", "number"),
    ("~ changed", "number"),
    ("+ added", "number"),
    ("To scale", "roomy"),
)


def unknown_collections(difference: Difference) -> dict[str, bool]:
    """Collections with a gap, and whether the whole of the collection is unknown."""
    found: dict[str, bool] = {}
    for unknown in difference.unknown:
        gap = unknown.gap
        whole = gap.relation is None and gap.id is None
        found[gap.collection] = found.get(gap.collection, False) or whole
    return found


def summary_section(difference: Difference, anchors: Mapping[str, str]) -> Section:
    """One row for each collection that differs or is unknown. `anchors` says where on the page its objects stand."""
    unknown = unknown_collections(difference)
    powers = privileged_numbers_of(difference)
    shown = sorted({*difference.summary, *unknown}, key=lambda name: reading_order_of_object(name, powers[name] > 0))
    if not shown:
        return Section("collections", "By collection", element("p", "Nothing that was compared differs."))
    scale = max((counts.total for counts in difference.summary.values()), default=0)
    rows = [
        _row(
            _heading(name, powers[name], unknown.get(name), anchors.get(name)),
            difference.summary.get(name, Counts(0, 0, 0)),
            unknown.get(name),
            scale,
        )
        for name in shown
    ]
    body = joined((element("p", *_key(bool(unknown)), class_="lead"), table(_HEADINGS, rows)))
    return Section("collections", "By collection", body)


def unknown_section(difference: Difference) -> Iterator[Section]:
    """The gaps; none if there are none."""
    parts = [*_uncompared(difference.unknown), *_unjudged(difference.privilege_unknown)]
    if parts:
        yield Section("unknown", "Unknown", joined(parts))


def _uncompared(unknown: Sequence[UncomparedPart]) -> Iterator[Markup]:
    lead = (
        "These parts could not be read on one side or both. Whether anything in them was added, removed or changed is "
        "UNKNOWN; none of it is counted as unchanged."
    )
    yield from _gap_list(lead, unknown)


def _unjudged(unknown: Sequence[UncomparedPart]) -> Iterator[Markup]:
    lead = (
        "These parts say who holds power. They were not read on one side or both, so that whether some of the changes "
        "are privileged is UNKNOWN; each of these changes says so."
    )
    yield from _gap_list(lead, unknown)


def _gap_list(lead: str, unknown: Sequence[UncomparedPart]) -> Iterator[Markup]:
    if not unknown:
        return
    ordered = sorted(unknown, key=lambda one: reading_order(one.gap.collection))
    yield element("p", lead, class_="lead")
    rows = [_unknown_row(one) for one in ordered[:GAP_ROWS]]
    yield table((("Collection", None), ("What is missing, and why", None)), rows)
    if len(ordered) > GAP_ROWS:
        rest = counted(len(ordered) - GAP_ROWS, "more is", "more are")
        yield element("p", f"{rest} in the JSON document.")


def _privilege_tag(name: str, number: int) -> Markup | None:
    """The word that marks a privileged collection, and one in which some objects are; None for the others."""
    if is_privileged(name):
        return element("span", "privileged", class_="tag")
    return element("span", f"{count_text(number)} privileged", class_="tag") if number else None


def _key(unknown: bool) -> list[Node]:
    words = ["removed", "changed", "added", *(["unknown"] if unknown else [])]
    return [element("span", swatch(f"is-{word}"), word, class_="key-entry") for word in words]


def _heading(name: str, privileged: int, unknown: bool | None, anchor: str | None) -> list[Node]:
    label = camel_value(name)
    heading: list[Node] = [element("b", element("a", label, href=f"#{anchor}") if anchor else label)]
    if tag := _privilege_tag(name, privileged):
        heading += [" ", tag]
    if unknown is not None:
        heading += [" ", _unknown_tag("UNKNOWN" if unknown else "UNKNOWN in part")]
    return heading


def _row(heading: Sequence[Node], counts: Counts, unknown: bool | None, scale: int) -> Markup:
    if unknown and not counts.total:
        cells = [element("td", "not compared: it could not be read", colspan=3, class_="zero"), _hatched()]
    else:
        cells = [_number(counts.removed), _number(counts.changed), _number(counts.added), _bar(counts, scale)]
    return element("tr", element("th", *heading, scope="row"), *cells)


def _unknown_tag(text: str) -> Markup:
    return element("span", text, class_="tag unknown")


def _number(number: int) -> Markup:
    return element("td", count_text(number), class_="number" if number else "number zero")


def _bar(counts: Counts, scale: int) -> Markup:
    parts = (
        Part(counts.removed, "is-removed"),
        Part(counts.changed, "is-changed"),
        Part(counts.added, "is-added"),
    )
    words = (
        f"{count_text(counts.removed)} removed, {count_text(counts.changed)} changed, {count_text(counts.added)} added"
    )
    return element("td", bar(parts, scale, words), class_="roomy")


def _hatched() -> Markup:
    return element("td", bar((Part(1, "is-unknown"),), 1, "unknown"), class_="roomy")


def _unknown_row(unknown: UncomparedPart) -> Markup:
    gap = unknown.gap
    sides = element("span", "missing ", inline_value(" and ".join(unknown.sides)), class_="tag")
    detail = element("div", block_value(gap.detail, _DETAIL_LIMIT)) if gap.detail else None
    return element(
        "tr",
        element("th", element("b", camel_value(gap.collection)), " ", _unknown_tag("UNKNOWN"), scope="row"),
        element("td", gap_place(gap), ": ", reason_words(gap.reason), " ", sides, detail),
    )
