"""The sealer: fails closed, seals a reading, and commits the signed evidence of it.

It holds public recipients, the archive host's signing keys and the ledger; it never reads an archive back.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple

from vault.errors import CanaryUnprovedError, FullReadNeededError, RecipientRefusedError
from vault.ledger.commit import TABLE_FILE, Commit, Staging
from vault.ledger.head import EpochFull, Head
from vault.ledger.ledger import Ledger
from vault.sealing.bundle import BundlePlan, SealedBundle, seal_delta, seal_full
from vault.sealing.epoch import EpochTable
from vault.sealing.epoch_rule import DELTA_SHARE, EpochLength, full_is_due, retain_until
from vault.sealing.event_sealer import EventSealer, SealedEvents
from vault.sealing.events import EventsReading
from vault.sealing.head_after import head_after
from vault.sealing.manifest import TenantReading, bundle_statement_members_of, manifest_members_of, place_after
from vault.sealing.recomputation import recompute
from vault.sealing.scope import Scope
from vault.signing.log_writer import LogWriter, Moment, TrustFiles
from vault.signing.signer import Signer
from vault.spooling.spool import Spool
from vault.spooling.spool_run import Run
from verify.constants import EPOCH_SECRET_BYTES
from verify.errors import MalformedError, WrongArchiveError
from verify.events_statement import EventsStatement
from verify.identity import Recipient
from verify.manifest import DELTA, FULL
from verify.segments import bundle_name_of, segment_list_name_of
from verify.strict_json import text_of_time
from verify.trust_root import RootChain

SOFTWARE = f"strongroom {version('strongroom')}"


@dataclass(frozen=True)
class SealingRules:
    """What the settings ask of every snapshot; of events, `events_retention_days` where they have days of their own."""

    recipients: Sequence[Recipient]
    epoch: EpochLength
    retention_days: int
    events_retention_days: int | None = None

    @property
    def fingerprints(self) -> list[str]:
        """The recipients' fingerprints, sorted."""
        return sorted(recipient.fingerprint for recipient in self.recipients)

    def moment(self, signed_at: datetime) -> Moment:
        """The moment of a checkpoint: evidence is kept as long as a full would be, whatever it is about."""
        return Moment(signed_at, retain_until(FULL, signed_at, self.retention_days, self.epoch))


class SealedSnapshot(NamedTuple):
    """What a run sealed and committed; `why_full` says why it is a full, if it is."""

    commit: Commit
    bundle: SealedBundle
    sequence: int
    manifest_sha256: str
    why_full: str | None
    events: EventsStatement | None = None


