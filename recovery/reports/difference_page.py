"""The HTML report of a difference: the JSON document of `strongroom diff`, for a manager and for an engineer.

Shapes that are shown beyond those of COMMANDS.md section 4, all optional: `before` and `after` are a sequence number,
a word ("live") or an object with `sequence`, `taken_at` and `state_root`; a member of `unknown` is a gap object
with `in`, the side that has it ("before" or "after"); an object may have `parent` (array of strings); an attribute
without `before` or `after` is absent on that side; `summary` may hold collections that were compared and do not
differ; the document may have `archive`, `tenant` and `simulated`.
"""

from __future__ import annotations

from collections.abc import Mapping

from recovery.reports.difference_document import Difference, difference_of
from recovery.reports.difference_opening import difference_opening
from recovery.reports.difference_table import summary_section, unknown_section
from recovery.reports.markup import Markup, element, joined
from recovery.reports.member import Document
from recovery.reports.object_list import object_list, objects_by_collection
from recovery.reports.page import Frame, Section, page
from recovery.reports.privilege import is_privileged, reading_order
from recovery.reports.value import camel_value
from verify.wording import counted


def difference_page(difference: Document, *, generated_at: str | None = None, json_name: str | None = None) -> str:
    """The report as one self-contained HTML file. The same arguments give the same text.

    `generated_at` is an RFC 3339 instant, or None to leave the time out. `json_name` is the name of the file that
    holds the whole JSON document; the page names it where it leaves something out.

    Raises:
        MalformedError: the document is not one of COMMANDS.md section 4.
    """
    read = difference_of(difference)
    order = sorted((name for name, counts in read.summary.items() if counts.total), key=reading_order)
    anchors = {name: f"collection-{number}" for number, name in enumerate(order, start=1)}
    bodies = _bodies(read, anchors, json_name or "the JSON document (strongroom diff --out FILE)")
    sections = [summary_section(read, anchors), *unknown_section(read)]
    for anchor, heading, wanted in (
        ("privileged", "Privileged collections", True),
        ("others", "Other collections", False),
    ):
        parts = [body for name, body in bodies.items() if is_privileged(name) is wanted]
        if parts:
            sections.append(Section(anchor, heading, joined(parts)))
    return page(
        Frame(
            title=f"Difference of {read.before.name} and {read.after.name}",
            kind="Report of a difference",
            opening=difference_opening(read),
            sections=sections,
            document=difference,
            made_with="strongroom diff --json",
            generated_at=generated_at,
            simulated=read.simulated,
        )
    )


def _bodies(difference: Difference, anchors: Mapping[str, str], where: str) -> dict[str, Markup]:
    """Heading and objects of each collection, in reading order."""
    objects = objects_by_collection(difference.objects)
    bodies = {}
    for name, anchor in anchors.items():
        total = difference.summary[name].total
        number = element("small", counted(total, "object differs", "objects differ"))
        heading = element("h3", camel_value(name), number, id=anchor, class_="collection")
        bodies[name] = joined((heading, object_list(objects.get(name, ()), total, where)))
    return bodies
