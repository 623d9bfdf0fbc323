"""A commit: files that are to be put into every store, in order, and the head that they lead to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from vault.durable import create_file, sync_folder
from vault.errors import ForkRefusedError, SpoolError
from vault.ledger.head import HEAD_FILE, Head, LastCheckpoint
from vault.regular_file import content_of

TABLE_FILE = "table"
"""Name of the epoch table in the commit of the full that begins the epoch."""
SEEN_PREFIX = "seen-"
"""How the lists of events begin that a commit hands to the ledger."""
_PUTS = "puts.json"


@dataclass(frozen=True)
class Put:
    """One file to be put: its name in the archive, its file in the commit's folder, its digest."""

    name: str
    file: str
    sha256: str
    retain_until: str


@dataclass(frozen=True)
class Commit:
    """A committed set of files, in the order in which they are put: the checkpoint is last."""

    folder: Path
    puts: tuple[Put, ...]
    follows: LastCheckpoint | None

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads a commit back from the outbox."""
        try:
            document = json.loads(content_of(folder / _PUTS))
            follows = LastCheckpoint(**document["follows"]) if document["follows"] else None
            return cls(folder, tuple(Put(**put) for put in document["puts"]), follows)
        except (ValueError, TypeError, KeyError) as error:
            raise ForkRefusedError(f"the outbox is damaged: {folder / _PUTS}: {error}") from error

    def done_by(self, store: str) -> bool:
        """Whether the store has acknowledged all files."""
        return (self.folder / f"done-{store}").exists()

    def mark_done(self, store: str) -> None:
        """Remembers that the store has acknowledged all files."""
        marker = self.folder / f"done-{store}"
        if not marker.exists():
            create_file(marker, b"")
            sync_folder(self.folder)


class Staging:
    """A commit being prepared in a folder that nobody looks at until it is renamed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._puts: list[Put] = []

    def add(self, name: str, content: bytes, retain_until: str) -> None:
        """Adds a file by its content. Raises SpoolError when the disk does not take it."""
        file = f"put-{len(self._puts):04d}"
        try:
            create_file(self.folder / file, content)
        except OSError as error:
            raise SpoolError(f"{self.folder} can't be written: {error.strerror}") from error
        self._puts.append(Put(name, file, hashlib.sha256(content).hexdigest(), retain_until))

    def keep(self, file: str, content: bytes) -> None:
        """Writes a file that the ledger takes over and no store gets. Raises SpoolError, as `add`."""
        try:
            create_file(self.folder / file, content)
        except OSError as error:
            raise SpoolError(f"{self.folder} can't be written: {error.strerror}") from error

    def add_file(self, name: str, file: str, sha256: str, retain_until: str) -> None:
        """Adds a file that already lies, synced, in the staging folder."""
        self._puts.append(Put(name, file, sha256, retain_until))

    def close(self, head: Head, follows: LastCheckpoint | None) -> None:
        """Writes the list of puts and the head that the commit leads to, and syncs the folder."""
        document = {
            "follows": asdict(follows) if follows else None,
            "puts": [asdict(put) for put in self._puts],
        }
        create_file(self.folder / _PUTS, json.dumps(document).encode())
        create_file(self.folder / HEAD_FILE, head.to_json())
        sync_folder(self.folder)
