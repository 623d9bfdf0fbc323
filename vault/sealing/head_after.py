"""What the host remembers of its archive once a snapshot is committed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vault.ledger.head import EpochFull, Head
from vault.sealing.bundle import SealedBundle
from vault.sealing.epoch import EpochTable
from vault.sealing.manifest import TenantReading
from verify.manifest import FULL, Manifest
from verify.strict_json import text_of_time


def head_after(head: Head, manifest: Manifest, reading: TenantReading, bundle: SealedBundle, table_path: Path) -> Head:
    """Gives the head after a snapshot; `table_path` is the epoch table, which a full has just written."""
    after = replace(
        head,
        sequence=manifest.sequence,
        previous=manifest.sha256,
        epoch=manifest.epoch,
        tenant=reading.tenant,
        simulated=reading.simulated,
        objects=_known_objects(head, reading, bundle),
    )
    return replace(after, full=_full_of(manifest, bundle, table_path)) if bundle.kind == FULL else after


def _full_of(manifest: Manifest, bundle: SealedBundle, table_path: Path) -> EpochFull:
    return EpochFull(
        sequence=manifest.sequence,
        manifest_sha256=manifest.sha256,
        bundle_sha256=bundle.sha256,
        bundle_bytes=bundle.size_bytes,
        table_sha256=EpochTable(table_path).sha256(),
        secret=bundle.epoch_secret.hex(),
        recipients=list(manifest.recipients),
        taken_at=text_of_time(manifest.taken_at),
        retain_until=text_of_time(manifest.retain_until),
    )


def _known_objects(head: Head, reading: TenantReading, bundle: SealedBundle) -> dict[str, int]:
    """Objects per collection, for drop alarms; what a gap hides is taken to be as many as before."""
    broken = {gap.collection for gap in reading.gaps}
    counts = {name: count for name, count in bundle.objects.items() if name not in broken}
    return counts | {name: head.objects[name] for name in broken if name in head.objects}
