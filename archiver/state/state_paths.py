"""Where the files of a state folder lie; nothing is made or looked at."""

from __future__ import annotations

from pathlib import Path


class StatePaths:
    """The names in the state folder `folder`, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def lock(self) -> Path:
        """Held by the run in progress."""
        return self.folder / "lock"

    @property
    def service_lock(self) -> Path:
        """Held by the service."""
        return self.folder / "service.lock"

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.folder / "ledger"

    @property
    def spool(self) -> Path:
        """The spool's folder; swept when a run starts."""
        return self.folder / "spool"

    @property
    def runs_file(self) -> Path:
        """The history of runs."""
        return self.folder / "runs.jsonl"

    @property
    def begun_file(self) -> Path:
        """The run that has begun and not ended."""
        return self.folder / "begun.json"

    @property
    def changes_file(self) -> Path:
        """The links that ask what has changed since the epoch's full."""
        return self.folder / "changes.json"

    @property
    def format_file(self) -> Path:
        """The version of all these."""
        return self.folder / "format"

    @property
    def escrow(self) -> Path:
        """Secrets that an operator handed in, sealed."""
        return self.folder / "escrow"

    @property
    def escrowed_file(self) -> Path:
        """Which places had a secret in the snapshots of the last 30 days."""
        return self.folder / "escrowed.json"

    @property
    def identities_file(self) -> Path:
        """Where identities were once given on this host."""
        return self.folder / "identities.txt"
