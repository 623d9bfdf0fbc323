"""A mirror is the archive, file by file proved, or less of it; never more, and never something else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.vault.host import ARCHIVE_ID, Host, user
from vault.errors import NameTakenError
from vault.mirror import Mirrored, mirror, require_apart
from vault.signing.checkpoint import checkpoint_of
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.constants import MAX_CONTROL_BYTES
from verify.errors import DigestError, LogError, RefusedError, StrongroomError, UsageError, WrongArchiveError
from verify.store import DirectoryReader

SCRIPT = Path(__file__).with_name("killed_mirror.py")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
KILLS = 20
"""Points at which a mirror is killed, spread evenly over its changes to the file system."""

HUGE = 8 * 1024**3
MODEST = 2 * MAX_CONTROL_BYTES


@pytest.fixture
def days(host: Host) -> Host:
    """Four days: a full, a delta, a full, a delta."""
    for day in range(4):
        host.seal([user(number, "Rome" if number == day else "Oslo") for number in range(300)], full=day == 2)
    return host


def opened(host: Host, folder: Path | None = None) -> Archive:
    return Archive.open(DirectoryReader(folder or host.archive), host.chain.newest.fingerprint)


def copied(host: Host, target: Path, since: int = 1, now: datetime = NOW) -> Mirrored:
    return mirror(opened(host), target, since=since, now=now)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def verdict_on(host: Host, folder: Path, level: int = 0) -> str:
    request = Request(host.chain.newest.fingerprint, level, NOW, "all", [host.identity])
    return Ceremony(DirectoryReader(folder), request).outcome().verdict.word


def test_a_mirror_is_the_archive_and_verifies_like_it(days: Host, tmp_path: Path) -> None:
    """Another store, a medium, a laptop: the copy alone must be enough."""
    done = copied(days, tmp_path / "copy")
    assert files_in(tmp_path / "copy") == files_in(days.archive)
    assert (done.files, done.copied, done.snapshots, done.missing) == (len(files_in(days.archive)), done.files, 4, [])
    assert verdict_on(days, tmp_path / "copy", 1) == "PASS"


def test_a_second_run_writes_nothing_and_reads_no_bundle_again(days: Host, tmp_path: Path) -> None:
    """A mirror every night must cost what is new."""
    copied(days, tmp_path / "copy")
    reader = CountingReader(days.archive)
    done = mirror(Archive.open(reader, days.chain.newest.fingerprint), tmp_path / "copy", since=1, now=NOW)
    assert done.copied == 0 and done.files == len(files_in(days.archive))
    assert not [name for name in reader.names if name.endswith(".age") and name.startswith("bundles/")]


class CountingReader(DirectoryReader):
    """A reader that knows what was read through it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.names: set[str] = set()
        self.bytes = 0

    def read(self, name: str, offset: int, length: int) -> bytes:
        content = super().read(name, offset, length)
        self.names.add(name)
        self.bytes += len(content)
        return content


def test_what_no_evidence_names_is_not_copied_and_not_read(days: Host, tmp_path: Path) -> None:
    """A hostile source must not fill the medium, or put a name of its own on it."""
    wanted = files_in(days.archive)
    for name in ("root/notes", "keys/evil.sh", "log/so-far/junk", "bundles/sha256/ab/stray", "README"):
        (days.archive / name).parent.mkdir(exist_ok=True)
        with (days.archive / name).open("wb") as file:
            file.truncate(HUGE)
    (days.archive / "log/entries/00000099.dsse.json").write_bytes(b"pending")
    (days.archive / "keys/linked").symlink_to("/etc/hostname")
    reader = CountingReader(days.archive)
    mirror(Archive.open(reader, days.chain.newest.fingerprint), tmp_path / "copy", since=1, now=NOW)
    assert files_in(tmp_path / "copy") == wanted and reader.bytes < MODEST


