"""Seals one day in a process of its own, as `archiver.run` does once Graph has answered.

    python -m tests.bench.sealing SETTINGS DAY TAKEN_AT [--plain]

Prints one JSON document: walls by stage, processor time by kind of work, and what was sealed. `--plain` wraps
nothing, so that a profile or a sample of memory sees the archiver alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import vault.sealing.recomputation
import vault.sealing.sealer
from archiver.graph.catalogue import load_catalogue
from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting, open_vaulting
from config.loading import load_settings
from tests.bench.day import Day
from tests.bench.measured import MEASURED
from tests.bench.replay import replay
from tests.bench.stopwatch import Stopwatch
from vault.ledger.delivery import deliver
from vault.sealing.age_file import AgeFile
from vault.sealing.block import BlockWriter
from vault.sealing.manifest import TenantReading
from vault.sealing.sealer import SealedSnapshot
from vault.spooling.spool import Spool
from vault.spooling.spool_run import SpoolReader, SpoolWriter
from verify.leaf import LeafHasher

T = TypeVar("T")

MIN_WORKERS = 2
"""As `archiver.run` has it; a test compares the two."""
TENANT = "11111111-2222-3333-4444-555555555555"
SHARES = ("pages", "canonicalise", "spool", "read back", "compress", "leaves", "encrypt", "re-open")

_watch = Stopwatch(SHARES)


def seal_day(settings_file: Path, day: Day, taken_at: datetime, *, plain: bool) -> dict[str, Any]:
    """Gathers, seals, re-opens, signs, commits and delivers a day; gives the document."""
    with _watch.wall("settings, keys, ledger"):
        settings = load_settings(settings_file, {}, require_files=False)
        state = StateFolder(settings.archive.state_dir)
    with state.locked():
        with _watch.wall("settings, keys, ledger"):
            vaulting = open_vaulting(settings, state, lambda: taken_at)
        with Spool(state.spool, max(MIN_WORKERS, os.cpu_count() or 1)) as spool:
            with _watch.wall("gather"), _watch.share("pages"):
                replay(day, spool, None if plain else timed_work)
                spool.finish()
            with _watch.wall("seal"):
                sealed = vaulting.sealer.seal(spool, _reading(taken_at), vaulting.rules, full=False)
        with _watch.wall("deliver"):
            _deliver(vaulting)
    return _document_of(sealed, day)


def timed_work(writer: SpoolWriter, work: Callable[..., T], *arguments: object) -> T:
    """Work for a worker: all of it; what is spooling within is taken off afterwards."""
    with _watch.share("canonicalise"):
        return work(writer, *arguments)


def watch_stages() -> None:
    """Wraps the stages, before any worker is forked."""
    _watch.time_share(SpoolWriter, "add", "spool")
    _watch.time_share(SpoolReader, "rows_of", "read back")
    _watch.time_share(SpoolReader, "lines_of", "read back")
    _watch.time_share(BlockWriter, "blocks_of", "compress")
    _watch.time_share(LeafHasher, "leaves_of", "leaves")
    _watch.time_share(AgeFile, "write", "encrypt")
    _watch.time_share(vault.sealing.recomputation, "_block_leaves", "re-open")
    _watch.time_wall(vault.sealing.sealer, "seal_full", "sort, compress, encrypt")
    _watch.time_wall(vault.sealing.sealer, "seal_delta", "compare, compress, encrypt")
    _watch.time_wall(vault.sealing.sealer, "recompute", "re-open and recompute")


def _deliver(vaulting: Vaulting) -> None:
    for delivery in deliver(vaulting.ledger.commits(), vaulting.stores):
        if delivery.error is not None:
            raise delivery.error
    for commit in vaulting.ledger.commits():
        vaulting.ledger.discard(commit)


def _reading(taken_at: datetime) -> TenantReading:
    catalogue = load_catalogue()
    rows = catalogue.chosen(MEASURED)
    return TenantReading(
        tenant=TENANT,
        simulated=True,
        started_at=taken_at,
        taken_at=taken_at,
        graph_date=taken_at,
        collections=[row.collection for row in rows],
        parts={row.collection: [relation.name for relation in row.relations] for row in rows},
        gaps=[],
        catalogue_version=catalogue.catalogue_version,
    )


def _document_of(sealed: SealedSnapshot, day: Day) -> dict[str, Any]:
    bundle, shares = sealed.bundle, _watch.shares
    shares["canonicalise"] -= shares["spool"]
    return {
        "kind": bundle.kind,
        "why_full": sealed.why_full,
        "sequence": sealed.sequence,
        "bundle_bytes": bundle.size_bytes,
        "rows": bundle.added.total() + bundle.changed.total(),
        "state_count": bundle.state_count,
        "state_root": bundle.state_root,
        "page_bytes": day.size_bytes,
        "walls": _watch.walls,
        "shares": shares,
    }


def main(arguments: list[str]) -> int:
    """Runs as the module's docstring says."""
    settings_file, folder, taken_at = arguments[:3]
    plain = "--plain" in arguments
    if not plain:
        watch_stages()
    document = seal_day(Path(settings_file), Day(Path(folder)), datetime.fromisoformat(taken_at), plain=plain)
    print(json.dumps(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
