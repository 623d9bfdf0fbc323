"""Writes the manifest: the signed statement about a snapshot and the bundle that holds it (FORMAT.md section 9.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.ledger.head import EpochFull, Head
from vault.sealing.bundle import SealedBundle
from verify.constants import HASH_BYTES
from verify.gap import Gap
from verify.manifest import FULL
from verify.strict_json import text_of_time


@dataclass(frozen=True)
class TenantReading:
    """What was read from the tenant: everything that the manifest says besides the bundle and its place.

    `collections` are the names of the collections that were read: one that is empty counts 0, one that is
    a gap does not count at all. `parts` are the relations and streams that were asked for, by collection.
    `graph_date` is the service's own clock at the end, or None.
    """

    tenant: str
    simulated: bool
    started_at: datetime
    taken_at: datetime
    graph_date: datetime | None
    collections: Sequence[str]
    parts: Mapping[str, Sequence[str]]
    gaps: Sequence[Gap]
    catalogue_version: str


@dataclass(frozen=True)
class SnapshotPlace:
    """Where a snapshot stands in its archive.

    `previous` is the hex SHA-256 of the manifest before it, `leans_on` the full that a delta needs; None where
    there is none.
    """

    sequence: int
    previous: str | None
    epoch: int
    leans_on: EpochFull | None


def place_after(head: Head, kind: str) -> SnapshotPlace:
    """Returns the place of the next snapshot: a full begins an epoch, a delta leans on the epoch's full."""
    if kind == FULL:
        return SnapshotPlace(head.sequence + 1, head.previous, head.epoch + 1, None)
    return SnapshotPlace(head.sequence + 1, head.previous, head.epoch, head.full)


def manifest_members_of(reading: TenantReading, bundle: SealedBundle, place: SnapshotPlace) -> dict[str, object]:
    """Returns what a manifest says beside `bundle_statement_members_of`."""
    return {
        "epoch": place.epoch,
        "leans_on": _leaning(place.leans_on),
        "kind": bundle.kind,
        "counts": counts_of(reading.collections, bundle),
        "parts": {name: sorted(named) for name, named in sorted(reading.parts.items()) if named},
        "gaps": [gap._asdict() for gap in reading.gaps],
        "bundles": [bundle_members_of(bundle)],
    }


def bundle_statement_members_of(
    reading: TenantReading,
    bundle: SealedBundle,
    sequence: int,
    previous: str | None,
    *,
    recipients: Sequence[str],
    retain_until: datetime,
    software: str,
) -> dict[str, object]:
    """Returns what every statement about a bundle says; `vault.signing.statement.sign` adds type, version and archive
    id.
    """
    return {
        "tenant": reading.tenant,
        "simulated": reading.simulated,
        "sequence": sequence,
        "previous": previous,
        "started_at": text_of_time(reading.started_at),
        "taken_at": text_of_time(reading.taken_at),
        "graph_date": text_of_time(reading.graph_date) if reading.graph_date else None,
        "state_root": bundle.state_root,
        "state_count": bundle.state_count,
        "recipients": sorted(recipients),
        "retain_until": text_of_time(retain_until),
        "catalogue_version": reading.catalogue_version,
        "software": software,
    }


def bundle_members_of(bundle: SealedBundle) -> dict[str, object]:
    """Returns what a statement says of a bundle file."""
    return {
        "sha256": bundle.sha256,
        "sha512": bundle.sha512,
        "bytes": bundle.size_bytes,
        "segments_root": bundle.segments_root,
        "leaves": len(bundle.segments) // HASH_BYTES,
    }


def counts_of(collections: Sequence[str], bundle: SealedBundle) -> Mapping[str, Mapping[str, int]]:
    """Returns objects and records of each collection over all live records."""
    names = sorted({*collections, *bundle.records})
    return {name: {"objects": bundle.objects[name], "records": bundle.records[name]} for name in names}


def _leaning(full: EpochFull | None) -> dict[str, object] | None:
    if full is None:
        return None
    return {
        "sequence": full.sequence,
        "manifest_sha256": full.manifest_sha256,
        "bundle_sha256": full.bundle_sha256,
    }
