"""Writes a snapshot as plain files: JSON, JSON lines or CSV, a file for each collection and each relation."""

from __future__ import annotations

import argparse

from recovery.plain_export import FORMATS, export, require_new
from strongroom.archive_opening import opening_of
from strongroom.console import Console
from strongroom.option import add_archive_options, folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --to, --format and the archive's options."""
    add_archive_options(parser)
    parser.add_argument("--to", metavar="DIR", required=True, type=folder, help="folder to be made")
    parser.add_argument("--format", choices=FORMATS, default="jsonl", help="kind of files (default: jsonl)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Exports and lists the files."""
    target = arguments.to.absolute()
    require_new(target)
    opening = opening_of(arguments, console)
    opening.require_free_folder(target, console)
    snapshot = opening.snapshot(opening.archive(), arguments.snapshot)
    exported = export(snapshot, target, arguments.format)
    document = {
        "folder": str(exported.folder),
        "format": arguments.format,
        "snapshot": snapshot.manifest.sequence,
        "files": exported.files,
    }
    lines = [f"{count:>10,}  {name}" for name, count in exported.files.items()]
    console.show(document, [f"snapshot {snapshot.manifest.sequence} in {exported.folder}:", *lines])
    return 0
