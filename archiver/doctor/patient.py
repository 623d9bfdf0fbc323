"""What is examined: the settings of a host and the files that they name, at one instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from archiver.state.ledger_view import LedgerView, view_of
from archiver.state.state_format import require_state_format
from archiver.state.state_paths import StatePaths
from archiver.state.state_trouble import spool_error_of
from archiver.vaulting import open_trust
from config.settings import Settings
from vault.signing.log_writer import TrustFiles
from verify.errors import StrongroomError
from verify.trust_root import RootChain


@dataclass(frozen=True)
class Patient:
    """The settings and the clock; what several checks need is read once, and its errors are theirs."""

    settings: Settings
    clock: Callable[[], datetime]

    @cached_property
    def trust(self) -> tuple[RootChain, TrustFiles]:
        """The trust root and the canaries beside it. Raises StrongroomError."""
        return open_trust(self.settings)

    def absence_of(self, *paths: Path | None) -> str:
        """Names the first of these files that this account can't see, "" if it sees all that are named.

        That a file which the settings name is not there is the finding of the check of the settings, and is told once.
        """
        for path in paths:
            try:
                if path is not None:
                    path.stat()
            except OSError:
                return f"{path} is not there, see Settings"
        return ""

    @cached_property
    def has_trust(self) -> bool:
        """Whether there is a trust root that can be used; why not is the finding of its own check."""
        try:
            return bool(self.trust)
        except StrongroomError:
            return False

    @cached_property
    def has_ledger(self) -> bool:
        """Whether there is a ledger that can be read; why not is the finding of its own check."""
        try:
            return bool(self.ledger)
        except StrongroomError:
            return False

    @property
    def log_size(self) -> int:
        """Entries of the log; 0 where the ledger can't be used, which is the finding of its own check."""
        try:
            return self.ledger.head.log_size if self.ledger.head else 0
        except StrongroomError:
            return 0

    @cached_property
    def ledger(self) -> LedgerView:
        """The ledger as it lies on disk. Raises StateFormatError, ForkRefusedError, SpoolError."""
        require_state_format(self.settings.archive.state_dir)
        ledger = StatePaths(self.settings.archive.state_dir).ledger
        try:
            return view_of(ledger)
        except OSError as error:
            raise spool_error_of(error, f"the ledger at {ledger} can't be used") from error
