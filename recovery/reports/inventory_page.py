"""The HTML report of an inventory: the JSON document of `strongroom inventory`, for whoever rebuilds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recovery.inventory.entry import GROUPS, NO_SECRET, POWERFUL, VALID
from recovery.inventory.escrow_match import MATCHED
from recovery.reports.inventory_document import Inventory, inventory_document_of
from recovery.reports.inventory_table import escrow_table, item_table, other_table, to_do_table, unknown_table
from recovery.reports.inventory_wording import (
    GROUP_HEADINGS,
    ORDER,
    called,
    found_tallies,
    kinds_of_secrets,
    present_kinds,
    summary_text,
)
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.member import Document
from recovery.reports.number import count_text, instant_text
from recovery.reports.page import Frame, Section, facts, page
from recovery.reports.value import digest_value, inline_value
from verify.wording import counted

_KINDS_IN_LEAD: Final = 4


def inventory_page(document: Document, *, json_name: str | None = None) -> str:
    """The report as one self-contained HTML file. The same arguments give the same text.

    `json_name` is the name of the file that holds the whole JSON document; the page names it where it leaves
    something out.

    Raises:
        MalformedError: the document is not one of COMMANDS.md section 4.
    """
    read = inventory_document_of(document)
    where = json_name or "the JSON document (strongroom inventory --out FILE)"
    return page(
        Frame(
            title=f"What Graph never returns: snapshot {read.sequence}",
            kind="Inventory of what Graph never returns",
            opening=_opening(read),
            sections=list(_sections(read, where)),
            document=document,
            made_with="strongroom inventory --json",
            generated_at=read.made_at or None,
            simulated=read.simulated,
        )
    )


def _opening(read: Inventory) -> Markup:
    free = read.counts[POWERFUL] + read.counts[VALID]
    title = f"{counted(free, 'secret')} not escrowed" if read.secrets else "No secret to enter again"
    words: list[Node] = [f"{summary_text(read)}. "]
    kinds = kinds_of_secrets(read)
    if kinds:
        named = [f"{called(read, kind, number)} ({count_text(number)})" for kind, number in kinds.items()]
        more = f" and {counted(len(named) - _KINDS_IN_LEAD, 'other kind')}" if len(named) > _KINDS_IN_LEAD else ""
        words.append(f"They are {', '.join(named[:_KINDS_IN_LEAD])}{more}. ")
    if read.unknown:
        number = counted(len(read.unknown), "part of the tenant is", "parts of the tenant are")
        words += [element("b", f"{number} UNKNOWN"), ": what could not be read is not called none."]
    return joined((element("div", element("h1", title), element("p", *words), class_="titled"), _facts(read)))


def _facts(read: Inventory) -> Markup:
    within = read.expires_within
    return facts(
        (
            ("Snapshot", element("span", str(read.sequence), " (", inline_value(instant_text(read.taken_at)), ")")),
            ("Days are counted from", inline_value(instant_text(read.made_at))),
            ("Tenant", inline_value(read.tenant) if read.tenant else None),
            ("Archive", digest_value(read.archive_id)),
            ("Manifest (SHA-256)", digest_value(read.manifest_sha256)),
            ("Only these collections", inline_value(", ".join(read.collections)) if read.collections else None),
            ("Only what expires within", counted(within, "day") if within is not None else None),
        )
    )


def _sections(read: Inventory, where: str) -> Iterator[Section]:
    groups = [(group, [one for one in read.entries if one.group == group]) for group in GROUPS if group != NO_SECRET]
    parts: list[Markup] = [element("p", ORDER, class_="lead")]
    for group, items in groups:
        if items:
            number = element("small", counted(len(items), "entry", "entries"))
            parts.append(element("h3", GROUP_HEADINGS[group], number, class_="collection"))
            parts.append(item_table(read, items, where))
    if len(parts) > 1:
        yield Section("secrets", "To enter again", joined(parts))
    if read.others or found_tallies(read):
        yield Section("others", "Made anew, kept by somebody else, or archived", other_table(read))
    loose = [(kept, state) for kept, state in read.escrow if state != MATCHED]
    if loose:
        yield Section("escrow", "Escrowed files that are for no entry", escrow_table(loose, where))
    missing = [] if read.expires_within is not None else read.missing
    if read.unknown or missing:
        yield Section("unknown", "Unknown, and not archived", unknown_table(read, missing))
    if present_kinds(read):
        yield Section("to-do", "What to do", to_do_table(read))
    if read.expires_within is None:
        rows = (
            element("li", element("b", inline_value(what)), ": ", inline_value(to_do, 400))
            for what, to_do in read.unprovable
        )
        lead = element("p", "No record of Graph's says whether there are any.", class_="lead")
        yield Section("unprovable", "What no record proves or denies", joined((lead, element("ul", *rows))))
