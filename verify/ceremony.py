"""The ceremony: everything that can be proved of an archive, in the order of FORMAT.md section 13.

Nothing that is found is raised: it becomes a check that failed. What can't be reached at all is raised, as an
UnreachableArchiveError, and so is a SNAPSHOT word that names nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from verify.archive import newest_checkpoint_in
from verify.check import LEVELS, ON_REQUEST, CheckList
from verify.checkpoint import VerifiedCheckpoint
from verify.constants import ENTRY_FOLDER, HASH_BYTES
from verify.custody import faults_of_canaries, faults_of_evidence
from verify.errors import DigestError, StaleError, StrongroomError, UnreachableArchiveError
from verify.history import History, HistoryReading
from verify.holding import faults_of_bundles, faults_of_size
from verify.identity import Identity
from verify.manifest import FULL, BundleDigest, Manifest
from verify.name import checkpoint_name_of, entry_name_of, is_part_of_an_archive
from verify.opening import Opening, opening_of
from verify.remembered import Remembered, missing_since
from verify.segments import bundle_name_of, segment_list_name_of
from verify.selector import LATEST, selected
from verify.store import ArchiveReader
from verify.succession import (
    Fault,
    faults_of_recipients,
    faults_of_retention,
    faults_of_succession,
)
from verify.trust import root_chain_in
from verify.trust_root import RootChain
from verify.verdict import SnapshotLine, Verdict

ALL = "all"
PRESENT, EXPIRED, MISSING = "present", "expired", "missing"

_CLOCK_TOLERANCE = timedelta(hours=24)
"""A snapshot from further in the future than any clock is wrong would stay fresh for ever."""


@dataclass(frozen=True)
class Request:
    """What is asked of the ceremony.

    `fingerprint` is that of a trust root obtained elsewhere, `snapshots` a SNAPSHOT word or `all` (levels above
    0 only; level 0 covers the whole archive), `now` the caller's clock, `required` ids of checks to add.
    """

    fingerprint: str
    level: int
    now: datetime
    snapshots: str = LATEST
    identities: Sequence[Identity] = ()
    max_age_hours: float | None = None
    required: frozenset[str] = frozenset()
    remembered: Remembered | None = None


@dataclass(frozen=True)
class Outcome:
    """The verdict, and the log to remember: its archive id and leaf hashes, None unless C01 to C04 held."""

    verdict: Verdict
    to_remember: Remembered | None


class Ceremony:
    """One pass over one archive."""

    def __init__(self, reader: ArchiveReader, request: Request) -> None:
        self._reader = reader
        self._request = request
        asked = {id_ for id_, level in LEVELS.items() if level <= request.level} - ON_REQUEST
        self._checks = CheckList(frozenset(asked | request.required))
        self._inventory: Mapping[str, int] = {}
        self._expired: set[str] = set()
        self._missing: set[str] = set()

    def outcome(self) -> Outcome:
        """Carries the ceremony out.

        Raises:
            UnreachableArchiveError: the archive can't be listed.
            UsageError: the SNAPSHOT word names nothing.
        """
        self._inventory = dict(self._reader.list(""))
        roots = self._prove_roots()
        checkpoint = self._prove_checkpoint(roots) if roots else None
        if roots is None or checkpoint is None:
            return self._concluded(roots, History(), [], None)
        history = HistoryReading(self._reader, roots, checkpoint, self._inventory, self._checks).history()
        behind = self._compare_with_memory(roots, history)
        self._prove_manifests(roots, history)
        self._mark_missing(history.manifests)
        covered = self._covered(history.manifests)
        openings = self._prove_bundles(history.manifests, covered)
        self._prove_custody(roots, history)
        self._prove_freshness(roots, history.manifests, behind)
        self._skip_unknown(roots)
        self._note_openings(openings, covered)
        proved = not any(self._checks.failures(id_) for id_ in ("C01", "C02", "C03", "C04"))
        kept = Remembered(roots.archive_id, history.leaves) if proved and not behind else None
        return self._concluded(roots, history, covered, kept)

    def _prove_roots(self) -> RootChain | None:
        try:
            roots = root_chain_in(self._reader, self._request.fingerprint)
        except StrongroomError as error:
            self._checks.failed("C01", error, _subject_of(error))
            return None
        policy = roots.newest.policy
        asked = {
            "C13": policy.max_age_hours is not None or self._request.max_age_hours is not None,
            "C14": policy.witnesses is not None,
            "C15": policy.timestamps > 0,
            "C16": policy.lock_observations,
        }
        self._checks.require(id_ for id_, wanted in asked.items() if wanted)
        count = len(roots.roots)
        self._checks.passed(
            "C01", f"{count} trust root{'s' if count > 1 else ''}, from sha256:{self._request.fingerprint[:16]}…"
        )
        return roots

    def _prove_checkpoint(self, roots: RootChain) -> VerifiedCheckpoint | None:
        try:
            checkpoint = newest_checkpoint_in(self._reader, roots)
        except StrongroomError as error:
            self._checks.failed("C02", error, _subject_of(error))
            return None
        self._checks.passed(
            "C02", f"size {checkpoint.size}, signed {checkpoint.signed_at:%Y-%m-%d %H:%M:%S}Z by both keys of the log"
        )
        return checkpoint

    def _compare_with_memory(self, roots: RootChain, history: History) -> int:
        """Returns by how many entries the store is behind what is remembered."""
        remembered = self._request.remembered
        if remembered is None:
            self._checks.not_checked("C17", "nothing was remembered")
            return 0
        if len(history.leaves) // HASH_BYTES != self._expected_size(history):
            self._checks.not_checked("C17", "entries of the log are missing (C03)")
            return 0
        try:
            return missing_since(remembered, roots.archive_id, history.leaves)
        except StrongroomError as error:
            self._checks.failed("C04", error, checkpoint_name_of(len(history.leaves) // HASH_BYTES))
            return 0

    def _expected_size(self, history: History) -> int:
        return len(history.leaves) // HASH_BYTES if not self._checks.failures("C03") else -1

    def _prove_manifests(self, roots: RootChain, history: History) -> None:
        manifests = history.manifests
        if history.broken:
            self._checks.not_checked("C06", "not every entry of the log is proved (C03, C05)")
        elif not manifests:
            self._checks.not_checked("C06", "there is no snapshot yet", exists=False)
        else:
            last = manifests[-1]
            self._note(
                "C06",
                faults_of_succession(manifests),
                f"{len(manifests)} snapshots in {last.epoch} epochs follow each other without a gap",
            )
        if not manifests:
            for id_ in ("C07", "C10"):
                self._checks.not_checked(id_, "there is no snapshot yet", exists=False)
            return
        used = {one for manifest in manifests for one in manifest.recipients}
        self._note("C07", faults_of_recipients(manifests, roots), f"{len(used)} recipients, all named by a trust root")
        self._note("C10", faults_of_retention(manifests), "no full may be deleted before what leans on it")

    def _mark_missing(self, manifests: Sequence[Manifest]) -> None:
        """Sorts out bundles of which neither file is there: expired if their time has passed."""
        for manifest in manifests:
            sha256 = manifest.bundle.sha256
            if bundle_name_of(sha256) not in self._inventory:
                both = segment_list_name_of(sha256) not in self._inventory
                gone = both and manifest.retain_until < self._request.now
                (self._expired if gone else self._missing).add(sha256)

    def _covered(self, manifests: Sequence[Manifest]) -> list[Manifest]:
        """Returns the snapshots that levels above 0 are about; all that there are at level 0."""
        if self._request.level == 0 or self._request.snapshots == ALL or not manifests:
            return [manifest for manifest in manifests if manifest.bundle.sha256 not in self._expired]
        return [selected(reversed(manifests), self._request.snapshots)]

    def _prove_bundles(self, manifests: Sequence[Manifest], covered: Sequence[Manifest]) -> list[Opening]:
        """Checks C08 and C09, and reads snapshots through at level 1, both at the same time."""
        fulls = {manifest.sequence: manifest for manifest in manifests}
        chains = [
            (manifest, fulls.get(manifest.leans_on.sequence, manifest) if manifest.leans_on else manifest)
            for manifest in covered
        ]
        bundles: dict[str, BundleDigest] = {
            one.bundle.sha256: one.bundle
            for chain in chains
            for one in reversed(chain)
            if one.bundle.sha256 not in self._expired
        }
        if not bundles:
            for id_ in ("C08", "C09"):
                self._checks.not_checked(id_, "there is no snapshot to look at", exists=False)
            return []
        openings: list[Opening] = []
        hashed: list[bool] = []

        def prove_files() -> None:
            hashed.append(True)
            for check, name, error in faults_of_bundles(self._reader, list(bundles.values())):
                self._checks.failed(check, error, name)

        if self._request.level > 0 and self._request.identities:
            for manifest, full in chains:
                if any(faults_of_size(self._reader, one.bundle) for one in (full, manifest)):
                    continue
                meanwhile = None if hashed else prove_files
                openings.append(opening_of(self._reader, manifest, full, self._request.identities, meanwhile))
        if not hashed:
            prove_files()
        size = sum(bundle.bytes for bundle in bundles.values())
        scope = "" if len(bundles) == len(manifests) else f" of {len(manifests)}; level 0 covers all"
        self._checks.passed("C08", f"{len(bundles)} bundles{scope}, {size / 1e6:,.1f} MB: names, SHA-512, sizes")
        segments = sum(bundle.leaves for bundle in bundles.values())
        self._checks.passed("C09", f"{segments:,} segments")
        return openings

    def _note_openings(self, openings: Sequence[Opening], covered: Sequence[Manifest]) -> None:
        """Checks C21 to C25, for the snapshots whose files are the ones that were signed for."""
        ids = [id_ for id_, level in LEVELS.items() if level == 1]
        if self._request.level < 1:
            return
        damaged = {check.subject for check in self._checks.failures("C08")}
        sound = [one for one in openings if bundle_name_of(one.manifest.bundle.sha256) not in damaged]
        sound = [one for one in sound if not any(finding.subject in damaged for finding in one.findings)]
        for one in sound:
            for finding in one.findings:
                self._checks.failed(finding.check, finding.error, finding.subject)
        if not sound or any(one.state is None for one in sound) or len(sound) < len(covered):
            self._note_unopened(ids, sound, covered)
            return
        records = sum(one.state.count for one in sound if one.state)
        gaps = sum(len(one.manifest.gaps) for one in sound)
        which = "snapshot " + ", ".join(str(one.manifest.sequence) for one in sound[:20])
        for id_, detail in zip(
            ids,
            (
                f"{which}: opened with the identity given",
                "every chunk, frame and table",
                f"{records:,} records: each line against its key and its hash",
                f"{records:,} leaves give the state root that was signed",
                f"counts by collection agree; {gaps} signed gaps",
            ),
            strict=True,
        ):
            self._checks.passed(id_, detail)

    def _note_unopened(self, ids: Sequence[str], sound: Sequence[Opening], covered: Sequence[Manifest]) -> None:
        if not covered:
            reason = "there is no snapshot yet"
        elif len(sound) < len(covered):
            reason = "the bundle's file is missing or damaged (C08)"
        else:
            reason = "an earlier check of the same bundle failed"
        failed = [id_ for id_ in ids if self._checks.failures(id_)]
        for id_ in ids:
            if failed and id_ < failed[0] and len(sound) == len(covered):
                self._checks.passed(id_, "held until a later check failed")
            self._checks.not_checked(id_, reason)

    def _prove_custody(self, roots: RootChain, history: History) -> None:
        manifests = history.manifests
        self._note(
            "C11",
            faults_of_canaries(self._reader, roots, manifests, history.canaries),
            f"{len(roots.recipients)} canaries, each opened before its recipient was used",
        )
        fulls = [one for one in manifests if one.kind == FULL and one.bundle.sha256 not in self._expired]
        if self._checks.failures("C03"):
            self._checks.not_checked("C12", "the log is not proved (C03)")
        elif not manifests:
            self._checks.not_checked("C12", "there is no snapshot yet", exists=False)
        else:
            self._note(
                "C12",
                faults_of_evidence(self._reader, self._inventory, roots.archive_id, history.leaves, fulls),
                f"log, roots and canaries lie beside {len(fulls)} fulls",
            )

    def _prove_freshness(self, roots: RootChain, manifests: Sequence[Manifest], behind: int) -> None:
        limits = [one for one in (roots.newest.policy.max_age_hours, self._request.max_age_hours) if one is not None]
        newest = manifests[-1] if manifests else None
        name = entry_name_of(newest.index) if newest else None
        age = self._request.now - newest.taken_at if newest else timedelta.max
        hours = f"{age / timedelta(hours=1):,.1f} hours old" if newest else "not there"
        stale: StaleError | None = None
        if not limits:
            self._checks.not_checked("C13", f"no greatest age was asked for; the newest snapshot is {hours}")
        elif newest is None or age > timedelta(hours=min(limits)) or age < -_CLOCK_TOLERANCE:
            stale = StaleError(f"the newest snapshot is {hours}, and {min(limits):g} are allowed")
            self._checks.failed("C13", stale, name)
        else:
            self._checks.passed("C13", f"the newest snapshot is {hours}; {min(limits):g} are allowed")
        if not behind:
            if self._request.remembered is not None and not self._checks.failures("C04"):
                self._checks.passed("C17", "everything that was remembered is there")
            self._checks.not_checked("C17", "the log is not the one that was remembered (C04)")
            return
        text = f"BEHIND: {behind} entries that were remembered are not in this store yet"
        if stale is not None:
            self._checks.failed("C17", StaleError(text), name)
        elif limits:
            self._checks.passed("C17", text)
        else:
            self._checks.not_checked("C17", text)

    def _skip_unknown(self, roots: RootChain) -> None:
        policy = roots.newest.policy
        asked = {"C14": policy.witnesses is not None, "C15": policy.timestamps > 0, "C16": policy.lock_observations}
        for id_, wanted in asked.items():
            self._checks.not_checked(id_, "asked for, and format 1 has no place for it" if wanted else "not asked for")

    def _note(self, id_: str, faults: object, detail: str) -> None:
        raise NotImplementedError

    def _concluded(
        self, roots: RootChain | None, history: History, covered: Sequence[Manifest], kept: Remembered | None
    ) -> Outcome:
        for id_, level in LEVELS.items():
            if level <= self._request.level:
                self._checks.not_checked(id_, "an earlier check failed")
        failed = {check.subject for check in self._checks.failures("C08")}
        lines = [
            SnapshotLine(one, self._state_of(one, failed), one in covered) for one in reversed(history.manifests)
        ]
        named = {one.bundle.sha256 for one in history.manifests}
        size = len(history.leaves) // HASH_BYTES
        pending = [
            name
            for name in self._inventory
            if name.startswith(f"{ENTRY_FOLDER}/") and is_part_of_an_archive(name) and name >= entry_name_of(size)
        ]
        orphans = [
            name
            for name in self._inventory
            if name.startswith("bundles/") and is_part_of_an_archive(name) and name[-68:-4] not in named
        ]
        verdict = Verdict(
            self._request.level,
            self._checks.checks(),
            roots.archive_id if roots else None,
            self._request.fingerprint,
            lines,
            [name for name in self._inventory if not is_part_of_an_archive(name)],
            orphans if history.manifests else [],
            pending if history.leaves else [],
        )
        return Outcome(verdict, kept)

    def _state_of(self, manifest: Manifest, failed: set[str | None]) -> str:
        if manifest.bundle.sha256 in self._expired:
            return EXPIRED
        if manifest.bundle.sha256 in self._missing or bundle_name_of(manifest.bundle.sha256) in failed:
            return MISSING
        return PRESENT


def _subject_of(error: StrongroomError) -> str | None:
    raise NotImplementedError
