"""An archive opened for reading: its trust roots, checkpoint and log proved, its snapshots at hand.

Opening reads as little as it can: the newest list of leaf hashes that was carried forward, the entries since
then, and the manifests that are asked for. What an entry says is believed because its leaf is in the tree
whose root the log signed, and because a sealer signed it. `verify.ceremony` is the one that reads everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verify.bundle import Bundle
from verify.checkpoint import VerifiedCheckpoint, verified_checkpoint
from verify.constants import (
    CHECKPOINT_FOLDER,
    HASH_BYTES,
    MAX_CHECKPOINT_BYTES,
    MAX_CONTROL_BYTES,
    SO_FAR_FOLDER,
)
from verify.dsse import VerifiedStatement
from verify.errors import (
    DigestError,
    LogError,
    MalformedError,
    MissingFileError,
    UsageError,
    WrongIdentityError,
)
from verify.events_statement import EVENTS, EventsStatement, events_statement_of
from verify.identity import Identity
from verify.manifest import DELTA, Manifest, manifest_of
from verify.name import checkpoint_name_of, checkpoint_size_of, entry_name_of, so_far_name_of, so_far_size_of
from verify.plaintext import Plaintext, opened_file_of
from verify.segments import SegmentedFile
from verify.selector import selected
from verify.snapshot import VerifiedSnapshot
from verify.statement import statement_at
from verify.store import ArchiveReader, content_of
from verify.tree import leaf_hash_of, root_of
from verify.trust import root_chain_in
from verify.trust_root import RootChain

_LONGEST_NUMBER = 19  # digits: sequence numbers are 64 bits


class Archive:
    """A proved log, and the manifests and snapshots in it. Made by `Archive.open` alone.

    `roots`, `checkpoint` are proved; `leaves` holds the leaf hash of each entry below the checkpoint's size.
    """

    def __init__(self, reader: ArchiveReader, roots: RootChain, checkpoint: VerifiedCheckpoint, leaves: bytes) -> None:
        self.reader = reader
        self.roots = roots
        self.checkpoint = checkpoint
        self.leaves = leaves

    @classmethod
    def open(cls, reader: ArchiveReader, fingerprint: str) -> Archive:
        """Proves trust roots, newest checkpoint and log; `fingerprint` comes from `verify.trust.fingerprint_of`.

        Raises:
            DigestError: no trust root has that fingerprint.
            SignatureError, LogError, MalformedError, WrongArchiveError: what is there is not what was signed.
            UnreachableArchiveError: the archive can't be read.
        """
        roots = root_chain_in(reader, fingerprint)
        checkpoint = newest_checkpoint_in(reader, roots)
        return cls(reader, roots, checkpoint, _proved_leaves(reader, checkpoint))

    @property
    def archive_id(self) -> str:
        """The archive's id, 32 hex digits."""
        return self.roots.archive_id

    def statement(self, index: int) -> VerifiedStatement:
        """Returns the statement at a place of the log.

        Raises:
            LogError: the entry is missing, or is not the one that the checkpoint commits to.
            SignatureError, MalformedError, WrongArchiveError: as `statement_at`.
        """
        unverified = _entry(self.reader, index)
        if leaf_hash_of(unverified) != self.leaves[index * HASH_BYTES : (index + 1) * HASH_BYTES]:
            raise LogError(f"{entry_name_of(index)}: not the entry that the checkpoint commits to")
        return statement_at(unverified, index, self.roots)

    def statements(self) -> Iterator[tuple[int, VerifiedStatement]]:
        """Yields place and statement of every entry, newest first; raises as `statement`."""
        for index in range(self.checkpoint.size - 1, -1, -1):
            yield index, self.statement(index)

    def manifests(self) -> Iterator[Manifest]:
        """Yields all manifests, newest first; raises as `statement`."""
        return (one for one in self.sealed() if isinstance(one, Manifest))

    def events(self) -> Iterator[EventsStatement]:
        """Yields all statements of events, newest first; raises as `statement`."""
        return (one for one in self.sealed() if isinstance(one, EventsStatement))

    def sealed(self) -> Iterator[Manifest | EventsStatement]:
        """Yields all statements about bundles, newest first; raises as `statement`."""
        for index, statement in self.statements():
            if statement.type == "manifest":
                yield manifest_of(statement, index)
            elif statement.type == EVENTS:
                yield events_statement_of(statement, index)

    def manifest(self, sequence: int) -> Manifest:
        """Returns the manifest of snapshot `sequence`, found by halving: sequences rise with the log.

        Raises:
            UsageError: there is no such snapshot.
            StrongroomError: as `statement`.
        """
        low, high = 0, self.checkpoint.size
        while low < high:
            middle = (low + high) // 2
            found = self._manifest_before(middle + 1, low)
            if found is None or found.sequence < sequence:
                low = middle + 1
            elif found.sequence > sequence:
                high = found.index
            else:
                return found
        raise UsageError(
            f"there is no snapshot {sequence} in this archive",
            next_step="`strongroom snapshots` lists those that there are.",
        )

    def select(self, word: str) -> Manifest:
        """Returns the snapshot that a SNAPSHOT word names (COMMANDS.md section 1).

        Raises:
            UsageError: the word is none, or names no snapshot.
            StrongroomError: as `statement`.
        """
        return (
            self.manifest(int(word))
            if len(word) < _LONGEST_NUMBER and word.isdecimal() and word.isascii()
            else selected(self.manifests(), word)
        )

    def open_snapshot(self, manifest: Manifest, identities: Sequence[Identity]) -> VerifiedSnapshot:
        """Opens a snapshot of this archive: its bundle and, for a delta, the full that it leans on.

        Raises:
            WrongIdentityError: it is sealed to the recipient of none of the identities.
            LogError: the delta does not lean on the full of its epoch (F-MAN-2).
            StrongroomError: the bundle is missing, damaged, or not what its manifest says.
        """
        if manifest.kind != DELTA:
            return VerifiedSnapshot(manifest, self._open_bundle(manifest, identities), None)
        full = self._open_bundle(self.full_of(manifest), identities)
        bundle = self._open_bundle(manifest, identities, full)
        if full.epoch_secret != bundle.epoch_secret:
            raise MalformedError(f"{bundle.name}: has another epoch secret than the full it leans on (F-BUN-6)")
        return VerifiedSnapshot(manifest, full, bundle)

    def open_events(self, statement: EventsStatement, identities: Sequence[Identity]) -> Bundle:
        """Opens a bundle of events; raises as `open_snapshot`."""
        return self._open_bundle(statement, identities)

    def full_of(self, manifest: Manifest) -> Manifest:
        """Returns the manifest of the full that a delta leans on, proved as F-MAN-2 says; itself for a full."""
        if manifest.kind != DELTA:
            return manifest
        if manifest.leans_on is None:
            raise LogError(f"{entry_name_of(manifest.index)}: a delta that leans on nothing (F-MAN-2)")
        try:
            full = self.manifest(manifest.leans_on.sequence)
        except UsageError as error:
            raise LogError(f"{entry_name_of(manifest.index)}: leans on what is not there (F-MAN-2)") from error
        check_leaning(manifest, full)
        return full

    def _open_bundle(
        self, manifest: Manifest | EventsStatement, identities: Sequence[Identity], full: Bundle | None = None
    ) -> Bundle:
        noun = "events" if manifest.kind == EVENTS else "snapshot"
        try:
            source = SegmentedFile(self.reader, manifest.bundle)
            file = opened_file_of(source, identities, manifest.recipients)
            return Bundle(Plaintext(file), manifest, full)
        except MissingFileError as error:
            raise DigestError(f"{noun} {manifest.sequence}: {error.message}") from error
        except WrongIdentityError as error:
            raise WrongIdentityError(f"{noun} {manifest.sequence}: {error.message}") from error

    def _manifest_before(self, end: int, start: int) -> Manifest | None:
        """Returns the last manifest among the entries from `start` to before `end`."""
        for index in range(end - 1, start - 1, -1):
            statement = self.statement(index)
            if statement.type == "manifest":
                return manifest_of(statement, index)
        return None


