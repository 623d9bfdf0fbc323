"""What Graph has for an archive, what of it is read, and what three others read: the document COVERAGE.md.

    python -m archiver.graph.coverage > archiver/graph/COVERAGE.md

writes it from `coverage.json`, which lists everything that is known to be there, and the catalogue.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import msgspec

from archiver.graph.catalogue import Catalogue, load_catalogue
from archiver.graph.permission import permissions_of

_SHARES = {"yes": "yes", "part": "in part", "no": "no"}
_HEAD = """\
# What is read from a tenant

Everything that Microsoft Graph is known to have for an archive of a tenant, and what becomes of it here. Made from
`archiver/graph/coverage.json` and the catalogue by `python -m archiver.graph.coverage`; a test compares.

`collections = ["all"]` reads what is marked **read**. What is marked *when named* is read when `export.collections`
names it, for the reason that stands below. Nothing is left out in silence: what has no collection says why. Rows whose
name ends in `OnBeta` read again, whole, what v1.0 gives without properties that beta alone has; v1.0 is what `all`
reads wherever it will do, since Microsoft changes beta without notice.

Beside it, who else reads it: EntraExporter as of 2025-11, whose members and owners miss service principals because
v1.0 leaves them out; Microsoft Entra Backup and Recovery, whose "in part" is its published list of properties; Keepit
by its documents. "No" means that no document was found that says so. Where Graph documents no permission or no
version, the row says that it is read only when it is named; nothing here was tried on a live tenant.
"""


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether somebody else reads it: yes, part or no."""

    entra_exporter: str
    microsoft: str
    keepit: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation, a contained collection or a stream of an entry: what reads it, or why nothing does."""

    what: str
    collections: tuple[str, ...] = ()
    why_not: str | None = None


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that Graph has; `collections` may name relations and streams as `COLLECTION.NAME`.

    `properties` are those that come only when they are asked for, as far as the first selecting row does not name
    them; `beside` is what belongs to it and lies elsewhere.
    """

    what: str
    area: str
    path: str
    version: str
    collections: tuple[str, ...]
    peers: Peers
    why_not: str | None = None
    parts: tuple[Part, ...] = ()
    properties: tuple[Part, ...] = ()
    beside: tuple[Part, ...] = ()


@cache
def load_coverage() -> tuple[Entry, ...]:
    """Gives all entries, in order of areas."""
    return msgspec.json.decode((files("archiver.graph") / "coverage.json").read_bytes(), type=tuple[Entry, ...])


def document_of(entries: Iterable[Entry], catalogue: Catalogue) -> str:
    """Gives the document as Markdown."""
    parts = (
        _tables_of(entries, catalogue),
        _reasons_of(catalogue),
        _selected_of(catalogue),
        _permissions_of(catalogue),
    )
    return "\n".join([_HEAD, *(line for part in parts for line in part)])


def _tables_of(entries: Iterable[Entry], catalogue: Catalogue) -> Iterator[str]:
    reasons = _reasons_by_name(catalogue)
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
        peers = " | ".join(_SHARES[share] for share in msgspec.structs.astuple(entry.peers))
        fate = _fate_of(entry.collections, entry.why_not, reasons)
        yield f"| {entry.what} `{entry.path.replace('|', ', ')}` {entry.version} | {fate} | {peers} |"
        for part in (*entry.parts, *entry.properties, *entry.beside):
            yield f"| · {part.what} | {_fate_of(part.collections, part.why_not, reasons)} | | | |"


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


def _reasons_of(catalogue: Catalogue) -> Iterator[str]:
    yield from ("", "## Read only when named", "", "| name | why |", "|---|---|")
    for name, reason in _reasons_by_name(catalogue).items():
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
            yield f"| `{row.collection}` | {', '.join([*names, *guarded])} |"


def _permissions_of(catalogue: Catalogue) -> Iterator[str]:
    yield from ("", "## Permissions for `all`", "", "The least that Graph documents, none of which may write.", "")
    yield from (f"- {name}" for name in permissions_of(catalogue.chosen(["all"])))
    yield ""


if __name__ == "__main__":
    sys.stdout.write(document_of(load_coverage(), load_catalogue()))
