"""How a run reads the tenant: everything, or what changed since the epoch's full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from archiver.gathering.gathered import Gathered
from archiver.gathering.since import ChangeLink, Dangling, Remarks, Since
from archiver.graph.errors import NotFoundError
from archiver.graph.row import Row
from archiver.state.change_links import ChangeLinks
from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting
from vault.sealing.epoch import EpochTable
from verify.strict_json import time_of


class ReadingPlan(NamedTuple):
    """`since` is None where everything is read; `why_everything`, if something else than the settings is the reason."""

    since: Since | None
    why_everything: str | None = None


EVERYTHING = ReadingPlan(None)


def plan_by_changes(vaulting: Vaulting, state: StateFolder, now: datetime) -> ReadingPlan:
    """Plans to read what changed, unless the next snapshot has to be a full, or there is nothing to go on from."""
    why = vaulting.sealer.why_full(now, vaulting.rules)
    full = vaulting.ledger.head.full
    if why is not None or full is None:
        return ReadingPlan(None, f"a full is due: {why}")
    try:
        kept = ChangeLinks.load(state.changes_file)
    except OSError as error:
        return ReadingPlan(None, f"the links of the epoch's full can't be read: {error.strerror}")
    if kept is None or kept.full_manifest_sha256 != full.manifest_sha256:
        return ReadingPlan(None, "there are no links that ask what changed since the epoch's full")
    known = EpochTable(vaulting.ledger.table_path)
    return ReadingPlan(Since(kept.links, time_of(kept.began_at), kept.recovery, known, kept.remarks))


def usable_links_of(gathered: Gathered, rows: Sequence[Row]) -> dict[str, ChangeLink]:
    """The links of collections that were wholly read: what a gap hid would never be named as changed.

    What was not found while the tenant was read does not count: `remarks_of` names it, and it is read again.
    """
    told = {row.collection: row.told_parts() for row in rows}
    broken = {
        gap.collection
        for gap in gathered.gaps
        if (gap.relation is None or gap.relation in told.get(gap.collection, ()))
        and not (gap.id is not None and gap.reason == NotFoundError.reason)
    }
    return {name: link for name, link in gathered.changes.links.items() if name not in broken}


def remarks_of(gathered: Gathered, rows: Sequence[Row]) -> Remarks:
    """What later readings by changes have to know of this one, which was of everything."""
    told = {row.collection: row.told_parts() for row in rows if row.delta is not None}
    missed: dict[str, set[str]] = {}
    for gap in gathered.gaps:
        is_told = gap.collection in told and (gap.relation is None or gap.relation in told[gap.collection])
        if is_told and gap.id is not None and gap.reason == NotFoundError.reason:
            missed.setdefault(gap.collection, set()).add(gap.id)
    closure = gathered.closure
    return Remarks(
        frozenset(gathered.complete),
        {name: sorted(ids) for name, ids in sorted(missed.items())},
        [Dangling(one.id, one.reference.place, one.namer) for one in closure.unresolved],
        closure.total - len(closure.unresolved),
    )
