"""Coverage: which bundles a verification reads whole, and of which it looks at presence and size alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from verify.bundle_statement import BundleDigest
from verify.events_statement import EventsStatement
from verify.manifest import Manifest
from verify.segments import bundle_name_of, segment_list_name_of
from verify.wording import ranged

_NEEDS_SHOWN = 12
"""Numbers of snapshots in a sentence; `1 to 9` counts as one."""


class Coverage:
    """The bundles of an archive under the snapshots that were asked for; those that have expired are left out."""

    def __init__(
        self,
        manifests: Sequence[Manifest],
        asked: Sequence[Manifest],
        expired: Collection[str],
        events: Sequence[EventsStatement] = (),
        asked_events: Sequence[EventsStatement] = (),
    ) -> None:
        """`manifests` and `events` are all of the log; `asked` of both some; `expired` are digests of bundles."""
        self._events = [one for one in events if one.bundle.sha256 not in expired]
        self.asked_events = [one for one in asked_events if one.bundle.sha256 not in expired]
        self._there = [one for one in manifests if one.bundle.sha256 not in expired]
        self.asked = [one for one in asked if one.bundle.sha256 not in expired]
        fulls = {one.sequence: one for one in manifests}
        self.chains = [(one, fulls.get(one.leans_on.sequence, one) if one.leans_on else one) for one in self.asked]
        """Each snapshot asked for, and the full that it leans on: itself for a full."""

    @cached_property
    def read(self) -> list[BundleDigest]:
        """The bundles that make up what was asked for, each once, a full before what leans on it."""
        snapshots = {one.bundle.sha256: one.bundle for chain in self.chains for one in reversed(chain)}
        return list((snapshots | {one.bundle.sha256: one.bundle for one in self.asked_events}).values())

    @cached_property
    def unread(self) -> list[BundleDigest]:
        """All other bundles, each once: presence and size are looked at, and no byte."""
        read = {bundle.sha256 for bundle in self.read}
        there = [*(one.bundle for one in self._there), *(one.bundle for one in self._events)]
        return list({bundle.sha256: bundle for bundle in there if bundle.sha256 not in read}.values())

    @cached_property
    def _needs(self) -> dict[str, list[int]]:
        """The snapshots that need a file, by its name: its own, and those that lean on it."""
        needs: dict[str, list[int]] = {}
        for one in self._there:
            for digest in {one.bundle.sha256, one.leans_on.bundle_sha256 if one.leans_on else one.bundle.sha256}:
                for name in (bundle_name_of(digest), segment_list_name_of(digest)):
                    needs.setdefault(name, []).append(one.sequence)
        return needs

    def words_of_loss(self, name: str) -> str:
        """Says which snapshots are lost with a bundle, or can't be opened without a segment list; "" for neither."""
        needing = self._needs.get(name)
        events = [one.sequence for one in self._events if one.bundle.sha256 in name]
        if not needing and not events:
            return ""
        noun = "snapshot" if needing and len(needing) == 1 else "snapshots"
        shown = f"{noun} {ranged(needing, _NEEDS_SHOWN)}" if needing else f"events {ranged(events, _NEEDS_SHOWN)}"
        if name.endswith(".age"):
            return f"; lost, unless another copy has it whole: {shown}"
        return f"; without it this program does not open {shown}"


def events_beside(
    events: Sequence[EventsStatement], manifests: Sequence[Manifest], asked: Sequence[Manifest]
) -> Sequence[EventsStatement]:
    """Returns the events that were sealed with the snapshots asked for: those between each and the one before it.

    All are in the log's order. Where every snapshot is asked for, so are all events.
    """
    if len(asked) == len(manifests):
        return events
    wanted = {one.index for one in asked}
    chosen: list[EventsStatement] = []
    low = -1
    for manifest in manifests:
        if manifest.index in wanted:
            chosen += [one for one in events if low < one.index < manifest.index]
        low = manifest.index
    return chosen
