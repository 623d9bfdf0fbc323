"""Files of an archive that no proof speaks of: named, so that nobody takes them for part of it."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.reports.markup import Markup, element, joined
from recovery.reports.number import count_text
from recovery.reports.page import Section
from recovery.reports.value import inline_value
from recovery.reports.verdict_document import Verdict

NAMES_SHOWN = 50
"""Names of each sort that a page shows."""


def stray_section(verdict: Verdict) -> Iterator[Section]:
    """The section on such files; none if there are none."""
    missing = "of the entries that are not here, or " if verdict.behind else ""
    origin = f"{missing}left by a run that was cut off"
    sorts = (
        ("Entries that no checkpoint commits to yet", verdict.pending),
        (f"Bundles that no manifest names, {origin}", verdict.orphans),
        ("Files that are no part of an archive", verdict.strays),
    )
    parts = [_names(heading, names) for heading, names in sorts if names]
    if parts:
        lead = element("p", "These files prove nothing and disprove nothing; no check speaks of them.", class_="lead")
        yield Section("strays", "Other files", joined((lead, *parts)))


def _names(heading: str, names: tuple[str, ...]) -> Markup:
    items = [element("li", inline_value(name), class_="digest") for name in names[:NAMES_SHOWN]]
    rest = len(names) - NAMES_SHOWN
    if rest > 0:
        items.append(element("li", f"{count_text(rest)} more are in the JSON document."))
    return joined((element("h3", heading), element("ul", *items, class_="links")))
