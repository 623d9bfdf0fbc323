"""Makes one archive run now: reads the tenant, seals it, and puts it into the stores.

What an earlier run could not put is put first. A run that fails is signed into the log too. SIGTERM and Ctrl-C
interrupt it: nothing half-made stays, and what was committed is put by the next run. With --quiet, nothing is
shown but stores that did not take the snapshot, gaps and alarms, with what to do.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from archiver.failed_run import remember_refusal
from archiver.graph.errors import LicenceMissingError, PermissionMissingError
from archiver.run import archive_run
from config.loading import load_settings
from config.settings import Settings
from strongroom import stop_signal
from strongroom.clock import now
from strongroom.console import Console
from verify.errors import StrongroomError
from verify.gap import Gap
from verify.wording import counted

_NAME_WIDTH = 32
"""Of the column of collections: most names are shorter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --full and --pulse."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--full", action="store_true", help="read everything and seal a full, and so begin a new epoch")
    how.add_argument(
        "--pulse",
        action="store_true",
        help="read what Graph says has changed since the epoch's full, and what it does not say that of",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs, shows what was sealed, and returns 0, or 3: gaps in required collections, spooled stores, a lost line."""
    with stop_signal.heeded():
        settings = _settings_for_a_run(arguments.config, console)
        result = archive_run(
            settings, now, full=arguments.full, pulse=arguments.pulse, say=console.say, watch=console.watcher
        )
        if result.error is not None and result.exit_status not in (0, 3, 5):
            raise result.error
        stop_signal.ignore()
        console.show(result.document, trouble_of(result.document) if arguments.quiet else lines_of(result.document))
        return result.exit_status


def _settings_for_a_run(config: Path | None, console: Console) -> Settings:
    """The settings; a run that they make impossible gets its line in the history, wherever they still name the state.

    Raises: what `load_settings` raises.
    """
    try:
        return load_settings(config, os.environ)
    except StrongroomError as refusal:
        with suppress(StrongroomError):
            readable = load_settings(config, os.environ, require_files=False)
            remember_refusal(readable.archive.state_dir, now(), refusal, console.say)
        raise


def lines_of(run: Mapping[str, Any]) -> Iterator[str]:
    """The result as text, for a person."""
    size = sum(bundle["bytes"] for bundle in run["bundles"])
    records = counted(run["state_count"], "record")
    yield f"snapshot {run['sequence']} sealed: {records}, as a {run['kind']} of {size:,} bytes"
    if run["why_full"]:
        yield f"  a full, because: {run['why_full']}"
    yield from _reading_lines(run)
    yield f"  state root {run['state_root']}"
    yield f"  {run['requests']:,} requests, {run['throttled']:,} throttled, {run['seconds']:.1f} s"
    yield ""
    yield from _collection_lines(run)
    yield ""
    yield from _events_lines(run)
    for store in run["stores"]:
        if _took_it(store):
            yield f"  store {store['name']}: {store['outcome']}"
    yield from trouble_of(run)


def _reading_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """What was read by its changes, why other things were not, where that was wanted, and what leads nowhere."""
    if run["read_by_changes"]:
        yield f"  read by what changed since the epoch's full: {', '.join(run['read_by_changes'])}"
    if run["why_read_full"]:
        yield f"  read everything, because: {run['why_read_full']}"
    for collection, why in run["why_read_whole"].items():
        yield f"  {collection} read whole, because: {why}"
    if lost := run["unresolved"]["ids"]:
        yield f"  {counted(lost, 'id')} that records name lead to no object: the records of unresolvedReferences"


def trouble_of(run: Mapping[str, Any]) -> Iterator[str]:
    """What somebody has to look into: stores that did not take the snapshot, gaps, alarms, and what to do.

    All that --quiet shows.
    """
    for store in run["stores"]:
        if not _took_it(store):
            trouble = f": {store['error']}" if store["error"] else ""
            yield f"  store {store['name']}: {store['outcome']}{trouble}"
    for gap in (Gap(**members) for members in run["gaps"]):
        yield f"  GAP {gap.place}: {gap.reason}: {gap.detail}"
    for alarm in run["alarms"]:
        yield f"  ALARM {alarm['kind']}: {alarm['detail']}"
    if run["gaps"] or run["alarms"]:
        yield f"  next: {'; '.join(_steps_of(run))}"


def _steps_of(run: Mapping[str, Any]) -> Iterator[str]:
    """What to do about gaps and alarms, by what there is of them."""
    reasons = {gap["reason"] for gap in run["gaps"]}
    if PermissionMissingError.reason in reasons:
        yield "`strongroom doctor` names the permission that is missing, and the line that grants it"
    if LicenceMissingError.reason in reasons:
        yield "what the tenant has no licence for can be left out: `-NAME` in export.collections"
    if reasons - {PermissionMissingError.reason, LicenceMissingError.reason}:
        yield "the next run asks again for what Graph did not give"
    if run["alarms"]:
        yield "`strongroom status` says what to do about each alarm; exit 3 stands in strongroom/COMMANDS.md, section 1"


def _took_it(store: Mapping[str, Any]) -> bool:
    return store["outcome"] == "acknowledged" and not store["error"]


def _events_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """What was read of the tenant's logs, if anything of them was sealed."""
    events = run["events"]
    if events is None:
        return
    new = ", ".join(f"{span['events']:,} of {name}" for name, span in events["streams"].items())
    yield f"  events {events['sequence']} sealed: {new}; {events['bundle_bytes']:,} bytes"


def _collection_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """What changed or has gaps, and how many others there are: most days, most collections stay as they were."""
    with_gaps = {gap["collection"] for gap in run["gaps"]}
    telling = {
        name: counts
        for name, counts in run["collections"].items()
        if name in with_gaps or counts["added"] or counts["changed"] or counts["removed"]
    }
    width = max([_NAME_WIDTH, *map(len, telling)])
    if telling:
        yield f"  {'':{width}} {'in the snapshot':>19}   {'records against the full':>24}"
        yield f"  {'collection':{width}} {'objects':>9} {'records':>9} {'added':>8} {'changed':>8} {'removed':>8}"
    for name, counts in telling.items():
        yield (
            f"  {name:{width}} {counts['objects']:>9,} {counts['records']:>9,} "
            f"{counts['added']:>8,} {counts['changed']:>8,} {counts['removed']:>8,}"
        )
    if telling:
        yield "  a record is an object, or what one is linked to; the last three columns count records, not objects"
    others = [counts["objects"] for name, counts in run["collections"].items() if name not in telling]
    if others:
        number = counted(len(others), "collection")
        same = "without any object" if run["kind"] == "full" else f"as in the epoch's full, {others.count(0)} empty"
        yield f"  {'and ' if telling else ''}{number} {same}"
    yield "  the whole table: `strongroom status --json`, runs[0].collections"
