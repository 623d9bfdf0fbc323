"""Makes one archive run now: reads the tenant, seals it, and puts it into the stores.

What an earlier run could not put is put first. A run that fails is signed into the log too.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Any

from archiver.run import archive_run
from config.loading import load_settings
from strongroom.clock import now
from strongroom.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --full."""
    parser.add_argument("--full", action="store_true", help="seal a full, and so begin a new epoch")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs, shows what was sealed, and returns 0, or 3 for gaps in required collections and spooled stores."""
    settings = load_settings(arguments.config, os.environ)
    result = archive_run(settings, now, full=arguments.full, say=console.say)
    if result.error is not None and result.exit_status not in (0, 3, 5):
        raise result.error
    console.show(result.document, _lines(result.document))
    return result.exit_status


def _lines(run: dict[str, Any]) -> Iterator[str]:
    size = sum(bundle["bytes"] for bundle in run["bundles"])
    yield f"snapshot {run['sequence']} sealed: {run['kind']}, {run['state_count']:,} records, {size:,} bytes"
    if run["why_full"]:
        yield f"  a full, because: {run['why_full']}"
    yield f"  state root {run['state_root']}"
    yield f"  {run['requests']:,} requests, {run['throttled']:,} throttled, {run['seconds']:.1f} s"
    yield ""
    yield f"  {'collection':32} {'objects':>9} {'records':>9} {'added':>8} {'changed':>8} {'removed':>8}"
    for name, counts in run["collections"].items():
        yield (
            f"  {name:32} {counts['objects']:>9,} {counts['records']:>9,} "
            f"{counts['added']:>8,} {counts['changed']:>8,} {counts['removed']:>8,}"
        )
    yield ""
    for store in run["stores"]:
        trouble = f": {store['error']}" if store["error"] else ""
        yield f"  store {store['name']}: {store['outcome']}{trouble}"
    for gap in run["gaps"]:
        where = " ".join(part for part in (gap["collection"], gap["relation"], gap["id"]) if part)
        yield f"  GAP {where}: {gap['reason']}: {gap['detail']}"
