"""The ceremony: everything that can be proved of an archive, in the order of FORMAT.md section 13.

Nothing that is found is raised: it becomes a check that failed. What can't be reached at all is raised, as an
UnreachableArchiveError, and so is a SNAPSHOT word that names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from verify.archive import newest_checkpoint_in
from verify.check import LEVELS, ON_REQUEST, CheckList
from verify.checkpoint import VerifiedCheckpoint
from verify.coverage import Coverage, events_beside
from verify.custody import faults_of_canaries, faults_of_evidence
from verify.errors import StrongroomError, UsageError, WrongArchiveError
from verify.events_examination import prove_event_bundles
from verify.events_line import events_lines_of
from verify.events_statement import EventsStatement
from verify.events_succession import prove_events
from verify.examination import Examination, examination_of, note_examinations
from verify.fault import fault_of
from verify.freshness import prove_freshness
from verify.history import History, HistoryReading
from verify.holding import Fault, faults_of_bundles, faults_of_presence, faults_of_size, note_files
from verify.identity import Identity
from verify.inventory import Inventory
from verify.manifest import FULL, Manifest
from verify.name import checkpoint_name_of
from verify.remembered import Remembered, missing_since
from verify.segments import bundle_name_of, segment_list_name_of
from verify.selector import LATEST, selected
from verify.snapshot_line import snapshot_lines_of
from verify.store import ArchiveReader
from verify.succession import faults_of_recipients, faults_of_retention, faults_of_succession, words_of_steps_back
from verify.trust import root_chain_in
from verify.trust_root import RootChain
from verify.verdict import Verdict
from verify.wording import counted

ALL = "all"

_NAME = re.compile(r"(?:bundles|keys|log|root)/[^\s:,]+")


@dataclass(frozen=True)
class Request:
    """What is asked of the ceremony.

    `fingerprint` is that of a trust root obtained elsewhere, `snapshots` a SNAPSHOT word or `all` (for levels
    above 0; level 0 reads the whole archive, and refuses a word that names nothing all the same), `now` the
    caller's clock, `required` ids of checks to add.
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
    """The verdict, and the log to remember from now on; None when C01 to C04 did not all hold, or it is behind."""

    verdict: Verdict
    to_remember: Remembered | None


