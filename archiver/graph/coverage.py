"""What Graph has for an archive, what of it is read, and what three others read: the document COVERAGE.md.

    python -m archiver.graph.coverage > archiver/graph/COVERAGE.md

writes it from `coverage.json`, which lists everything that is known to be there, and the catalogue.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import msgspec

from archiver.graph.catalogue import Catalogue, load_catalogue
from archiver.graph.comparison import comparison_of
from archiver.graph.coverage_entry import Entry, Peers, load_coverage, share_of
from archiver.graph.permission import needs_of, permissions_of

_SHARES = {"yes": "yes", "part": "in part", "no": "no"}
_EXTENSIONS = "every directory extension that the tenant has for {}; of objects that have a value of one"
_PERMISSIONS = (
    "The least that Graph documents, none of which may write. `strongroom init` prints the lines that grant them all,",
    "ready to paste; `strongroom doctor` names those that are missing, with what a run loses and the line that adds",
    "each.",
)
_HEAD = """\
# What is read from a tenant

Everything that Microsoft Graph is known to have for an archive of a tenant, and what becomes of it here. Made from
`archiver/graph/coverage.json` and the catalogue by `python -m archiver.graph.coverage`; a test compares.

`collections = ["all"]` reads what stands in the column "here" in **bold**. What stands there in *italics* is read only
when `export.collections` names it, for the reason that [stands below](#read-only-when-named). Nothing is left out in
silence: what has no collection says why. Rows whose name ends in `OnBeta` read again, whole, what v1.0 gives without
properties that beta alone has; v1.0 is what `all` reads wherever it will do, since Microsoft changes beta without
notice.

Beside it, who else reads it. EntraExporter: every cell was checked against its default schema, whole
(`src/Get-EEDefaultSchema.ps1` of 2025-11-16, with the commands that it calls); what it has for a signed-in person alone
counts too, and it was not run. Microsoft Entra Backup and Recovery: its published list, of whose properties "in part"
speaks. Keepit: its published coverage. "No" means that no document was found that says so. Where Graph documents no
permission or no version, the row says that it is read only when it is named; nothing here was tried on a live tenant.
What EntraExporter reads of Azure, which is not Graph, stands at the end of the tables.
"""


def document_of(entries: Iterable[Entry], catalogue: Catalogue) -> str:
    """Gives the document as Markdown."""
    entries, reasons = tuple(entries), _reasons_by_name(catalogue)
    parts = (
        comparison_of(entries, {name for name, reason in reasons.items() if reason is None}),
        _tables_of(entries, reasons),
        _reasons_of(reasons),
        _selected_of(catalogue),
        _permissions_of(catalogue),
    )
    return "\n".join([_HEAD, *(line for part in parts for line in part)])


def _tables_of(entries: Iterable[Entry], reasons: dict[str, str | None]) -> Iterator[str]:
    area = None
    for entry in entries:
        if entry.area != area:
            area = entry.area
            yield from (
                "",
                f"## {area}",
                "",
                "| what Graph has | here | EntraExporter | Microsoft | Keepit |",
                "|---|---|---|---|---|",
            )
        fate = _fate_of(entry.collections, entry.why_not, reasons)
        yield f"| {entry.what} `{entry.path.replace('|', ', ')}` {entry.version} | {fate} | {_cells_of(entry.peers)} |"
        for part in (*entry.parts, *entry.properties, *entry.beside):
            peers = f" {_cells_of(part.peers)} |" if part.peers else " | | |"
            yield f"| · {part.what} | {_fate_of(part.collections, part.why_not, reasons)} |{peers}"


def _cells_of(peers: Peers) -> str:
    shares = [share_of(text) for text in msgspec.structs.astuple(peers)]
    return " | ".join(f"{_SHARES[share]}{f': {remark}' if remark else ''}" for share, remark in shares)


def _fate_of(collections: Iterable[str], why_not: str | None, reasons: dict[str, str | None]) -> str:
    names = [f"**{name}**" if reasons[name] is None else f"*{name}*" for name in collections]
    return ", ".join(names) if names else f"not read: {why_not}"


def _reasons_by_name(catalogue: Catalogue) -> dict[str, str | None]:
    """Why each row, relation and stream is off; None if it is not."""
    reasons: dict[str, str | None] = {}
    for row in catalogue.collections:
        reasons[row.collection] = row.off
        reasons |= {f"{row.collection}.{one.name}": row.off or one.off for one in row.relations}
        reasons |= {f"{row.collection}.{one.name}": row.off or one.off for one in row.streams}
    return reasons


def _reasons_of(reasons: dict[str, str | None]) -> Iterator[str]:
    yield from ("", "## Read only when named", "", "| name | why |", "|---|---|")
    for name, reason in reasons.items():
        if reason is not None:
            yield f"| `{name}` | {reason} |"


def _selected_of(catalogue: Catalogue) -> Iterator[str]:
    yield from (
        "",
        "## Named in `$select`",
        "",
        "Of all other objects what Graph sends unasked is kept, whatever it is.",
        "",
    )
    yield from ("| name | properties |", "|---|---|")
    for row in catalogue.collections:
        if row.select:
            names = [f"`{name}`" for name in row.select]
            guarded = [f"`{one.property}` where {one.permission} is held" for one in row.guarded]
            extensions = [] if row.extensions_of is msgspec.UNSET else [_EXTENSIONS.format(row.extensions_of)]
            yield f"| `{row.collection}` | {', '.join([*names, *guarded, *extensions])} |"


def _permissions_of(catalogue: Catalogue) -> Iterator[str]:
    rows = catalogue.chosen(["all"])
    yield from ("", "## Permissions for `all`", "", *_PERMISSIONS, "", "| permission | for |", "|---|---|")
    needed_by: dict[str, list[str]] = {name: [] for name in permissions_of(rows)}
    for what, need in needs_of(rows):
        for name in (need.least, *need.besides):
            needed_by[name].append(f"`{what}`")
    yield from (f"| {name} | {', '.join(collections)} |" for name, collections in needed_by.items())
    yield ""


if __name__ == "__main__":
    sys.stdout.write(document_of(load_coverage(), load_catalogue()))
