"""Lets an intruder loose in the running simulated tenant, so that there is something to find out.

Ordinary days may pass first: people join, leave and change departments. Then an attack script is played: a named
one, or a JSON list of operations in a file. Only a simulated tenant takes them; nothing here reaches a real one.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recovery.rehearsal.altering.drift import MOST_DAYS
from recovery.rehearsal.altering.story import STORIES, TWO_CHANGES_AND_AN_ATTACK
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.serving.control_file import tenant_in
from recovery.rehearsal.serving.process import RunningTenant
from strongroom.console import Console
from strongroom.option import add_tenant_folder, whole_number
from strongroom.request_file import request_in
from verify.errors import UsageError
from verify.wording import counted

SCRIPT_STEP = "Name a readable file: a JSON list of the operations that recovery/rehearsal/README.md names."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --dir, --name, --script and --days."""
    add_tenant_folder(parser)
    script = parser.add_mutually_exclusive_group()
    script.add_argument(
        "--name",
        metavar="NAME",
        choices=STORIES,
        help=f"one of: {', '.join(STORIES)} (default: {TWO_CHANGES_AND_AN_ATTACK})",
    )
    script.add_argument("--script", metavar="FILE", type=Path, help="JSON list of operations")
    parser.add_argument(
        "--days",
        metavar="N",
        type=whole_number(0, MOST_DAYS, "a number of days"),
        default=0,
        help="ordinary days that pass first (default: 0)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lets the days pass and plays the script."""
    name = arguments.name or (None if arguments.script else TWO_CHANGES_AND_AN_ATTACK)
    operations = [] if name else _operations_in(arguments.script)
    tenant = tenant_in(arguments.dir.absolute())
    drift = tenant.advance(arguments.days) if arguments.days else []
    changes = _story_in(tenant, name) if name else tenant.attack(operations)
    document = {"name": name, "days": arguments.days, "drift": drift, "changes": changes}
    lines = [
        *(_lines(counted(arguments.days, "ordinary day"), drift) if arguments.days else ()),
        *_lines(name or str(arguments.script), changes),
    ]
    console.show(document, lines)
    return 0


def _story_in(tenant: RunningTenant, name: str) -> list[dict[str, Any]]:
    try:
        return tenant.attack(name)
    except ScriptError as error:
        raise ScriptError(
            f"{name}: {error.message}",
            next_step="It is written for a tenant as it starts and plays once: run `strongroom tenant simulate` anew.",
        ) from error


def _lines(what: str, changes: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f"{what}: {counted(len(changes), 'change')}"
    kinds = Counter(
        (change["collection"], change.get("relation") or change.get("attribute") or "objects", change["change"])
        for change in changes
    )
    for (collection, part, change), number in sorted(kinds.items()):
        yield f"  {collection:28} {part:32} {change:8} {number:>6,}"


def _operations_in(file: Path) -> list[dict[str, Any]]:
    operations = request_in(file, next_step=SCRIPT_STEP)
    if not isinstance(operations, list):
        raise UsageError(f"{file} is not a JSON list of operations", next_step=SCRIPT_STEP)
    return operations
