"""An archive host for one repetition: founded as `strongroom init` founds it, with a directory as its store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.founding import FoundingPlan, found

_SIMULATED = "https://localhost:8443"


class BenchHost:
    """A new archive in `folder`. Days are taken on a Monday and a Tuesday, so that the second is a delta."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "archive"
        settings = {
            "tenant.simulated": True,
            "tenant.graph_url": _SIMULATED,
            "tenant.authority_url": _SIMULATED,
        }
        self.founded = found(FoundingPlan(folder / "host", folder / "offline", (), settings), _monday)

    @property
    def settings_file(self) -> Path:
        """The settings of the archive host."""
        return self.folder / "host" / "strongroom.toml"

    @property
    def identity_file(self) -> Path:
        """The identity that opens the archive."""
        return self.folder / "offline" / "identity.txt"

    @property
    def fingerprint(self) -> str:
        """What a verifier is told to trust."""
        return self.founded.fingerprint

    def taken_at(self, day: int) -> datetime:
        """When day 0 or day 1 was read."""
        return _monday() + timedelta(days=day)

    def stored_bytes(self) -> int:
        """Everything in the store, in bytes."""
        return sum(path.stat().st_size for path in _files(self.archive))


def _monday() -> datetime:
    """A quarter past two on the Monday of last week: in one ISO week with the day after, and past."""
    now = datetime.now(UTC)
    monday = now - timedelta(days=now.weekday() + 7)
    return monday.replace(hour=2, minute=15, second=0, microsecond=0)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
