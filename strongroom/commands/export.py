"""Writes a snapshot as plain files: JSON, JSON lines or CSV, a file for each collection and each relation.

With --events, the archived events of the tenant's logs too, whichever snapshot they were sealed with: a file of JSON
lines for each log.
"""

from __future__ import annotations

import argparse

from recovery.plain_export import FORMATS, export, require_new
from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options, folder
from verify.event_log import EventLog
from verify.wording import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --to, --format, --events and the archive's options."""
    add_archive_options(parser)
    parser.add_argument("--to", metavar="DIR", required=True, type=folder, help="folder to be made")
    parser.add_argument("--format", choices=FORMATS, default="jsonl", help="kind of files (default: jsonl)")
    parser.add_argument("--events", action="store_true", help="also all archived events of the tenant's logs, as jsonl")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exports and lists the files."""
    target = arguments.to.absolute()
    require_new(target)
    opening = opening_of(arguments, console)
    opening.require_free_folder(target, console)
    archive = opening.archive()
    snapshot = opening.snapshot(archive, arguments.snapshot)
    events = EventLog(archive, opening.identities, now()) if arguments.events else None
    exported = export(snapshot, target, arguments.format, events)
    if events is not None and events.expired:
        gone = counted(len(events.expired), "bundle of events has", "bundles of events have")
        console.warn(f"{gone} expired, and what they held is not exported")
    document = {
        "folder": str(exported.folder),
        "format": arguments.format,
        "snapshot": snapshot.manifest.sequence,
        "files": exported.files,
    }
    lines = [f"{count:>10,}  {name}" for name, count in exported.files.items()]
    console.show(document, [f"snapshot {snapshot.manifest.sequence} in {exported.folder}:", *lines])
    return 0