def check_leaning(manifest: Manifest, full: Manifest) -> None:
    """Proves that a delta names its epoch's full.

    Raises:
        LogError: F-MAN-2.
    """
    leans_on = manifest.leans_on
    if (
        leans_on is None
        or full.kind == DELTA
        or full.epoch != manifest.epoch
        or full.sequence != leans_on.sequence
        or full.sha256 != leans_on.manifest_sha256
        or full.bundle.sha256 != leans_on.bundle_sha256
    ):
        raise LogError(f"{entry_name_of(manifest.index)}: does not lean on the full of its epoch (F-MAN-2)")


def newest_checkpoint_in(reader: ArchiveReader, roots: RootChain) -> VerifiedCheckpoint:
    """Returns the checkpoint of the largest size in the archive, proved.

    Raises:
        LogError: there is none.
        StrongroomError: as `verified_checkpoint`.
    """
    sizes = [checkpoint_size_of(name) for name, _ in reader.list(f"{CHECKPOINT_FOLDER}/")]
    newest = max((size for size in sizes if size is not None), default=None)
    if newest is None:
        raise LogError(f"no checkpoint lies here, under {CHECKPOINT_FOLDER}/: nothing is committed to")
    name = checkpoint_name_of(newest)
    unverified = content_of(reader, name, MAX_CHECKPOINT_BYTES)
    return verified_checkpoint(unverified, roots.newest.log, newest, name)


def _proved_leaves(reader: ArchiveReader, checkpoint: VerifiedCheckpoint) -> bytes:
    """Returns leaf hashes that give the checkpoint's root, from the newest list if that is sound."""
    sizes = [so_far_size_of(name) for name, _ in reader.list(f"{SO_FAR_FOLDER}/")]
    usable = [size for size in sizes if size is not None and size <= checkpoint.size]
    if usable:
        start = max(usable)
        known = reader.read(so_far_name_of(start), 0, start * HASH_BYTES + 1)
        if len(known) == start * HASH_BYTES:
            leaves = known + _read_leaves(reader, start, checkpoint.size)
            if root_of(leaves) == checkpoint.root:
                return leaves
    leaves = _read_leaves(reader, 0, checkpoint.size)
    if root_of(leaves) != checkpoint.root:
        raise LogError(
            f"the {checkpoint.size} entries of the log do not give the root of "
            f"{checkpoint_name_of(checkpoint.size)} (F-LOG-3); `verify` finds which"
        )
    return leaves


def _read_leaves(reader: ArchiveReader, start: int, end: int) -> bytes:
    return b"".join([leaf_hash_of(_entry(reader, index)) for index in range(start, end)])


def _entry(reader: ArchiveReader, index: int) -> bytes:
    name = entry_name_of(index)
    try:
        content = content_of(reader, name, MAX_CONTROL_BYTES)
    except MissingFileError as error:
        raise LogError(f"{name}: missing, and the log commits to it (F-LOG-3)") from error
    if len(content) > MAX_CONTROL_BYTES:
        raise MalformedError(f"{name}: longer than {MAX_CONTROL_BYTES} bytes (F-LIM-1)")
    return content
