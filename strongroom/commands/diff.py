"""Shows what differs between two snapshots, A (before) and B (after): by object, attribute and link.

Each entry names the action that would put it back. What a gap hides is listed as unknown.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recovery.difference import Difference, compare
from recovery.exact_json import exact_json_of
from recovery.reports.difference_page import difference_page
from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.errors import UsageError
from strongroom.option import add_archive_options
from strongroom.report_file import write_report
from verify.strict_json import text_of_time

MAX_OBJECTS_SHOWN = 200
"""Objects that the text lists one by one; --json, --out and --html have them all."""
MAX_VALUE_CHARACTERS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds A, B, the filters, the files and the archive's options."""
    add_archive_options(parser, snapshot=None)
    parser.add_argument("before", metavar="A", help="snapshot before")
    parser.add_argument("after", metavar="B", help="snapshot after")
    parser.add_argument("--collection", metavar="C", action="append", default=[], help="only this collection")
    parser.add_argument("--id", metavar="ID", action="append", default=[], help="only this object")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report for people")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compares and shows."""
    opening = opening_of(arguments, console)
    archive = opening.archive()
    before = opening.snapshot(archive, arguments.before)
    after = opening.snapshot(archive, arguments.after)
    known = {name for one in (before, after) for name in one.manifest.counts}
    known |= {gap.collection for one in (before, after) for gap in one.manifest.gaps}
    for name in arguments.collection:
        if name not in known:
            raise UsageError(f"{name}: neither snapshot has a collection of that name", next_step="Check the spelling.")
    difference = compare(before, after, collections=arguments.collection, ids=arguments.id)
    document = difference.document()
    if arguments.out is not None:
        write_report(arguments.out, exact_json_of(document) + "\n")
    if arguments.html is not None:
        json_name = arguments.out.name if arguments.out is not None else None
        page = difference_page(document, generated_at=text_of_time(now()), json_name=json_name)
        write_report(arguments.html, page)
    console.show(document, _lines(difference, document))
    return 0


def _lines(difference: Difference, document: dict[str, Any]) -> Iterator[str]:
    before, after = document["before"], document["after"]
    yield f"from snapshot {before['sequence']} ({before['taken_at']}) to {after['sequence']} ({after['taken_at']})"
    yield ""
    if not difference.objects:
        yield "no difference" + (", as far as the gaps let one see" if difference.unknown else "")
    else:
        yield f"  {'collection':32} {'added':>8} {'removed':>8} {'changed':>8}"
    for name, counts in document["summary"].items():
        yield f"  {name:32} {counts['added']:>8,} {counts['removed']:>8,} {counts['changed']:>8,}"
    for gap in document["unknown"]:
        where = " ".join(part for part in (gap["collection"], gap["relation"], gap["id"]) if part)
        yield f"  UNKNOWN {where}: {gap['reason']} (in the snapshot {gap['in']})"
    for entry in document["objects"][:MAX_OBJECTS_SHOWN]:
        yield ""
        name = f" {entry['name']!r}" if entry["name"] else ""
        yield f"{entry['change']} {entry['collection']} {entry['id']}{name}; to put it back: {entry['action']}"
        for change in entry["attributes"]:
            yield f"    {change['path']}: {_short(change['before'])} -> {_short(change['after'])}"
        for link in entry["links"]:
            named = f" {link['name']!r}" if link["name"] else ""
            yield f"    {link['relation']} {link['change']}: {link['id']}{named}"
    rest = len(document["objects"]) - MAX_OBJECTS_SHOWN
    if rest > 0:
        yield ""
        yield f"{rest:,} more objects differ; --json, --out and --html have them all"


def _short(value: object) -> str:
    text = exact_json_of(value)
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[:MAX_VALUE_CHARACTERS] + "…"
