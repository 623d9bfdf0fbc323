"""One archive host for sealing tests: keys, trust root, ledger, and a clock that tests move."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vault.ledger.delivery import deliver
from vault.ledger.ledger import Ledger
from vault.sealing.manifest import TenantReading
from vault.sealing.scope import Scope
from vault.sealing.sealer import SealedSnapshot, Sealer, SealingRules
from vault.signing.log_writer import TrustFiles
from vault.signing.signer import Signer, StatementKey
from vault.spooling.spool import Spool
from vault.spooling.spool_run import SpoolWriter
from vault.stores.directory import DirectoryStore
from vault.trust import first_root_of, new_canary, new_identity
from verify.gap import Gap
from verify.identity import Identity
from verify.key import KeyFields, Record, key_of
from verify.trust_root import root_chain_of

TENANT = "11111111-2222-3333-4444-555555555555"
ARCHIVE_ID = "0123456789abcdef0123456789abcdef"


def user(number: int, city: str = "Oslo") -> Record:
    """A user's record, about 120 bytes."""
    id_ = hashlib.sha256(b"%d" % number).hexdigest()[:32]
    line = f'{{"collection":"users","id":"{id_}","value":{{"city":"{city}","id":"{id_}"}}}}'
    return Record(key_of(KeyFields("users", id_)), line.encode())


def spool_records(writer: SpoolWriter, records: Sequence[Record]) -> None:
    """Work for a worker process."""
    writer.add(records, 1)


@dataclass
class Host:
    """An archive host with one store. `now` is its clock; `collections` and `parts` are what it is asked for."""

    folder: Path
    now: datetime = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)
    identity: Identity = field(default_factory=new_identity)
    signer: Signer = field(default_factory=Signer.generate)
    collections: Sequence[str] = ("users",)
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        canary = new_canary(ARCHIVE_ID, self.identity.recipient)
        self.root = first_root_of(ARCHIVE_ID, StatementKey.generate(), self.signer, [canary], self.now)
        self.files = TrustFiles({1: self.root}, {self.identity.recipient.fingerprint: canary.file})
        self.canary = canary
        self.chain = root_chain_of([self.root], hashlib.sha256(self.root).hexdigest(), ["root/1.root.json"])
        self.store = DirectoryStore("vault", self.folder / "archive")

    @property
    def archive(self) -> Path:
        """The store's folder."""
        return self.folder / "archive"

    def sealer(self) -> Sealer:
        """A sealer over the ledger as it lies on disk, as a new process would open it."""
        self.ledger = Ledger(self.folder / "ledger", ARCHIVE_ID)
        return Sealer(self.signer, self.chain, self.files, self.ledger, lambda: self.now)

    def prove(self) -> None:
        """Opens the canary."""
        self.sealer().record_canary(self.identity.recipient, self.canary.content, self.rules())

    def rules(self, **changes: object) -> SealingRules:
        """Weekly epochs, kept for 30 days."""
        rules = {"recipients": [self.identity.recipient], "epoch": "weekly", "retention_days": 30} | changes
        return SealingRules(**rules)  # type: ignore[arg-type]

    def seal(
        self,
        records: Sequence[Record],
        *,
        gaps: Sequence[Gap] = (),
        full: bool = False,
        days: int = 1,
        scope: Scope | None = None,
    ) -> SealedSnapshot:
        """Seals the records as today's snapshot, delivers everything, and moves the clock by `days`."""
        sealer = self.sealer()
        with Spool(self.folder / "spool", 2) as spool:
            for at in range(0, len(records), 500):
                spool.submit(spool_records, records[at : at + 500]).result()
            sealed = sealer.seal(spool, self.reading(gaps), self.rules(), full=full, scope=scope)
        self.deliver()
        self.now += timedelta(days=days)
        return sealed

    def reading(self, gaps: Sequence[Gap] = ()) -> TenantReading:
        """A reading that ended now."""
        return TenantReading(TENANT, True, self.now, self.now, self.now, self.collections, self.parts, gaps, "test-1")

    def deliver(self) -> None:
        """Puts the outbox into the store."""
        for delivery in deliver(self.ledger.commits(), [self.store]):
            assert delivery.error is None
        for commit in self.ledger.commits():
            self.ledger.discard(commit)
