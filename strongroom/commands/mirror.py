"""Copies an archive into a directory: what signed evidence names, each file proved before it gets its name.

Copied are trust roots, canaries, the whole log with its newest checkpoint, what lies beside the fulls, and the
bundles of the snapshots from --since on. Running it again goes on where it stopped; nothing is overwritten.
"""

from __future__ import annotations

import argparse

from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options, folder, whole_number
from strongroom.private_key import require_no_private_key_below
from vault.mirror import mirror, require_apart, require_no_obstacle
from verify.output_place import is_same_place
from verify.wording import counted

MAX_SEQUENCE = 2**53  # what strict JSON holds of an integer (FORMAT.md section 2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --to, --since and the archive's options."""
    add_archive_options(parser, snapshot=None)
    parser.add_argument("--to", metavar="DIR", required=True, type=folder, help="folder to copy into")
    parser.add_argument(
        "--since",
        metavar="SEQ",
        type=whole_number(1, MAX_SEQUENCE, "the number of a snapshot"),
        default=1,
        help="first snapshot whose bundles are copied (default: 1)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Copies. Exit 3 if the source lacks files that its log names."""
    target = arguments.to.absolute()
    opening = opening_of(arguments, console)
    require_apart(opening.folder, target)
    require_no_obstacle(target)
    is_store = any(is_same_place(target, store) for store in opening.stores)
    if not is_store:  # a store that is new or lost is filled so
        opening.require_free_folder(target, console)
    require_no_private_key_below(target)
    copied = mirror(opening.archive(), target, since=arguments.since, now=now(), say=console.progress)
    if copied.ahead:
        console.warn(
            f"warning: the log in {target} goes on for {counted(copied.ahead, 'entry', 'entries')} beyond that of the "
            "source, which is older, or was rolled back"
        )
    if is_store and copied.lacking:
        console.warn(
            f"warning: {target} is a store, and lacks the bundles of {counted(copied.lacking, 'snapshot')} before "
            f"{arguments.since}: a verdict on it is FAIL; the same without --since fills it"
        )
    document = {
        "folder": str(target),
        "files": copied.files,
        "bytes": copied.bytes,
        "copied": copied.copied,
        "snapshots": copied.snapshots,
        "missing": copied.missing,
        "ahead": copied.ahead,
    }
    lines = [
        f"the copy is in {target}; each file was proved against the signed log before it got its name",
        f"{counted(copied.files, 'file')}, {copied.bytes:,} bytes, log of {counted(copied.snapshots, 'snapshot')}; "
        f"not there before: {copied.copied:,}",
    ]
    lines += [f"MISSING {name}" for name in copied.missing]
    if copied.missing:
        lines.append(f"next: mirror another copy of the archive to {target}, which adds what is missing there")
    console.show(document, lines)
    return 3 if copied.missing else 0
