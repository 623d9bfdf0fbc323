"""Level 1 of one snapshot: what is read, what is only looked at, and that a verdict says which is which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.vectors.catalogue import VECTORS
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story
from tests.verify.kit.edit import Json
from tests.verify.kit.verdict import Verdict, verdict_on
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.check import PASS
from verify.identity_file import identities_in
from verify.manifest import Manifest
from verify.segments import bundle_name_of, segment_list_name_of
from verify.store import DirectoryReader

LATEST = ("--snapshot", "latest")


@pytest.fixture
def archive(tmp_path: Path) -> ForgedArchive:
    """Two epochs of a full and a delta: 1, 2 on 1, 3, 4 on 3."""
    return forge(tmp_path, sound_story())


def _manifest(archive: ForgedArchive, sequence: int) -> Manifest:
    return Archive.open(DirectoryReader(archive.path), archive.fingerprint).manifest(sequence)


def _bundle(archive: ForgedArchive, sequence: int) -> Path:
    return archive.path / bundle_name_of(_manifest(archive, sequence).bundle.sha256)


def _checks(verdict: Verdict) -> dict[str, Json]:
    return {one["id"]: one for one in verdict.document["checks"]}


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)


def test_the_bytes_of_what_was_not_asked_for_are_not_read_and_the_verdict_says_so(archive: ForgedArchive) -> None:
    """A PASS that hides what it did not look at is the cardinal sin here; `--snapshot all` finds the same bit."""
    _flip(_bundle(archive, 1))
    verdict = verdict_on(archive, level=1, more=LATEST)
    assert verdict.exit_status == 0
    checks = _checks(verdict)
    assert checks["C08"]["detail"].startswith("2 bundles read, ")
    assert checks["C08"]["detail"].endswith("; 2 more by presence and size, and not read")
    assert checks["C09"]["detail"].endswith("; 2 more by presence and size, and not read")
    assert [(one["sequence"], one["covered"], one["read"]) for one in verdict.document["snapshots"]] == [
        (4, True, True), (3, False, True), (2, False, False), (1, False, False)
    ]  # fmt: skip
    assert verdict_on(archive, level=1).exit_status == 5


@dataclass
class Listening(DirectoryReader):
    """Notes the names that are read, or asked the size of."""

    path: Path
    asked: set[str] = field(default_factory=set)
    forkable: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.path)

    def size(self, name: str) -> int:
        """Notes the name."""
        self.asked.add(name)
        return super().size(name)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Notes the name."""
        self.asked.add(name)
        return super().read(name, offset, length)


def _request(archive: ForgedArchive) -> Request:
    identities = identities_in(str(archive.identity_path))
    return Request(archive.fingerprint, 1, datetime.now(UTC), identities=identities)


def test_presence_and_size_cost_no_access_to_a_file(archive: ForgedArchive) -> None:
    """An archive of ten years has 3,650 bundles; the listing that was made anyhow has all their sizes."""
    reader = Listening(archive.path)
    assert Ceremony(reader, _request(archive)).outcome().verdict.word == PASS
    asked = {name[-68:-4] for name in reader.asked if name.startswith("bundles/")}
    assert asked == {_manifest(archive, number).bundle.sha256 for number in (3, 4)}


def test_a_bundle_that_was_written_while_the_archive_was_listed_is_not_missing(archive: ForgedArchive) -> None:
    """A run may end between the listing and the look at it."""
    late = _manifest(archive, 2).bundle.sha256

    class Stale(DirectoryReader):
        def list(self, prefix: str) -> Iterator[tuple[str, int]]:
            return (one for one in super().list(prefix) if late not in one[0])

    assert Ceremony(Stale(archive.path), _request(archive)).outcome().verdict.word == PASS


@pytest.mark.parametrize("snapshot", [LATEST, ("--snapshot", "all"), ("--snapshot", "2")])
def test_a_missing_bundle_says_which_snapshots_are_lost_by_it(
    archive: ForgedArchive, snapshot: tuple[str, str]
) -> None:
    """Nobody knows a snapshot by 64 hex digits; and a full takes with it whatever leans on it."""
    _bundle(archive, 1).unlink()
    verdict = verdict_on(archive, level=1, more=snapshot)
    check = _checks(verdict)["C08"]
    assert (verdict.exit_status, check["result"], check["error"]) == (5, "FAIL", "DigestError")
    assert check["detail"].endswith(".age: missing; lost, unless another copy has it whole: snapshots 1 to 2")
    assert check["next_step"] == "Fetch the named file from another store or medium."
    states = {one["sequence"]: one["state"] for one in verdict.document["snapshots"]}
    assert states == {1: "missing or damaged", 2: "full missing or damaged", 3: "present", 4: "present"}
    assert verdict.document["fault"] == "altered or missing"


def test_a_missing_segment_list_says_what_it_is_needed_for(archive: ForgedArchive) -> None:
    """The bundle is whole, and stock tools open it; this program reads no part of it without its list."""
    (archive.path / segment_list_name_of(_manifest(archive, 2).bundle.sha256)).unlink()
    verdict = verdict_on(archive, level=1, more=LATEST)
    assert _checks(verdict)["C09"]["detail"].endswith(".seg: missing; without it this program does not open snapshot 2")


def test_a_bundle_that_expired_is_neither_missing_nor_unread(tmp_path: Path) -> None:
    """What nobody keeps any more can't be read, and no verdict speaks of bytes that are gone."""
    (vector,) = (one for one in VECTORS if one.id == "bundles-that-were-not-asked-for-expired")
    archive = forge(tmp_path, vector.story())
    verdict = Ceremony(DirectoryReader(archive.path), _request(archive)).outcome().verdict
    assert [line.state for line in verdict.snapshots] == ["present", "present", "expired", "expired"]
    assert (verdict.word, verdict.unread) == (PASS, [])
