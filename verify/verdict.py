"""The verdict: what was proved, check by check. Never green by absence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from verify.bundle_state import FULL_MISSING, PRESENT
from verify.check import FAIL, LEVELS, NOT_CHECKED, PASS, Check
from verify.errors import WrongIdentityError
from verify.events_line import EventsLine
from verify.snapshot_line import SnapshotLine

INCOMPLETE = "INCOMPLETE"

_EXIT_STATUS = {PASS: 0, INCOMPLETE: 3, FAIL: 5}


@dataclass(frozen=True)
class Verdict:
    """The answers of one ceremony. `strays` and `orphans` are names of files that prove nothing.

    `pending` are names of log entries that no checkpoint commits to yet. `trust_root` is the fingerprint that
    trust started from. `behind` is the number of remembered entries that are not here, None if nothing was compared;
    `fault` is what `verify.fault.fault_of` gives.
    """

    level: int
    checks: tuple[Check, ...]
    archive_id: str | None
    trust_root: str
    snapshots: Sequence[SnapshotLine] = field(default=())
    events: Sequence[EventsLine] = field(default=())
    strays: Sequence[str] = field(default=())
    orphans: Sequence[str] = field(default=())
    pending: Sequence[str] = field(default=())
    behind: int | None = None
    fault: str | None = None

    @property
    def word(self) -> str:
        """PASS, FAIL or INCOMPLETE."""
        if any(check.result == FAIL for check in self.checks):
            return FAIL
        if any(check.result == NOT_CHECKED and check.required for check in self.checks):
            return INCOMPLETE
        return PASS

    @property
    def unread(self) -> list[SnapshotLine]:
        """The snapshots whose bundles are there and were not read; presence and size were looked at."""
        return [line for line in self.snapshots if line.state in (PRESENT, FULL_MISSING) and not line.read]

    @property
    def unread_events(self) -> list[EventsLine]:
        """The bundles of events that are there and were not read; presence and size were looked at."""
        return [line for line in self.events if line.state == PRESENT and not line.read]

    @property
    def is_for_other_recipients(self) -> bool:
        """Whether all that is missing is an identity that what was asked for is sealed to."""
        missing = [check for check in self.checks if check.result == NOT_CHECKED and check.required]
        return (
            self.word == INCOMPLETE
            and any(check.error == WrongIdentityError.__name__ for check in missing)
            and all(LEVELS[check.id] > 0 for check in missing)
        )

    @property
    def exit_status(self) -> int:
        """0, 3 or 5 (COMMANDS.md section 1)."""
        return _EXIT_STATUS[self.word]

    def document(self) -> dict[str, Any]:
        """Returns the verdict as COMMANDS.md section 4 has it."""
        return {
            "verdict": self.word,
            "level": self.level,
            "archive_id": self.archive_id,
            "tenant": self.snapshots[-1].manifest.tenant if self.snapshots else None,
            "simulated": any(line.manifest.simulated for line in self.snapshots),
            "trust_root": self.trust_root,
            "checks": [check.document() for check in self.checks],
            "snapshots": [line.document() for line in self.snapshots],
            "events": [line.document() for line in self.events],
            "strays": list(self.strays),
            "orphans": list(self.orphans),
            "pending": list(self.pending),
            "behind": self.behind,
            "fault": self.fault,
        }
