"""Lists the snapshots of an archive, newest first. Needs no identity: manifests are signed, not sealed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from strongroom.archive_opening import opening_of
from strongroom.console import Console
from strongroom.option import add_archive_options
from verify.manifest import Manifest
from verify.strict_json import text_of_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the archive's options."""
    add_archive_options(parser, snapshot=None)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Proves the log and shows its manifests."""
    archive = opening_of(arguments, console).archive()
    documents: list[dict[str, Any]] = []
    for sealed in archive.sealed():
        if isinstance(sealed, Manifest):
            documents.append(_document_of(sealed))
        elif documents:  # sealed with the snapshot that follows it in the log
            documents[-1]["events"] += sealed.state_count
    console.show(documents, _lines(documents))
    return 0


def _document_of(manifest: Manifest) -> dict[str, Any]:
    return {
        "sequence": manifest.sequence,
        "taken_at": text_of_time(manifest.taken_at),
        "kind": manifest.kind,
        "epoch": manifest.epoch,
        "records": manifest.state_count,
        "gaps": len(manifest.gaps),
        "events": 0,
        "bytes": manifest.bundle.bytes,
        "state_root": manifest.state_root.hex(),
        "manifest_sha256": manifest.sha256,
        "retain_until": text_of_time(manifest.retain_until),
        "simulated": manifest.simulated,
    }


def _lines(documents: list[dict[str, Any]]) -> Iterator[str]:
    if not documents:
        yield "no snapshot yet"
        return
    yield (
        f"{'number':>6}  {'taken at':20}  {'kind':5}  {'records':>10}  {'gaps':>4}  {'events':>9}  {'bytes':>13}  "
        "state root"
    )
    for one in documents:
        yield (
            f"{one['sequence']:>6}  {one['taken_at']:20}  {one['kind']:5}  {one['records']:>10,}  "
            f"{one['gaps']:>4}  {one['events']:>9,}  {one['bytes']:>13,}  {one['state_root'][:16]}"
        )