class Sealer:
    """Seals for one archive.

    Raises:
        RefusedError: the signer is not the one that the trust root names (fail closed).
        WrongArchiveError: ledger and trust root belong to different archives.
    """

    def __init__(
        self,
        signer: Signer,
        chain: RootChain,
        files: TrustFiles,
        ledger: Ledger,
        clock: Callable[[], datetime],
    ) -> None:
        self._log = LogWriter(signer, chain, files, ledger)
        self._events = EventSealer(self._log, ledger, chain.archive_id, SOFTWARE)
        self._archive_id = chain.archive_id
        self._named = {one.recipient.fingerprint: one for one in chain.newest.recipients}
        self._ledger = ledger
        self._clock = clock

    def require_clock(self, rules: SealingRules) -> None:
        """Refuses a time at which nothing could be signed, before hours of reading. Raises ClockRefusedError."""
        rules.moment(self._clock())

    def require_recipients(self, rules: SealingRules) -> None:
        """Fails closed on whom a run would seal to.

        Raises:
            RecipientRefusedError: there is none, or the trust root does not name it, or names it for a later time.
            CanaryUnprovedError: nobody has opened its canary.
        """
        if not rules.recipients:
            raise RecipientRefusedError("keys.recipients is empty")
        for fingerprint in rules.fingerprints:
            if fingerprint not in self._named:
                raise RecipientRefusedError(f"recipient {fingerprint[:16]} is not named by the trust root")
            if self._clock() < self._named[fingerprint].not_before:
                since = text_of_time(self._named[fingerprint].not_before)
                raise RecipientRefusedError(
                    f"recipient {fingerprint[:16]} is in force from {since} on, and this host's clock is before that",
                    next_step="Set the clock right, or wait until then.",
                )
            if fingerprint not in self._ledger.head.proved:
                raise CanaryUnprovedError(f"the canary of recipient {fingerprint[:16]} was never opened")

    def require_tenant(self, tenant: str, simulated: bool) -> None:
        """One archive holds one tenant.

        Raises:
            WrongArchiveError: the archive holds another tenant, or a simulated one where this is not.
        """
        head = self._ledger.head
        if head.tenant is not None and (head.tenant, head.simulated) != (tenant, simulated):
            raise WrongArchiveError(f"this archive holds tenant {head.tenant}, and {tenant} was read")

    def seal(
        self,
        spool: Spool,
        reading: TenantReading,
        rules: SealingRules,
        *,
        full: bool,
        scope: Scope | None = None,
        events: EventsReading | None = None,
    ) -> SealedSnapshot:
        """Seals what was spooled, re-opens it, signs, and commits; `full` asks for a full in any case.

        `scope` says what stands in the epoch's full and was not read again; None where everything was read.
        `events` are sealed beside it and committed with it, in one step.

        Raises:
            FullReadNeededError: this must become a full, and not everything was read.
        """
        self.require_recipients(rules)
        self.require_tenant(reading.tenant, reading.simulated)
        runs = spool.finish()
        head = self._ledger.head
        why_full = "asked for" if full else self.why_full(reading.taken_at, rules)
        _require_read(scope, why_full)
        staging = self._ledger.stage()
        if why_full is None and head.full is not None:
            bundle = self._sealed_delta(spool, runs, rules, head, head.full, staging, scope)
            if bundle.size_bytes * DELTA_SHARE > head.full.bundle_bytes:
                why_full = "the delta would exceed a quarter of the full"
                bundle.path.unlink()
                _require_read(scope, why_full)
        if why_full is not None:
            bundle = self._sealed_full(spool, runs, rules, head, staging)
        sealed_events = None
        if events:
            days = rules.events_retention_days or rules.retention_days
            sealed_events = self._events.seal(events, reading, rules.recipients, days, staging)
        return self._committed(staging, bundle, reading, rules, why_full, spool, sealed_events)

    def record_failure(self, started_at: datetime, error: Mapping[str, object], rules: SealingRules) -> Commit:
        """Logs that a run sealed nothing, and why: an entry every day, also on bad days."""
        ended_at = self._clock()
        members = {
            "outcome": "failed",
            "started_at": text_of_time(started_at),
            "ended_at": text_of_time(ended_at),
            "error": dict(error),
        }
        entry = self._log.entry("run", members)
        return self._log.commit(self._ledger.stage(), [entry], self._ledger.head, rules.moment(ended_at))

    def record_canary(self, recipient: Recipient, content: bytes, rules: SealingRules) -> Commit:
        """Logs that somebody opened the recipient's canary; `content` is what it held.

        Raises:
            CanaryUnprovedError: this is not what the trust root says that the canary holds.
        """
        digest = hashlib.sha256(content).hexdigest()
        named = self._named.get(recipient.fingerprint)
        if named is None or named.content_sha256 != digest:
            raise CanaryUnprovedError("this is not the content of the recipient's canary")
        opened_at = self._clock()
        members = {
            "recipient": recipient.fingerprint,
            "opened": content.decode("ascii"),
            "opened_at": text_of_time(opened_at),
        }
        entry = self._log.entry("canary", members)
        head = self._ledger.head
        proved = sorted({*head.proved, recipient.fingerprint})
        return self._log.commit(self._ledger.stage(), [entry], replace(head, proved=proved), rules.moment(opened_at))

    def why_full(self, taken_at: datetime, rules: SealingRules) -> str | None:
        """Returns why a snapshot of that time has to be a full, or None if it may lean on the epoch's."""
        full = self._ledger.head.full
        until = retain_until(DELTA, taken_at, rules.retention_days, rules.epoch)
        due = full_is_due(full, rules.epoch, taken_at, rules.fingerprints, until)
        if due is not None or full is None:
            return due
        try:
            digest = EpochTable(self._ledger.table_path).sha256()
        except MalformedError:
            return "the epoch table is lost"
        return None if digest == full.table_sha256 else "the epoch table is damaged"

    def _sealed_full(
        self, spool: Spool, runs: Sequence[Run], rules: SealingRules, head: Head, staging: Staging
    ) -> SealedBundle:
        plan = self._plan(rules, head, os.urandom(EPOCH_SECRET_BYTES), head.epoch + 1)
        return seal_full(spool, runs, plan, staging.folder)

    def _sealed_delta(
        self,
        spool: Spool,
        runs: Sequence[Run],
        rules: SealingRules,
        head: Head,
        full: EpochFull,
        staging: Staging,
        scope: Scope | None,
    ) -> SealedBundle:
        plan = self._plan(rules, head, bytes.fromhex(full.secret), head.epoch)
        return seal_delta(spool, runs, plan, staging.folder, self._ledger.table_path, scope)

    def _plan(self, rules: SealingRules, head: Head, secret: bytes, epoch: int) -> BundlePlan:
        archive_id = bytes.fromhex(self._archive_id)
        return BundlePlan(archive_id, epoch, head.sequence + 1, secret, rules.recipients)

    def _committed(
        self,
        staging: Staging,
        bundle: SealedBundle,
        reading: TenantReading,
        rules: SealingRules,
        why_full: str | None,
        spool: Spool,
        events: SealedEvents | None,
    ) -> SealedSnapshot:
        """Signs the manifest, proves with the reader's own code that it and the bundle are true, and commits."""
        head = self._ledger.head
        is_full = bundle.kind == FULL
        until = retain_until(bundle.kind, reading.taken_at, rules.retention_days, rules.epoch)
        place = place_after(head, bundle.kind)
        members = bundle_statement_members_of(
            reading,
            bundle,
            place.sequence,
            place.previous,
            recipients=rules.fingerprints,
            retain_until=until,
            software=SOFTWARE,
        )
        entry = self._log.entry("manifest", members | manifest_members_of(reading, bundle, place))
        # The manifest is the last entry: what is carried forward beside a full lies at the size that it ends.
        entries = [events.entry, entry] if events else [entry]
        manifest = self._log.proved_manifest(entry, after=len(entries) - 1)
        table_path = staging.folder / TABLE_FILE if is_full else self._ledger.table_path
        recompute(manifest, bundle, table_path, spool)
        new_head = head_after(head, manifest, reading, bundle, table_path)
        staging.add_file(bundle_name_of(bundle.sha256), bundle.path.name, bundle.sha256, text_of_time(until))
        staging.add(segment_list_name_of(bundle.sha256), bundle.segments, text_of_time(until))
        moment = rules.moment(self._clock())
        if events:
            new_head = replace(new_head, events=events.head_after(head.events))
            # What proves events is kept as long as they are.
            moment = moment._replace(retain_until=max(moment.retain_until, events.statement.retain_until))
        commit = self._log.commit(staging, entries, new_head, moment, forward=is_full)
        without_secrets = replace(bundle, file_key=b"", epoch_secret=b"")
        statement = events.statement if events else None
        return SealedSnapshot(commit, without_secrets, manifest.sequence, manifest.sha256, why_full, statement)


def _require_read(scope: Scope | None, why_full: str | None) -> None:
    if scope is not None and why_full is not None:
        raise FullReadNeededError(f"a full has to be sealed: {why_full}")
