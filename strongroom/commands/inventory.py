"""Lists what Graph never returns: which secrets, keys and passwords a snapshot proves to exist, and what to do.

Every line follows from signed records of the snapshot, which is named with its manifest, so that anybody who holds the
archive and an identity can derive it again. What was escrowed (`escrow add`) stands with what it is for. What a gap
hides is unknown, never none. Days are counted from today.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from archiver.graph.suggestion import suggestion_for
from recovery.exact_json import exact_json_of
from recovery.inventory.inventory import collections_of, inventory_of
from recovery.inventory.kind import load_kinds
from recovery.reports.inventory_lines import inventory_lines
from recovery.reports.inventory_page import inventory_page
from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options, whole_number
from strongroom.report_file import require_place, require_two_places, write_report
from verify.errors import UsageError

MAX_DAYS = 36_500
"""A century: no credential is made for longer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the filters, the files and the archive's options."""
    add_archive_options(parser)
    parser.add_argument(
        "--expires-within",
        metavar="DAYS",
        type=whole_number(0, MAX_DAYS, "a number of days"),
        help="only what expires in as many days, or has expired",
    )
    parser.add_argument("--collection", metavar="C", action="append", default=[], help="only this collection")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report for people")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Derives the inventory and shows it."""
    for file in (arguments.out, arguments.html):
        if file is not None:
            require_place(file)
    require_two_places(("--out", arguments.out), ("--html", arguments.html))
    _require_collections(arguments.collection)
    opening = opening_of(arguments, console)
    opening.occupied.require_free(arguments.out, arguments.html)
    snapshot = opening.snapshot(opening.archive(), arguments.snapshot)
    inventory = inventory_of(snapshot, now(), collections=arguments.collection, expires_within=arguments.expires_within)
    document = inventory.document()
    if arguments.out is not None:
        written = write_report(arguments.out, exact_json_of(document) + "\n")
        console.say(f"the inventory as JSON is in {written}")
    if arguments.html is not None:
        json_name = arguments.out.name if arguments.out is not None else None
        page = inventory_page(document, json_name=json_name)
        console.say(f"the inventory as a page is in {write_report(arguments.html, page)}")
    console.show(document, inventory_lines(document))
    return 0


def _require_collections(names: list[str]) -> None:
    """Raises UsageError: nothing that Graph withholds shows in a collection of this name."""
    known = collections_of(load_kinds())
    for name in names:
        if name not in known:
            raise UsageError(
                f"no record of a collection {name!r} proves something that Graph withholds",
                next_step=suggestion_for(name, known) or f"Choose among: {', '.join(known)}.",
            )
