"""The HTML report of a difference: the JSON document of `strongroom diff`, for a manager and for an engineer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recovery.reports.difference_document import ADDED, REMOVED, Difference, ObjectDifference, difference_of
from recovery.reports.difference_opening import difference_opening
from recovery.reports.difference_table import summary_section, unknown_section
from recovery.reports.markup import Markup, element, joined
from recovery.reports.member import Document
from recovery.reports.object_list import object_list
from recovery.reports.page import Frame, Section, page
from recovery.reports.privilege import reading_order_of_object
from recovery.reports.value import camel_value
from verify.wording import counted

Group = tuple[str, bool]
"""A collection, and whether its privileged objects are meant or the others."""


def difference_page(difference: Document, *, generated_at: str | None = None, json_name: str | None = None) -> str:
    """The report as one self-contained HTML file. The same arguments give the same text.

    `generated_at` is an RFC 3339 instant, or None to leave the time out. `json_name` is the name of the file that
    holds the whole JSON document; the page names it where it leaves something out.

    Raises:
        MalformedError: the document is not one of COMMANDS.md section 4.
    """
    read = difference_of(difference)
    groups = _groups_of(read)
    anchors = {group: f"collection-{number}" for number, group in enumerate(groups, start=1)}
    where = json_name or "the JSON document (strongroom diff --out FILE)"
    bodies = _bodies(anchors, groups, where, {REMOVED: read.before.sequence, ADDED: read.after.sequence})
    first_anchors = {name: anchor for (name, _), anchor in reversed(anchors.items())}
    sections = [summary_section(read, first_anchors), *unknown_section(read)]
    for anchor, heading, wanted in (("privileged", "Privileged", True), ("others", "Others", False)):
        parts = [body for (_, privileged), body in bodies.items() if privileged is wanted]
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


def _groups_of(difference: Difference) -> dict[Group, list[ObjectDifference]]:
    """The objects of each group, in reading order."""
    found: dict[Group, list[ObjectDifference]] = {}
    for item in difference.objects:
        found.setdefault((item.collection, bool(item.privileged)), []).append(item)
    return dict(sorted(found.items(), key=lambda entry: (not entry[0][1], reading_order_of_object(*entry[0]))))


def _bodies(
    anchors: Mapping[Group, str],
    groups: Mapping[Group, Sequence[ObjectDifference]],
    where: str,
    snapshots: Mapping[str, int],
) -> dict[Group, Markup]:
    """Heading and objects of each group."""
    bodies = {}
    for group, objects in groups.items():
        number = element("small", counted(len(objects), "object differs", "objects differ"))
        heading = element("h3", camel_value(group[0]), number, id=anchors[group], class_="collection")
        bodies[group] = joined((heading, object_list(objects, where, snapshots)))
    return bodies
