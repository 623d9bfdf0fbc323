"""Writes the log: signs statements, and commits entries together with the checkpoint that covers them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from vault.ledger.commit import Commit, Staging
from vault.ledger.head import Head, LastCheckpoint
from vault.ledger.ledger import Ledger
from vault.signing.checkpoint import checkpoint_of
from vault.signing.forward import so_far_files_of
from vault.signing.signer import Signer
from vault.signing.statement import sign
from verify.canary import canary_name_of
from verify.constants import HASH_BYTES
from verify.dsse import VerifiedStatement, envelope_of, verified_statement
from verify.errors import RefusedError, WrongArchiveError
from verify.events_statement import EVENTS, EventsStatement, events_statement_of
from verify.manifest import Manifest, manifest_of
from verify.name import checkpoint_name_of, entry_name_of, root_name_of
from verify.strict_json import text_of_time
from verify.tree import leaf_hash_of, root_of
from verify.trust_root import RootChain


@dataclass(frozen=True)
class TrustFiles:
    """The public files that travel with the archive: roots by number, canaries by recipient fingerprint."""

    roots: Mapping[int, bytes]
    canaries: Mapping[str, bytes]

    def named(self) -> dict[str, bytes]:
        """The files under their names in the archive."""
        files = {root_name_of(number): content for number, content in self.roots.items()}
        files |= {canary_name_of(name): content for name, content in self.canaries.items()}
        return files


class Moment(NamedTuple):
    """When a checkpoint is signed, and until when its files are kept."""

    signed_at: datetime
    retain_until: datetime


class LogWriter:
    """Writes the log of one archive with the archive host's keys.

    Raises:
        RefusedError: the signer is not the one that the trust root names (fail closed).
        WrongArchiveError: ledger and trust root belong to different archives.
    """

    def __init__(self, signer: Signer, chain: RootChain, files: TrustFiles, ledger: Ledger) -> None:
        if signer.sealer.id not in chain.newest.roles["sealer"].pairs:
            raise RefusedError("keys.signer_file holds a sealer key that the trust root does not name")
        if signer.log.public_bytes != (chain.newest.log.ed25519, chain.newest.log.ml_dsa_44):
            raise RefusedError("keys.signer_file holds a log key that the trust root does not name")
        if ledger.head.archive_id != chain.archive_id:
            raise WrongArchiveError("the ledger and the trust root belong to different archives")
        self._signer = signer
        self._chain = chain
        self._files = files
        self._ledger = ledger

    def entry(self, type_: str, members: Mapping[str, object]) -> bytes:
        """Returns a statement of the sealer, signed, as the file that will be the next entry."""
        return sign(type_, self._chain.archive_id, members, [self._signer.sealer])

    def proved_manifest(self, entry: bytes, *, after: int = 0) -> Manifest:
        """Reads a new entry back as a verifier will, at the place that it will have: `after` other new ones."""
        index = self._ledger.head.log_size + after
        return manifest_of(self._proved(entry, "manifest", index), index)

    def proved_events(self, entry: bytes) -> EventsStatement:
        """Reads a new statement of events back as a verifier will, as the next entry."""
        index = self._ledger.head.log_size
        return events_statement_of(self._proved(entry, EVENTS, index), index)

    def _proved(self, entry: bytes, type_: str, index: int) -> VerifiedStatement:
        what = f"the new statement of type {type_}"
        signers = self._chain.signers(type_, index)
        return verified_statement(entry, envelope_of(entry, what), [signers], self._chain.archive_id, what)

    def commit(
        self, staging: Staging, entries: Sequence[bytes], head: Head, moment: Moment, *, forward: bool = False
    ) -> Commit:
        """Adds entries, what is carried forward, and the checkpoint that commits to them, in this order."""
        until = text_of_time(moment.retain_until)
        archive_id = self._chain.archive_id
        size = self._ledger.head.log_size
        leaves = self._ledger.leaves + b"".join(leaf_hash_of(entry) for entry in entries)
        if size == 0:
            for name, content in self._files.named().items():
                staging.add(name, content, until)
        for number, entry in enumerate(entries, size):
            staging.add(entry_name_of(number), entry, until)
        size = len(leaves) // HASH_BYTES
        if forward:
            for name, content in so_far_files_of(archive_id, size, leaves, self._files.roots, self._files.canaries):
                staging.add(name, content, until)
        root = root_of(leaves)
        checkpoint = checkpoint_of(self._signer.log, archive_id, size, root, moment.signed_at)
        last = LastCheckpoint(checkpoint_name_of(size), hashlib.sha256(checkpoint).hexdigest())
        staging.add(last.name, checkpoint, until)
        return self._ledger.commit(staging, replace(head, log_size=size, log_root=root.hex(), checkpoint=last), entries)
