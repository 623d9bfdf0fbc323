"""What a run did: the document of `run --json`, and the exit status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archiver.alarm import Alarm
from archiver.gathering.gathered import Gathered
from archiver.snapshot_making import MadeSnapshot
from vault.errors import StoreBehindError, StoreError
from vault.ledger.delivery import ACKNOWLEDGED, Delivery
from vault.sealing.bundle import SealedBundle
from verify.errors import StrongroomError
from verify.events_line import document_of
from verify.strict_json import text_of_time


@dataclass(frozen=True)
class RunResult:
    """The document, the exit status, and the error of a store that makes the run less than done."""

    document: dict[str, Any]
    exit_status: int
    error: StrongroomError | None = None


def result_of(
    made: MadeSnapshot,
    deliveries: Sequence[Delivery],
    alarms: Sequence[Alarm],
    *,
    store_quorum: int,
    seconds: float,
    why_everything: str | None,
    left_out: Sequence[str],
) -> RunResult:
    """Gives the result of a run that sealed a snapshot.

    `why_everything`: why everything was read, where the settings or the caller wanted what changed. `left_out`: what
    the settings leave out though a rebuild needs it.
    """
    gathered, sealed, bundle = made.gathered, made.sealed, made.sealed.bundle
    document = {
        "outcome": "gaps" if made.gaps else "complete",
        "sequence": sealed.sequence,
        "kind": bundle.kind,
        "why_full": sealed.why_full,
        "read": "delta" if gathered.changes.again else "full",
        "why_read_full": why_everything,
        "read_by_changes": sorted(gathered.changes.again),
        "why_read_whole": dict(sorted(gathered.changes.why_whole.items())),
        "taken_at": text_of_time(made.taken_at),
        "manifest_sha256": sealed.manifest_sha256,
        "bundles": [{"sha256": bundle.sha256, "bytes": bundle.size_bytes}],
        "state_root": bundle.state_root,
        "state_count": bundle.state_count,
        "collections": _collections_of(bundle, gathered),
        "left_out": list(left_out),
        "gaps": [gap._asdict() for gap in made.gaps],
        "events": document_of(sealed.events) if sealed.events else None,
        "unresolved": {"ids": gathered.closure.total, "not_judged": dict(sorted(gathered.closure.unjudged.items()))},
        "completeness": [one._asdict() for one in gathered.completeness],
        "requests": gathered.requests,
        "throttled": gathered.throttled,
        "resource_units": gathered.resource_units,
        "seconds": round(seconds, 3),
        "stores": [_store_of(delivery) for delivery in deliveries],
        "alarms": [alarm.of_run for alarm in alarms],
    }
    error = _store_trouble(deliveries, store_quorum)
    if error is not None:
        return RunResult(document, error.exit_status if not error.waits else 3, error)
    incomplete = any(alarm.kind == "gap" for alarm in alarms)
    return RunResult(document, 3 if incomplete else 0)


def with_alarm(result: RunResult, alarm: Alarm) -> RunResult:
    """Gives the result with one more alarm, of a run that did not end as it should: at best exit status 3."""
    document = {**result.document, "alarms": [*result.document["alarms"], alarm.of_run]}
    return replace(result, document=document, exit_status=result.exit_status or 3)


def _collections_of(bundle: SealedBundle, gathered: Gathered) -> dict[str, dict[str, int]]:
    return {
        name: {
            "records": bundle.records[name],
            "objects": bundle.objects[name],
            "added": bundle.added[name],
            "changed": bundle.changed[name],
            "removed": bundle.removed[name],
        }
        for name in sorted({*bundle.records, *bundle.removed, *gathered.counts})
    }


def _store_of(delivery: Delivery) -> dict[str, str | None]:
    return {
        "name": delivery.store,
        "outcome": delivery.outcome,
        "retain_until": text_of_time(delivery.retain_until) if delivery.retain_until else None,
        "mode": delivery.mode,
        "error": delivery.error.message if delivery.error else None,
    }


def _store_trouble(deliveries: Sequence[Delivery], store_quorum: int) -> StoreError | None:
    """A store that a person has to look at is always trouble, one that is down or full only below the quorum."""
    for delivery in deliveries:
        if delivery.error is not None and (not delivery.error.waits or isinstance(delivery.error, StoreBehindError)):
            return delivery.error
    done = sum(delivery.outcome == ACKNOWLEDGED for delivery in deliveries)
    if done >= store_quorum:
        return None
    return next(delivery.error for delivery in deliveries if delivery.error is not None)
