"""The log read from end to end: every entry, every checkpoint, and what the entries say (checks C03 to C05)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from verify.canary import CanaryStatement, canary_statement_of
from verify.check import CheckList
from verify.checkpoint import VerifiedCheckpoint, verified_checkpoint
from verify.constants import HASH_BYTES, MAX_CHECKPOINT_BYTES, MAX_CONTROL_BYTES
from verify.errors import LogError, MalformedError, MissingFileError, SignatureError, StrongroomError
from verify.events_statement import EVENTS, EventsStatement, events_statement_of
from verify.manifest import Manifest, manifest_of
from verify.name import checkpoint_name_of, checkpoint_size_of, entry_index_of, entry_name_of
from verify.run_report import RunReport, run_report_of
from verify.statement import statement_at
from verify.store import ArchiveReader, content_of
from verify.tree import GrowingTree, leaf_hash_of
from verify.trust_root import RootChain
from verify.wording import counted


@dataclass
class History:
    """What was proved of the log. `leaves` are 32 bytes an entry; `broken` says that an entry was not proved."""

    leaves: bytes = b""
    manifests: list[Manifest] = field(default_factory=list)
    canaries: list[CanaryStatement] = field(default_factory=list)
    runs: list[RunReport] = field(default_factory=list)
    events: list[EventsStatement] = field(default_factory=list)
    broken: bool = False

    @property
    def size(self) -> int:
        """Number of entries that were read."""
        return len(self.leaves) // HASH_BYTES

    @property
    def sealed(self) -> list[Manifest | EventsStatement]:
        """The statements about bundles, in the log's order."""
        return sorted([*self.manifests, *self.events], key=lambda one: one.index)

    @property
    def absence(self) -> str:
        """Why there are no manifests, if there are none."""
        return "no snapshot is proved (C03, C05)" if self.broken else "there is no snapshot yet"


