"""The story that `strongroom demo` tells: archive, attack, archive again, verify, compare, and a flipped bit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.founding import Founded, FoundingPlan, found
from archiver.run import archive_run
from archiver.run_result import RunResult
from config.loading import load_settings
from config.settings import Settings
from recovery.difference import Difference, compare
from recovery.errors import TargetFolderError
from recovery.rehearsal.serving.process import simulated_tenant
from recovery.reports.difference_page import difference_page
from recovery.reports.verdict_page import verdict_page
from strongroom.clock import now
from strongroom.report_file import write_report
from verify.archive import Archive
from verify.errors import StrongroomError
from verify.identity import identities_of
from verify.store import DirectoryReader
from verify.strict_json import text_of_time

STORY = "two-changes-and-an-attack"
QUIET_DAYS = 1
"""Days of ordinary work before the attack: so that the report shows both."""


@dataclass(frozen=True)
class DemoFolder:
    """Where the demo leaves what."""

    base: Path

    @property
    def host(self) -> Path:
        """The archive host's folder: settings, keys, state."""
        return self.base / "host"

    @property
    def offline(self) -> Path:
        """What would have left the machine."""
        return self.base / "offline"

    @property
    def archive(self) -> Path:
        """The store."""
        return self.base / "archive"

    @property
    def tenant(self) -> Path:
        """The simulated tenant's certificates and log."""
        return self.base / "tenant"

    @property
    def reports(self) -> Path:
        """HTML pages and JSON documents."""
        return self.base / "reports"


@dataclass(frozen=True)
class Told:
    """What the demo found: documents of the runs, the verdicts and the difference."""

    folder: DemoFolder
    founded: Founded
    runs: Sequence[dict[str, Any]]
    attack: Sequence[dict[str, Any]]
    verdict: dict[str, Any]
    damaged: dict[str, Any]
    without_network: bool
    difference: Difference


def tell(base: Path, users: int, seed: int, say: Callable[[str], None]) -> Told:
    """Plays the story in `base`, which must not exist or be empty.

    Raises:
        TargetFolderError: `base` holds something already, or can't be made.
        StrongroomError: a step failed; what it left stays in `base`.
    """
    folder = _made(DemoFolder(base))
    alone = _namespace_command()
    say(f"1  a simulated tenant of {users:,} users starts: HTTPS, Microsoft's login and Graph protocols")
    with simulated_tenant(folder.tenant, users=users, seed=seed) as tenant:
        say("2  init: keys, trust root, settings; the identity goes into a folder of its own")
        founded = found(FoundingPlan(folder.host, folder.offline, (), tenant.settings), now)
        settings = load_settings(folder.host / "strongroom.toml", {})
        say("3  run: the collections of the tenant are read, sealed, signed and stored")
        runs = [_run(settings)]
        say("4  a day passes; then an intruder changes what he finds useful, and deletes")
        tenant.advance(QUIET_DAYS)
        attack = tenant.attack(STORY)
        say("5  run again: only what differs is sealed")
        runs.append(_run(settings))
    network = "without any network" if alone else "which opens no socket"
    say(f"6  verify: another process, {network}, with nothing but the archive, a fingerprint and the identity")
    identity = folder.offline / "identity.txt"
    verdict = _verdict(alone, folder.archive, founded.fingerprint, identity)
    say("7  one bit in a copy of the archive is flipped, and the copy is verified")
    with _flipped_copy(folder) as copy:
        damaged = _verdict(alone, copy, founded.fingerprint, identity)
    say("8  diff: what changed between the two snapshots")
    difference = _difference(folder, founded.fingerprint)
    _write_reports(folder, verdict, damaged, difference)
    return Told(folder, founded, runs, attack, verdict, damaged, bool(alone), difference)


def _made(folder: DemoFolder) -> DemoFolder:
    try:
        if folder.base.exists() and any(folder.base.iterdir()):
            raise TargetFolderError(
                f"{folder.base} is not empty; the demo writes over nothing",
                next_step="Remove it, or name another folder with --dir.",
            )
        folder.reports.mkdir(parents=True)
    except OSError as error:
        raise TargetFolderError(
            f"{folder.base} can't be made or read: {error.strerror}", next_step="Name another folder with --dir."
        ) from error
    return folder


def _run(settings: Settings) -> dict[str, Any]:
    result: RunResult = archive_run(settings, now)
    if result.error is not None:
        raise result.error
    return result.document


def _namespace_command() -> list[str]:
    """The words that start a program in a network namespace without any network; none where the system refuses."""
    unshare = shutil.which("unshare")
    words = [unshare, "--net", "--map-root-user"] if unshare else []
    works = bool(words) and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    return words if works else []


def _verdict(prefix: Sequence[str], archive: Path, fingerprint: str, identity: Path) -> dict[str, Any]:
    """The verdict of `python -m verify`, started by way of `prefix`."""
    command = [
        *prefix, sys.executable, "-m", "verify", str(archive), "--trust", f"sha256:{fingerprint}",
        "--identity", str(identity), "--level", "1", "--snapshot", "all", "--json",
    ]  # fmt: skip
    finished = subprocess.run(command, capture_output=True, check=False)
    try:
        document: dict[str, Any] = json.loads(finished.stdout)
    except ValueError as error:
        raise StrongroomError(
            f"the verifier ended with {finished.returncode}: {finished.stderr.decode('utf-8', 'replace')}"
        ) from error
    return document


@contextmanager
def _flipped_copy(folder: DemoFolder) -> Iterator[Path]:
    """A copy of the archive with one bit of its newest bundle flipped."""
    copy = folder.base / "damaged-copy"
    shutil.copytree(folder.archive, copy)
    try:
        bundle = max(copy.rglob("*.age"), key=lambda path: path.stat().st_size)
        content = bytearray(bundle.read_bytes())
        content[len(content) // 2] ^= 1
        bundle.write_bytes(content)
        yield copy
    finally:
        shutil.rmtree(copy)


def _difference(folder: DemoFolder, fingerprint: str) -> Difference:
    archive = Archive.open(DirectoryReader(folder.archive), fingerprint)
    identities = identities_of((folder.offline / "identity.txt").read_bytes())
    before = archive.open_snapshot(archive.select("latest~1"), identities)
    after = archive.open_snapshot(archive.select("latest"), identities)
    return compare(before, after)


def _write_reports(
    folder: DemoFolder, verdict: dict[str, Any], damaged: dict[str, Any], difference: Difference
) -> None:
    made_at = now()
    document = difference.document(made_at)
    write_report(folder.reports / "verdict.json", json.dumps(verdict, indent=1) + "\n")
    write_report(folder.reports / "verdict.html", verdict_page(verdict, generated_at=text_of_time(made_at)))
    write_report(
        folder.reports / "verdict-of-the-damaged-copy.html", verdict_page(damaged, generated_at=text_of_time(made_at))
    )
    write_report(folder.reports / "difference.html", difference_page(document, generated_at=text_of_time(made_at)))
