"""Snapshots as a verdict and a list of snapshots show them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from verify.bundle_state import EXPIRED, FULL_MISSING, MISSING, PRESENT
from verify.coverage import Coverage
from verify.manifest import Manifest
from verify.strict_json import text_of_time


@dataclass(frozen=True)
class SnapshotLine:
    """One snapshot of the archive as the verdict shows it.

    `state` is PRESENT, EXPIRED, MISSING or, for a delta whose full is MISSING, FULL_MISSING. `covered` says that it
    was asked for, `read` that its bundle was read whole and is sound, for itself or for a delta that leans on it.
    """

    manifest: Manifest
    state: str
    covered: bool
    read: bool

    def document(self) -> dict[str, Any]:
        """Returns what `snapshots --json` shows of it, with counts, gaps and its state."""
        one = self.manifest
        return {
            "sequence": one.sequence,
            "taken_at": text_of_time(one.taken_at),
            "kind": one.kind,
            "epoch": one.epoch,
            "records": one.state_count,
            "counts": {name: count._asdict() for name, count in one.counts.items()},
            "gaps": [gap._asdict() for gap in one.gaps],
            "state_root": one.state_root.hex(),
            "manifest_sha256": one.sha256,
            "retain_until": text_of_time(one.retain_until),
            "simulated": one.simulated,
            "bundle_sha256": one.bundle.sha256,
            "bundle_bytes": one.bundle.bytes,
            "state": self.state,
            "covered": self.covered,
            "read": self.read,
        }


def snapshot_lines_of(
    manifests: Sequence[Manifest],
    coverage: Coverage,
    expired: Collection[str],
    is_damaged: Callable[[Manifest], bool],
) -> list[SnapshotLine]:
    """Returns the lines of all snapshots, newest first; `manifests` are in the log's order."""
    asked = {one.index for one in coverage.asked}
    read = {bundle.sha256 for bundle in coverage.read}
    damaged = {one.bundle.sha256 for one in manifests if is_damaged(one)}
    lines = []
    for one in reversed(manifests):
        state = MISSING if one.bundle.sha256 in damaged else PRESENT
        if one.bundle.sha256 in expired:
            state = EXPIRED
        elif state == PRESENT and one.leans_on and one.leans_on.bundle_sha256 in damaged:
            state = FULL_MISSING
        lines.append(SnapshotLine(one, state, one.index in asked, one.bundle.sha256 in read - damaged))
    return lines