class HistoryReading:
    """Reads the log below a checkpoint once, in order, and notes what C03, C04 and C05 find."""

    def __init__(
        self,
        reader: ArchiveReader,
        roots: RootChain,
        checkpoint: VerifiedCheckpoint,
        inventory: Mapping[str, int],
        checks: CheckList,
    ) -> None:
        self._reader = reader
        self._roots = roots
        self._checkpoint = checkpoint
        self._inventory = inventory
        self._checks = checks
        self._history = History()
        self._tree = GrowingTree()
        self._leaves: list[bytes] = []
        self._missing = 0
        self._sound_size = 0
        self._suspects: tuple[int, int] | None = None
        self._older_checked = 0

    def history(self) -> History:
        """Reads everything; failures are noted, not raised.

        The work follows the files that are there, not the size that a checkpoint states.
        """
        size = self._checkpoint.size
        older = deque(sorted(at for name in self._inventory if (at := checkpoint_size_of(name)) is not None))
        there = sorted(at for name in self._inventory if (at := entry_index_of(name)) is not None and at < size)
        index = 0
        for listed in (*there, size):
            while index <= min(listed, size - 1):
                self._check_older_up_to(index, older)
                # What was not listed may have been written since; once one is missing, all before the next are.
                found = self._read(index)
                end = index + 1 if found else max(listed, index + 1)
                if not found:
                    self._lost_from(index, end)
                index = end
        self._check_older_up_to(size - 1, older)
        self._check_root()
        self._history.leaves = b"".join(self._leaves)
        self._conclude()
        return self._history

    def _read(self, index: int) -> bool:
        """Reads one entry; returns False if it is not there."""
        name = entry_name_of(index)
        try:
            unverified = content_of(self._reader, name, MAX_CONTROL_BYTES)
            if len(unverified) > MAX_CONTROL_BYTES:
                raise MalformedError(f"{name}: longer than {MAX_CONTROL_BYTES} bytes (F-LIM-1)")
        except MissingFileError:
            return False
        except StrongroomError as error:
            self._lost(error, name)
            return True
        leaf = leaf_hash_of(unverified)
        self._leaves.append(leaf)
        self._tree.append(leaf)
        try:
            self._keep(unverified, index)
        except StrongroomError as error:
            self._history.broken = True
            self._checks.failed("C05", error, name)
        return True

    def _keep(self, unverified: bytes, index: int) -> None:
        statement = statement_at(unverified, index, self._roots)
        if statement.type == "manifest":
            self._history.manifests.append(manifest_of(statement, index))
        elif statement.type == "canary":
            self._history.canaries.append(canary_statement_of(statement, index))
        elif statement.type == EVENTS:
            self._history.events.append(events_statement_of(statement, index))
        else:
            self._history.runs.append(run_report_of(statement, index))

    def _lost(self, error: StrongroomError, name: str, entries: int = 1) -> None:
        self._missing += entries
        self._history.broken = True
        self._checks.failed("C03", error, name)

    def _lost_from(self, first: int, end: int) -> None:
        """Notes entries that are not there, from `first` to before `end`, as one failure."""
        name, number = entry_name_of(first), end - first
        text = f"{name}: missing, and the log commits to it"
        if number > 1:
            text += f", as to the {counted(number - 1, 'entry', 'entries')} after it, which are missing too"
        self._lost(LogError(text, next_step=MissingFileError.default_next_step), name, number)

    def _check_older_up_to(self, most: int, older: deque[int]) -> None:
        while older and older[0] <= most:
            self._check_older(older.popleft())

    def _check_older(self, size: int) -> None:
        """Proves one older checkpoint, and that it is the root of what came before."""
        name = checkpoint_name_of(size)
        try:
            unverified = content_of(self._reader, name, MAX_CHECKPOINT_BYTES)
            checkpoint = older_checkpoint_in(unverified, self._roots, size)
        except StrongroomError as error:
            self._checks.failed("C04", error, name)
            return
        self._older_checked += 1
        if self._missing:
            return
        if checkpoint.root == self._tree.root():
            self._sound_size = size
            return
        self._suspects = self._suspects or (self._sound_size, size)
        fork = LogError(f"{name}: signed for another history than that of the entries before it (F-LOG-4)")
        self._checks.failed("C04", fork, name)

    def _check_root(self) -> None:
        if self._missing or self._tree.root() == self._checkpoint.root:
            return
        first, end = self._suspects or (self._sound_size, self._checkpoint.size)
        names = entry_name_of(first) if end == first + 1 else f"{entry_name_of(first)} to {entry_name_of(end - 1)}"
        error = LogError(
            f"the entries do not give the root of {checkpoint_name_of(self._checkpoint.size)}; "
            f"damaged, replaced or moved: {names}"
        )
        self._checks.failed("C03", error, entry_name_of(first))

    def _conclude(self) -> None:
        size = self._checkpoint.size
        if not self._missing:
            self._checks.passed("C03", f"{counted(size, 'entry', 'entries')}: all there, and they give the root")
        if self._missing and not self._checks.has("C04"):
            self._checks.not_checked("C04", "entries of the log are missing (C03)")
        self._checks.passed("C04", f"{counted(self._older_checked, 'older checkpoint')}, each of a prefix of this log")
        if self._missing == size and size:
            self._checks.not_checked("C05", "no entry of the log is there (C03)")
        events = len(self._history.events)
        of_events = f"{counted(events, 'statement')} of events, " if events else ""
        self._checks.passed(
            "C05",
            f"{counted(len(self._history.manifests), 'manifest')}, {of_events}"
            f"{counted(len(self._history.canaries), 'proof of a canary', 'proofs of canaries')} and "
            f"{counted(len(self._history.runs), 'failed run')}, each signed by its role",
        )


def older_checkpoint_in(unverified: bytes, roots: RootChain, size: int) -> VerifiedCheckpoint:
    """Proves a checkpoint of `size` entries under the log keys of any trust root; they may have been replaced since.

    Raises:
        SignatureError, MalformedError: it is none that the archive's log signed.
    """
    name = checkpoint_name_of(size)
    failure: SignatureError | None = None
    for keys in dict.fromkeys(root.log for root in reversed(roots.roots)):
        try:
            return verified_checkpoint(unverified, keys, size, name)
        except SignatureError as error:
            failure = failure or error
    raise failure or SignatureError(f"{name}: no trust root names the log's keys")