class Ceremony:
    """One pass over one archive."""

    def __init__(self, reader: ArchiveReader, request: Request) -> None:
        self._reader = reader
        self._request = request
        asked = {id_ for id_, level in LEVELS.items() if level <= request.level} - ON_REQUEST
        self._checks = CheckList(frozenset(asked | request.required))
        self._inventory = Inventory({})
        self._expired: frozenset[str] = frozenset()
        self._behind: int | None = None
        self._other_memory = False

    def outcome(self) -> Outcome:
        """Carries the ceremony out.

        Raises:
            UnreachableArchiveError: the archive can't be listed.
            UsageError: the SNAPSHOT word names nothing.
        """
        self._inventory = Inventory(dict(self._reader.list("")), list(self._reader.others()))
        roots = self._prove_roots()
        checkpoint = self._prove_checkpoint(roots) if roots else None
        if roots is None or checkpoint is None:
            return Outcome(self._verdict(roots, History(), Coverage((), (), ())), None)
        history = HistoryReading(self._reader, roots, checkpoint, self._inventory.sizes, self._checks).history()
        self._expired = self._inventory.expired(history.sealed, self._request.now)
        self._behind = self._compare_with_memory(roots, history)
        self._prove_manifests(roots, history)
        prove_events(self._checks, history)
        asked = self._asked(history.manifests)
        beside = events_beside(history.events, history.manifests, asked)
        coverage = Coverage(history.manifests, asked, self._expired, history.events, beside)
        self._prove_bundles(history, coverage)
        self._prove_custody(roots, history)
        self._prove_policy(roots, history)
        proved = not any(self._checks.failures(id_) for id_ in ("C01", "C02", "C03", "C04"))
        kept = Remembered(roots.archive_id, history.leaves) if proved and not self._behind else None
        return Outcome(self._verdict(roots, history, coverage), kept)

    def _prove_roots(self) -> RootChain | None:
        try:
            roots = root_chain_in(self._reader, self._request.fingerprint)
        except StrongroomError as error:
            self._failed("C01", error)
            return None
        count = counted(len(roots.roots), "trust root")
        self._checks.passed("C01", f"{count}, from sha256:{self._request.fingerprint[:16]}… that was given")
        return roots

    def _prove_checkpoint(self, roots: RootChain) -> VerifiedCheckpoint | None:
        try:
            checkpoint = newest_checkpoint_in(self._reader, roots)
        except StrongroomError as error:
            self._failed("C02", error)
            return None
        self._checks.passed(
            "C02", f"size {checkpoint.size}, signed at {checkpoint.signed_at:%Y-%m-%d %H:%M:%S}Z with both keys"
        )
        return checkpoint

    def _compare_with_memory(self, roots: RootChain, history: History) -> int | None:
        """Returns how many remembered entries this store lacks; None if that can't be known."""
        if self._request.remembered is None or self._checks.failures("C03"):
            return None
        try:
            return missing_since(self._request.remembered, roots.archive_id, history.leaves)
        except StrongroomError as error:
            self._other_memory = isinstance(error, WrongArchiveError)
            self._checks.failed("C04", error, checkpoint_name_of(history.size))
            return None

    def _prove_manifests(self, roots: RootChain, history: History) -> None:
        manifests = history.manifests
        if history.broken:
            self._checks.not_checked("C06", "not every entry of the log is proved (C03, C05)")
        self._prove_recipients(roots, history)
        if not manifests:
            for id_ in ("C06", "C10"):
                self._checks.not_checked(id_, history.absence, exists=False)
            return
        if not history.broken:
            epochs = manifests[-1].epoch
            text = f"manifests of {counted(len(manifests), 'snapshot')} in {counted(epochs, 'epoch')}, none left out"
            text += words_of_steps_back(manifests)
            self._note("C06", faults_of_succession(manifests), text)
        self._note("C10", faults_of_retention(manifests), "no full may be deleted before what leans on it")

    def _prove_recipients(self, roots: RootChain, history: History) -> None:
        used = {one for sealed in history.sealed for one in sealed.recipients}
        if not used:
            self._checks.not_checked("C07", history.absence, exists=False)
            return
        self._note(
            "C07",
            faults_of_recipients(history.sealed, roots),
            f"{len(used)} in use, named by a trust root and used from its time on",
        )

    def _asked(self, manifests: Sequence[Manifest]) -> Sequence[Manifest]:
        if self._request.snapshots == ALL or not manifests:
            return manifests
        try:
            named = selected(reversed(manifests), self._request.snapshots)
        except UsageError:
            # What a damaged log hides is a finding at level 0, and no mistake of whoever asks.
            if self._request.level == 0 and any(self._checks.failures(id_) for id_ in ("C03", "C04", "C05")):
                return manifests
            raise
        return [named] if self._request.level > 0 else manifests

    def _prove_bundles(self, history: History, coverage: Coverage) -> None:
        """Checks the files (C08, C09) and, at level 1 and at the same time, what is in them (C21 to C25)."""
        pending = [coverage.read]

        def prove_files() -> None:
            self._note_faults(faults_of_bundles(self._reader, pending.pop()), coverage)

        examined: list[tuple[Examination, tuple[Manifest, Manifest]]] = []
        for manifest, full in coverage.chains if self._request.level > 0 else ():
            if not any(faults_of_size(self._reader, one.bundle) for one in (full, manifest)):
                meanwhile = prove_files if pending else None
                one = examination_of(self._reader, manifest, full, self._request.identities, meanwhile)
                examined.append((one, (manifest, full)))
        if pending:
            prove_files()
        for bundle in coverage.unread:
            self._note_faults(faults_of_presence(self._reader, self._inventory.sizes, bundle), coverage)
        note_files(self._checks, coverage)
        if self._request.level > 0:
            # What damaged files gave says nothing beyond C08 and C09.
            sound = [one for one, chain in examined if not any(map(self._is_damaged, chain))]
            reason = "a file that is needed is missing or damaged (C08, C09)"
            if not coverage.asked:
                reason = "what was asked for has expired" if history.manifests else history.absence
            note_examinations(self._checks, sound, len(coverage.asked), reason)
            events = [one for one in coverage.asked_events if not self._is_damaged(one)]
            prove_event_bundles(self._reader, self._checks, coverage.asked_events, events, self._request.identities)

    def _is_damaged(self, manifest: Manifest | EventsStatement) -> bool:
        names = {bundle_name_of(manifest.bundle.sha256), segment_list_name_of(manifest.bundle.sha256)}
        return any(names & self._checks.subjects(id_) for id_ in ("C08", "C09"))

    def _note_faults(self, faults: Iterable[Fault], coverage: Coverage) -> None:
        """Notes what is wrong with files, and which snapshots are lost by it: a name of 64 digits says it to nobody."""
        for check, name, error in faults:
            text = error.message + coverage.words_of_loss(name)
            self._checks.failed(check, type(error)(text, next_step=error.next_step), name)

    def _prove_custody(self, roots: RootChain, history: History) -> None:
        canaries = counted(len(roots.recipients), "canary", "canaries")
        self._note(
            "C11",
            faults_of_canaries(self._reader, roots, history.sealed, history.canaries),
            f"{canaries}; each recipient in use was proved before",
        )
        fulls = [one for one in history.manifests if one.kind == FULL and one.bundle.sha256 not in self._expired]
        if self._checks.failures("C03"):
            self._checks.not_checked("C12", "the log is not proved (C03)")
        elif not history.manifests:
            self._checks.not_checked("C12", history.absence, exists=False)
        else:
            faults = faults_of_evidence(self._reader, self._inventory.sizes, roots.archive_id, history.leaves, fulls)
            self._note("C12", faults, f"log, roots and canaries lie beside {counted(len(fulls), 'full')}")

    def _prove_policy(self, roots: RootChain, history: History) -> None:
        policy = roots.newest.policy
        limits = [one for one in (policy.max_age_hours, self._request.max_age_hours) if one is not None]
        asked = {
            "C13": bool(limits),
            "C14": policy.witnesses is not None,
            "C15": policy.timestamps > 0,
            "C16": policy.lock_observations,
        }
        self._checks.require(id_ for id_, wanted in asked.items() if wanted)
        prove_freshness(self._checks, history, self._request.now, min(limits, default=None), self._behind)
        for id_ in ("C14", "C15", "C16"):
            wanted = asked[id_] or id_ in self._request.required
            self._checks.not_checked(id_, "asked for, and there is none in this archive" if wanted else "not asked for")

    def _note(self, id_: str, faults: Iterable[tuple[str, StrongroomError]], detail: str) -> None:
        for subject, error in faults:
            self._checks.failed(id_, error, subject)
        self._checks.passed(id_, detail)

    def _failed(self, id_: str, error: StrongroomError) -> None:
        """Notes a failure whose file is the one that the message begins with, if it begins with one."""
        match = _NAME.match(error.message)
        self._checks.failed(id_, error, match[0] if match else None)

    def _verdict(self, roots: RootChain | None, history: History, coverage: Coverage) -> Verdict:
        for id_, level in LEVELS.items():
            if level <= self._request.level:
                self._checks.not_checked(id_, "an earlier check failed")
            elif id_ in self._request.required:
                self._checks.not_checked(id_, f"a check of level {level}")
        checks = self._checks.checks()
        return Verdict(
            level=self._request.level,
            checks=checks,
            archive_id=roots.archive_id if roots else None,
            trust_root=self._request.fingerprint,
            snapshots=snapshot_lines_of(history.manifests, coverage, self._expired, self._is_damaged),
            events=events_lines_of(history.events, coverage, self._expired, self._is_damaged),
            strays=self._inventory.strays(),
            orphans=self._inventory.orphans(history.sealed) if history.leaves else (),
            pending=self._inventory.pending(history.size) if history.leaves else (),
            behind=self._behind,
            fault=fault_of(checks, self._inventory.sizes, other_memory=self._other_memory),
        )
