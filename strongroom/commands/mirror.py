"""Copies an archive into a directory, proving digests on the way. Running it again goes on where it stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

from strongroom.archive_opening import opening_of
from strongroom.console import Console
from strongroom.option import add_archive_options
from vault.mirror import mirror


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --to, --since and the archive's options."""
    add_archive_options(parser, snapshot=None)
    parser.add_argument("--to", metavar="DIR", required=True, type=Path, help="folder to copy into")
    parser.add_argument(
        "--since", metavar="SEQ", type=int, default=1, help="first snapshot whose bundles are copied (default: 1)"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Copies. Exit 3 if the source lacks bundles that its log names."""
    archive = opening_of(arguments, console).archive()
    copied = mirror(archive, arguments.to.absolute(), since=arguments.since, say=console.progress)
    document = {
        "folder": str(arguments.to.absolute()),
        "files": copied.files,
        "bytes": copied.bytes,
        "snapshots": copied.snapshots,
        "missing": copied.missing,
    }
    lines = [f"{copied.files:,} files, {copied.bytes:,} bytes, log of {copied.snapshots} snapshots"]
    console.show(document, [*lines, *(f"MISSING {name}" for name in copied.missing)])
    return 3 if copied.missing else 0
