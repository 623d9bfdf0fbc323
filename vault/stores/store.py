"""The port through which files reach a store: put if absent, written once, locked as asked or an error."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from vault.stores.receipt import Receipt


class Store(Protocol):
    """One place that keeps files. A name is written once; nothing here reads content back or deletes."""

    name: str
    mode: str

    def put(self, name: str, source: Path, sha256: str, retain_until: datetime) -> Receipt:
        """Stores the bytes of `source` under `name` and returns once they are safe and confirmed.

        Putting the same bytes again is acknowledged, so that an interrupted run can be finished.

        Raises:
            NameTakenError: other bytes lie under that name.
            StoreFullError: there is no room; nothing is left under the name.
            StoreUnreachableError: the store can't be reached or written; nothing is left under the name.
        """
        ...

    def holds(self, name: str, sha256: str) -> bool | None:
        """Whether these bytes lie under that name; None where this host has no right to look.

        Raises:
            StoreUnreachableError: the store can't be read.
        """
        ...

    def log_size(self) -> int | None:
        """Entries of the log, by the name of the newest checkpoint that lies there and by nothing else; 0 where no
        archive lies, None where this host has no right to look.

        Raises:
            StoreUnreachableError: the store can't be read.
        """
        ...

    def check(self) -> str:
        """Says in a sentence that the store can be used, for `doctor`. Raises a StoreError if not."""
        ...
