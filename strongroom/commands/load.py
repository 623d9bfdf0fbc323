"""Puts objects of your own into the running simulated tenant: policies to try, or those that a tenant exported.

Each FILE is JSON: one object, or a list of them, as Graph's create request or an export has them; a folder stands for
its *.json files. All of them are taken, or none. Only a simulated tenant takes them; nothing here reaches a real one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recovery.rehearsal.altering.loading import LOADABLE
from recovery.rehearsal.serving.control_file import tenant_in
from strongroom.console import Console
from strongroom.option import add_tenant_folder
from strongroom.request_file import request_in
from verify.errors import UsageError
from verify.wording import counted

FILE_STEP = "Name JSON files, each with one object or a list of them, or a folder of such files."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds COLLECTION, FILE and --dir."""
    parser.add_argument("collection", metavar="COLLECTION", choices=LOADABLE, help=f"one of: {', '.join(LOADABLE)}")
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="JSON file, or a folder of them")
    add_tenant_folder(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Reads the files and has the tenant take what is in them."""
    objects = [one for file in _files_of(arguments.files) for one in _objects_in(file)]
    changes = tenant_in(arguments.dir.absolute()).load(arguments.collection, objects)
    ids = [change["id"] for change in changes]
    console.show(
        {"collection": arguments.collection, "ids": ids},
        [f"{arguments.collection}: {counted(len(ids), 'object')} added", *(f"  {id_}" for id_ in ids)],
    )
    return 0


def _files_of(named: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in named:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"{path} holds no *.json", next_step=FILE_STEP)
        files += inside
    return files


def _objects_in(file: Path) -> list[dict[str, Any]]:
    found = request_in(file, next_step=FILE_STEP)
    objects = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in objects):
        raise UsageError(f"{file} holds something that is no object", next_step=FILE_STEP)
    return objects