def kinds_of(host: Host) -> dict[str, str]:
    """A file of each kind that can be damaged without the log being touched."""
    names = sorted(files_in(host.archive))
    return {
        "bundle": next(name for name in names if name.endswith(".age") and name.startswith("bundles/")),
        "segment list": next(name for name in names if name.endswith(".seg")),
        "leaf hashes": next(name for name in names if name.startswith("log/so-far/") and "." not in name),
        "copies of roots": next(name for name in names if name.endswith(".roots.json")),
    }


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthen(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(HUGE)


@pytest.mark.parametrize("harm", [flip, lengthen])
@pytest.mark.parametrize("kind", ["bundle", "segment list", "leaf hashes", "copies of roots"])
def test_a_damaged_file_is_left_out_and_everything_else_is_rescued(
    days: Host, tmp_path: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    """A failing disk is the day on which a mirror is needed most; and no false byte may pass for a true one."""
    name, wanted = kinds_of(days)[kind], files_in(days.archive)
    harm(days.archive / name)
    reader = CountingReader(days.archive)
    with pytest.raises(StrongroomError) as caught:
        mirror(Archive.open(reader, days.chain.newest.fingerprint), tmp_path / "copy", since=1, now=NOW)
    assert caught.value.exit_status in (31, 35) and name in caught.value.message
    del wanted[name]
    assert files_in(tmp_path / "copy") == wanted and reader.bytes < MODEST


def test_a_damaged_canary_is_left_out_with_the_copies_that_it_would_have_to_prove(days: Host, tmp_path: Path) -> None:
    """The copies beside a full must equal the files that they name (F-FWD-1)."""
    canary = next(name for name in files_in(days.archive) if name.startswith("keys/"))
    flip(days.archive / canary)
    with pytest.raises(DigestError, match=r"F-CAN-2") as caught:
        copied(days, tmp_path / "copy")
    left_out = files_in(days.archive).keys() - files_in(tmp_path / "copy").keys()
    assert left_out == {canary, *(name for name in files_in(days.archive) if name.endswith(".roots.json"))}
    assert all(name in caught.value.message for name in left_out)


@pytest.mark.parametrize("kind", ["bundle", "segment list", "leaf hashes", "copies of roots"])
@pytest.mark.parametrize("replaced_by", [None, "/etc/hostname"])
def test_what_the_source_lacks_is_named(days: Host, tmp_path: Path, kind: str, replaced_by: str | None) -> None:
    """A symbolic link is no file of an archive: what it leads to is not copied."""
    name = kinds_of(days)[kind]
    (days.archive / name).unlink()
    if replaced_by:
        (days.archive / name).symlink_to(replaced_by)
    assert copied(days, tmp_path / "copy").missing == [name]
    assert not os.path.lexists(tmp_path / "copy" / name)
    assert verdict_on(days, tmp_path / "copy") == "FAIL"


def test_what_has_expired_is_not_missing(days: Host, tmp_path: Path) -> None:
    """A store that deletes what may be deleted is whole."""
    oldest = next(manifest for manifest in opened(days).manifests() if manifest.sequence == 1)
    for path in days.archive.rglob(f"{oldest.bundle.sha256}.*"):
        path.unlink()
    for path in (days.archive / "log/so-far").glob(f"{oldest.index + 1:08d}*"):
        path.unlink()
    later = oldest.retain_until + timedelta(days=1)
    assert len(copied(days, tmp_path / "early").missing) == 4
    assert copied(days, tmp_path / "copy", now=later).missing == []


def test_a_log_that_does_not_hold_is_not_copied_at_all(days: Host, tmp_path: Path) -> None:
    """Without the log nothing says what the other files are."""
    flip(days.archive / "log/entries/00000001.dsse.json")
    with pytest.raises(LogError):
        copied(days, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_since_leaves_bundles_out_but_not_the_full_that_is_leaned_on(days: Host, tmp_path: Path) -> None:
    """A delta without its full is no snapshot."""
    copied(days, tmp_path / "copy", since=4)
    manifests = {manifest.sequence: manifest.bundle.sha256 for manifest in opened(days).manifests()}
    assert {path.stem for path in (tmp_path / "copy").rglob("*.seg")} == {manifests[3], manifests[4]}
    assert opened(days, tmp_path / "copy").checkpoint.size == 5


def test_since_beyond_the_newest_is_refused(days: Host, tmp_path: Path) -> None:
    """A number that was mistyped must not give a copy without a single bundle, and call it done."""
    with pytest.raises(UsageError, match="the newest is 4"):
        copied(days, tmp_path / "copy", since=5)
    assert not (tmp_path / "copy").exists()


def test_an_archive_without_a_snapshot_can_be_mirrored(host: Host, tmp_path: Path) -> None:
    """The proof of the canary is worth a copy."""
    host.deliver()
    assert copied(host, tmp_path / "copy").snapshots == 0
    assert opened(host, tmp_path / "copy").checkpoint.size == 1


@pytest.mark.parametrize("place", [".", "inside", "inside/deeper", "..", "../link", "../link/inside"])
def test_a_copy_that_touches_its_source_is_refused(days: Host, place: str) -> None:
    """It would be no second copy, and files of the copy would lie in the archive."""
    (days.folder / "link").symlink_to(days.archive)
    with pytest.raises(RefusedError):
        require_apart(days.archive, days.archive / place)


def test_another_archive_in_the_target_is_left_alone(days: Host, tmp_path: Path) -> None:
    """The wrong medium in the drive."""
    other = Host(tmp_path / "other")
    other.prove()
    other.seal([user(1)])
    before = files_in(other.archive)
    with pytest.raises(WrongArchiveError):
        copied(days, other.archive)
    assert files_in(other.archive) == before


@pytest.mark.parametrize(("name", "error"), [("log/entries/00000002", LogError), ("bundles/", NameTakenError)])
def test_other_bytes_in_the_target_are_kept_and_named(
    days: Host, tmp_path: Path, name: str, error: type[StrongroomError]
) -> None:
    """A half-written file, or another history: a person has to look."""
    copied(days, tmp_path / "copy")
    path = next(tmp_path / "copy" / one for one in sorted(files_in(tmp_path / "copy")) if one.startswith(name))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(error, match=path.name):
        copied(days, tmp_path / "copy")
    assert path.stat().st_size == 100


def test_an_older_checkpoint_of_another_history_is_left_out(days: Host, tmp_path: Path) -> None:
    """It is the trace of a rewritten log: the copy must not lend it its own good name, and it must be heard of."""
    folder = days.archive / "log" / "checkpoints"
    size, other = 2, days.signer.log
    forged = checkpoint_of(other, ARCHIVE_ID, size, bytes(32), NOW)
    (folder / f"{size:08d}").write_bytes(forged)
    with pytest.raises(LogError, match="another history"):
        copied(days, tmp_path / "copy")
    assert sorted(files_in(tmp_path / "copy")) == sorted(set(files_in(days.archive)) - {f"log/checkpoints/{size:08d}"})


def test_what_the_source_lacks_does_not_count_as_copied(days: Host, tmp_path: Path) -> None:
    """A count is what an operator compares."""
    lost = min(name for name in files_in(days.archive) if name.endswith(".age") and name.startswith("bundles/"))
    (days.archive / lost).unlink()
    for copies in (len(files_in(days.archive)), 0):
        done = copied(days, tmp_path / "copy")
        assert (done.missing, done.copied, done.files) == ([lost], copies, len(files_in(days.archive)))


def test_a_target_whose_log_is_longer_is_said(days: Host, tmp_path: Path) -> None:
    """Either the source is an old copy, or somebody rolled it back."""
    copied(days, tmp_path / "old")
    days.seal([user(1)])
    copied(days, tmp_path / "new")
    done = mirror(opened(days, tmp_path / "old"), tmp_path / "new", since=1, now=NOW)
    assert (done.ahead, done.copied) == (1, 0)
    assert verdict_on(days, tmp_path / "new") == "PASS"


def killed(host: Host, target: Path, at: int) -> subprocess.CompletedProcess[str]:
    words = [str(host.archive), host.chain.newest.fingerprint, str(target), str(at)]
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.slow
@pytest.mark.parametrize("begun", [False, True])
def test_a_mirror_killed_at_any_point_never_looks_whole_and_the_next_one_is(
    days: Host, tmp_path: Path, begun: bool
) -> None:
    """An older archive that verifies, or none; then everything, and what was left is no part of it."""
    if begun:
        copied(days, tmp_path / "older")
        days.seal([user(number, "Lima") for number in range(40)], full=True)
    else:
        (tmp_path / "older").mkdir()
    shutil.copytree(tmp_path / "older", tmp_path / "counted")
    changes = int(killed(days, tmp_path / "counted", 0).stdout)
    points = sorted({1 + at * changes // KILLS for at in range(KILLS)} | {changes})
    assert len(points) >= min(KILLS, changes)
    for at in points:
        target = tmp_path / f"killed-{at}"
        shutil.copytree(tmp_path / "older", target)
        assert killed(days, target, at).returncode == -9
        assert is_older_or_whole(days, target, begun)
        copied(days, target)
        assert verdict_on(days, target) == "PASS"
        assert files_in(target).keys() >= files_in(days.archive).keys()


def is_older_or_whole(host: Host, target: Path, begun: bool) -> bool:
    """No checkpoint commits to what is not there."""
    try:
        opened(host, target)
    except StrongroomError:
        return not begun
    return verdict_on(host, target) == "PASS"


def test_two_mirrors_onto_one_target_at_once_give_one_archive(days: Host, tmp_path: Path) -> None:
    """A timer and a person: both finish, and neither takes the other's half-written file for its own."""
    command = [sys.executable, str(SCRIPT), str(days.archive), days.chain.newest.fingerprint, str(tmp_path / "copy")]
    both = [subprocess.Popen([*command, "0"], stdout=subprocess.PIPE) for _ in range(2)]
    outcomes = [process.communicate(timeout=120) and process.returncode for process in both]
    assert outcomes == [0, 0]
    assert files_in(tmp_path / "copy") == files_in(days.archive)
