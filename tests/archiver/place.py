"""An archive of a simulated tenant, on this machine, for tests of whole runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.founding import Founded, FoundingPlan, found
from archiver.graph.patience import Patience
from archiver.run import archive_run
from archiver.run_result import RunResult
from config.loading import load_settings
from recovery.rehearsal.serving.process import RunningTenant
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.identity import identities_of
from verify.store import DirectoryReader

SCRIPT = Path(__file__).with_name("killed_run.py")


def now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def settings_of(tenant: RunningTenant) -> dict[str, Any]:
    """What `init` is told about the simulated tenant."""
    return {
        "tenant.id": tenant.tenant_id,
        "tenant.simulated": True,
        "tenant.graph_url": tenant.graph_url,
        "tenant.authority_url": tenant.authority_url,
        "tenant.ca_bundle_file": str(tenant.ca_bundle_file),
        "tenant.credential.client_id": tenant.client_id,
        "tenant.credential.certificate_file": str(tenant.certificate_file),
    }


class Place:
    """One archive of the shared simulated tenant."""

    def __init__(
        self,
        base: Path,
        tenant: RunningTenant,
        founded_at: Callable[[], datetime] = now,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.tenant = tenant
        self.archive = base / "archive"
        self.settings_file = base / "host" / "strongroom.toml"
        self.founded: Founded = found(
            FoundingPlan(base / "host", base / "offline", (), settings_of(tenant) | (settings or {})), founded_at
        )
        self.identities = identities_of((base / "offline" / "identity.txt").read_bytes())

    def attempt(self, *, full: bool = False, pulse: bool = False, patience: Patience | None = None) -> RunResult:
        """A run in this process, whatever comes of it."""
        return archive_run(load_settings(self.settings_file, {}), now, full=full, pulse=pulse, patience=patience)

    def run(self, *, full: bool = False, pulse: bool = False) -> dict[str, Any]:
        """A run in this process, that must succeed."""
        result = self.attempt(full=full, pulse=pulse)
        assert result.error is None
        assert result.exit_status == 0
        return result.document

    def opened(self, folder: Path | None = None) -> Archive:
        """The archive as a reader opens it, or a copy in another folder."""
        return Archive.open(DirectoryReader(folder or self.archive), self.founded.fingerprint)

    def killed_run(self, at: int) -> subprocess.CompletedProcess[str]:
        """A run in a process that kills itself at its change number `at`."""
        return subprocess.run(
            [sys.executable, str(SCRIPT), str(self.settings_file), str(at)],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def verdict(self, level: int) -> str:
        """The verdict over everything in the store."""
        request = Request(self.founded.fingerprint, level, now(), "all", self.identities)
        verdict = Ceremony(DirectoryReader(self.archive), request).outcome().verdict
        failed = [check for check in verdict.checks if check.result == "FAIL"]
        assert not failed, failed
        return verdict.word
