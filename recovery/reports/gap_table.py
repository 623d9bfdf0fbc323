"""The gaps of snapshots in words: what could not be read, in which snapshots, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recovery.blind_spots import NOT_ASKED
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.page import Section, table
from recovery.reports.value import block_value, camel_value, inline_value
from recovery.reports.verdict_document import Snapshot
from verify.gap import Gap
from verify.wording import counted, ranged

GAP_ROWS = 200
"""Rows of gaps that a page shows; a tenant without a licence has about 20."""
_DETAIL_LIMIT = 240  # characters

_REASONS = {
    "forbidden": "Graph refused: a permission is missing",
    "licence-missing": "the tenant has no licence for it",
    "delegated-only": "Graph gives it to signed-in people only, not to an application",
    "throttled-out": "Graph's limits left no time for it",
    "malformed-page": "Graph sent a page that can't be read",
    "unreachable": "Graph could not be reached",
    "server-error": "Graph answered with an error",
    "not-found": "Graph does not know it",
    "foreign-link": "Graph pointed to another host",
    "interrupted": "it was cut off before its end",
    NOT_ASKED: "the run was not asked for it",
}


def reason_words(reason: str) -> Markup:
    """A gap's reason in words, with the word of the format behind it."""
    words = _REASONS.get(reason)
    code = element("span", inline_value(reason), class_="tag")
    return joined((words, " ", code)) if words else code


def gap_place(gap: Gap) -> Markup:
    """Which part of a collection a gap concerns."""
    if gap.relation is None and gap.id is None:
        return element("span", "the whole collection")
    words: list[Node] = []
    if gap.relation is not None:
        words += ["relation ", element("code", camel_value(gap.relation))]
    if gap.id is not None:
        words += [" of object " if words else "object ", element("code", inline_value(gap.id))]
    elif gap.relation is not None:
        words.append(" of all objects")
    return element("span", *words)


def gap_section(snapshots: Sequence[Snapshot]) -> Iterator[Section]:
    """The section on gaps; none if there is no snapshot."""
    if not snapshots:
        return
    found: dict[Gap, list[int]] = {}
    for snapshot in snapshots:
        for gap in dict.fromkeys(snapshot.gaps or ()):
            found.setdefault(gap, []).append(snapshot.sequence)
    numbered = [snapshot for snapshot in snapshots if snapshot.gaps is None and snapshot.gap_count]
    newest = snapshots[-1].sequence
    rows = sorted(found.items(), key=lambda item: (item[1][-1] != newest, item[0].collection))
    parts: list[Markup] = [_lead(snapshots)]
    if rows:
        headings = (("Collection", None), ("What is missing, and why", None), ("Snapshots", "slim"))
        parts.append(table(headings, [_row(gap, numbers) for gap, numbers in rows[:GAP_ROWS]]))
    if len(rows) > GAP_ROWS:
        more = counted(len(rows) - GAP_ROWS, "more gap is", "more gaps are")
        parts.append(element("p", f"{more} in the JSON document."))
    if numbered:
        noun = "snapshot" if len(numbered) == 1 else "snapshots"
        numbers = ranged([snapshot.sequence for snapshot in numbered])
        parts.append(element("p", f"Of {noun} {numbers} this document gives only the number of gaps."))
    yield Section("gaps", "Gaps", joined(parts))


def _lead(snapshots: Sequence[Snapshot]) -> Markup:
    newest = snapshots[-1]
    if not any(snapshot.gap_count for snapshot in snapshots):
        return element("p", "Every collection that was asked for was read whole, in every snapshot.", class_="lead")
    count = counted(newest.gap_count, "gap") if newest.gap_count else "no gap"
    return element(
        "p",
        f"The newest snapshot ({newest.sequence}) has {count}. A gap is a part of the tenant that could not be read. "
        "It is signed like everything else, and does not change the verdict; what it names is not in the archive.",
        class_="lead",
    )


def _row(gap: Gap, numbers: list[int]) -> Markup:
    detail = element("div", block_value(gap.detail, _DETAIL_LIMIT)) if gap.detail else None
    return element(
        "tr",
        element("th", element("b", camel_value(gap.collection)), scope="row"),
        element("td", gap_place(gap), ": ", reason_words(gap.reason), detail),
        element("td", ranged(numbers)),
    )
