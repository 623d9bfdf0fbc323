"""A directory keeps what it was given, whole or not at all, and replaces nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.unprivileged import run_unprivileged
from tests.vault.host import Host, user
from vault.errors import DigestRefusedError, NameTakenError, StoreFullError, StoreUnreachableError
from vault.stores.directory import DirectoryStore
from vault.stores.receipt import Receipt
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.errors import LockNotEnforcedError
from verify.store import DirectoryReader

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
NAME = "log/entries/00000000.dsse.json"


def source_of(folder: Path, content: bytes) -> tuple[Path, str]:
    """A file to put, and its digest."""
    path = folder / "source"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_a_put_is_acknowledged_with_the_size_of_what_lies_there_and_without_a_lock(tmp_path: Path) -> None:
    """A receipt is a claim about the store, not about the sender."""
    source, digest = source_of(tmp_path, b"content")
    receipt = DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    assert (tmp_path / "store" / NAME).read_bytes() == b"content"
    assert receipt == Receipt(7, None)


def test_the_same_bytes_may_be_put_again(tmp_path: Path) -> None:
    """A run that was killed after a put repeats it."""
    source, digest = source_of(tmp_path, b"content")
    store = DirectoryStore("vault", tmp_path / "store")
    assert store.put(NAME, source, digest, UNTIL) == store.put(NAME, source, digest, UNTIL)


def test_other_bytes_under_the_name_are_never_replaced(tmp_path: Path) -> None:
    """Somebody else wrote there: stop, and keep what he wrote."""
    source, digest = source_of(tmp_path, b"content")
    target = tmp_path / "store" / NAME
    target.parent.mkdir(parents=True)
    target.write_bytes(b"foreign")
    with pytest.raises(NameTakenError):
        DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    assert target.read_bytes() == b"foreign"


def test_a_source_that_is_not_what_was_signed_is_not_stored(tmp_path: Path) -> None:
    """A bit that flips on the way must not become the archive."""
    source, digest = source_of(tmp_path, b"content")
    source.write_bytes(b"c0ntent")
    with pytest.raises(DigestRefusedError):
        DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a bundle under its final name would be a lie about the archive."""
    source, digest = source_of(tmp_path, b"content" * 100_000)
    real_fsync = os.fsync

    def full(descriptor: int) -> None:
        if ".put-" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(28, "No space left on device")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFullError):
        DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_folder_that_is_not_there_is_a_named_error(tmp_path: Path) -> None:
    """An unplugged disk is an everyday event."""
    source, digest = source_of(tmp_path, b"content")
    (tmp_path / "store").write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreUnreachableError):
        DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)


def _file(place: Path) -> None:
    place.write_bytes(b"")


def _circle(place: Path) -> None:
    place.symlink_to(place)


def _dangling(place: Path) -> None:
    place.symlink_to(place.with_name("nowhere"))


@pytest.mark.parametrize("place", ["disk", "disk/store", "disk/store/log"])
@pytest.mark.parametrize(
    ("put_there", "reason"),
    [
        (_file, "is a regular file, and no folder"),
        (os.mkfifo, "is a named pipe, and no folder"),
        (_circle, "is a symbolic link that leads in a circle"),
        (_dangling, "is a symbolic link to what is not there"),
    ],
)
def test_a_store_that_can_not_be_there_is_away_and_not_empty(
    tmp_path: Path, place: str, put_there: Any, reason: str
) -> None:
    """Whoever is told that it was emptied mirrors to it, or looks for an intruder; a disk is not mounted."""
    source, digest = source_of(tmp_path, b"content")
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    put_there(tmp_path / place)
    store = DirectoryStore("vault", tmp_path / "disk" / "store")
    asks: list[Callable[[], object]] = [
        lambda: store.holds(NAME, digest),
        store.log_size,
        lambda: store.put(NAME, source, digest, UNTIL),
    ]
    for ask in asks if place.endswith("log") else [*asks, store.check]:
        with pytest.raises(StoreUnreachableError, match=re.escape(f"{tmp_path / place} {reason}")):
            ask()


def test_a_store_that_is_not_made_yet_is_empty(tmp_path: Path) -> None:
    """Of a folder that nothing keeps from being made, the truth is that nothing lies in it."""
    store = DirectoryStore("vault", tmp_path / "disk" / "store")
    assert store.log_size() == 0 and store.holds(NAME, "0" * 64) is False


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENAMETOOLONG])
def test_whatever_the_system_says_of_a_store_is_a_named_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A mount that failed takes one store away, and must not pass for this host's own disk."""
    source, digest = source_of(tmp_path, b"content")
    folder = tmp_path / "store"
    store = DirectoryStore("vault", folder)
    real_stat, real_open, real_scan = os.stat, os.open, os.listdir

    def failing(real: Any) -> Any:
        def call(path: Any, *args: Any, **more: Any) -> Any:
            if str(path).startswith(str(folder)):
                raise OSError(number, os.strerror(number))
            return real(path, *args, **more)

        return call

    monkeypatch.setattr(os, "stat", failing(real_stat))
    monkeypatch.setattr(os, "open", failing(real_open))
    monkeypatch.setattr(os, "listdir", failing(real_scan))
    for ask in (
        lambda: store.holds(NAME, digest),
        lambda: store.log_size(),
        lambda: store.check(),
        lambda: store.put(NAME, source, digest, UNTIL),
    ):
        with pytest.raises(StoreUnreachableError, match=re.escape(os.strerror(number))):
            ask()


def test_a_directory_refuses_to_promise_a_lock() -> None:
    """What can't be enforced must not be claimed."""
    with pytest.raises(LockNotEnforcedError):
        DirectoryStore("vault", Path("anywhere"), "compliance")


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    """`doctor` runs every day."""
    assert "GB free" in DirectoryStore("vault", tmp_path / "store").check()
    assert list((tmp_path / "store").iterdir()) == []


def test_a_name_whose_folder_could_not_be_synced_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut the name may be gone; the next put must not find it and call it acknowledged."""
    source, digest = source_of(tmp_path, b"content")
    store = DirectoryStore("vault", tmp_path / "store")
    real_fsync = os.fsync

    def failing(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir():
            raise OSError(5, "Input/output error")
        real_fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(StoreUnreachableError):
            store.put(NAME, source, digest, UNTIL)
    assert not (tmp_path / "store" / NAME).exists()
    store.put(NAME, source, digest, UNTIL)
    assert store.holds(NAME, digest)


def test_a_put_that_was_cut_off_before_its_sync_is_synced_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the name and the sync leaves a file that only looks stored."""
    source, digest = source_of(tmp_path, b"content")
    store = DirectoryStore("vault", tmp_path / "store")
    store.put(NAME, source, digest, UNTIL)
    real_fsync = os.fsync
    synced: list[Path] = []

    def recording(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    store.put(NAME, source, digest, UNTIL)
    assert tmp_path / "store" / NAME in synced
    assert tmp_path / "store" in synced


def test_a_folder_that_a_put_makes_is_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the folder's own name is lost in a power cut, everything below it is."""
    source, digest = source_of(tmp_path, b"content")
    real_fsync = os.fsync
    synced: list[Path] = []

    def recording(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    DirectoryStore("vault", tmp_path / "disk" / "store").put(NAME, source, digest, UNTIL)
    assert {tmp_path, tmp_path / "disk"} <= set(synced)


def test_the_first_put_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """The time is that of the store's own file system, which may be a server whose clock is wrong."""
    source, digest = source_of(tmp_path, b"content")
    store = tmp_path / "store"
    store.mkdir()
    old, young = (store / f".put-4194304-{number:016x}" for number in range(2))  # beyond the largest process id
    for path, hours in ((old, 2), (young, 0)):
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_mtime - 3600 * hours,) * 2)
    DirectoryStore("vault", store).put(NAME, source, digest, UNTIL)
    assert not old.exists() and young.exists()


def test_what_a_killed_put_left_is_no_part_of_an_archive(host: Host) -> None:
    """It lies beside the archive: a stray, which proves nothing and breaks nothing."""
    host.seal([user(1)])
    name = ".put-1-0123456789abcdef"
    for folder in ("", "root/", "keys/", "log/checkpoints/", "log/entries/", "log/so-far/", "bundles/sha256/"):
        (host.archive / f"{folder}{name}").write_bytes(b"half")
    reader = DirectoryReader(host.archive)
    request = Request(host.chain.newest.fingerprint, 0, host.now)
    verdict = Ceremony(reader, request).outcome().verdict
    assert verdict.word == "PASS" and len(verdict.strays) == 7
    assert [one.sequence for one in Archive.open(reader, request.fingerprint).manifests()] == [1]


@pytest.mark.parametrize("kind", ["link", "link to nowhere", "folder", "pipe"])
def test_what_is_no_file_is_no_file_of_ours(tmp_path: Path, kind: str) -> None:
    """No reader would take it for one, so a receipt would be false; and opening a pipe would wait for ever."""
    source, digest = source_of(tmp_path, b"content")
    target = tmp_path / "store" / NAME
    target.parent.mkdir(parents=True)
    if kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to(source if kind == "link" else tmp_path / "nowhere")
    store = DirectoryStore("vault", tmp_path / "store")
    with pytest.raises(NameTakenError):
        store.put(NAME, source, digest, UNTIL)
    assert not store.holds(NAME, digest)


def test_a_folder_that_was_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    """What was acknowledged before is gone, and that is not for a put to find out (StoreBehindError does)."""
    source, digest = source_of(tmp_path, b"content")
    store = DirectoryStore("vault", tmp_path / "store")
    store.put(NAME, source, digest, UNTIL)
    shutil.rmtree(tmp_path / "store")
    assert store.put(NAME, source, digest, UNTIL).bytes == 7
    assert store.holds(NAME, digest)


def test_many_puts_of_one_name_at_once_store_one_file(tmp_path: Path) -> None:
    """A timer and a person: each is acknowledged, and none finds a half-written file under the name."""
    source, digest = source_of(tmp_path, os.urandom(3_000_000))

    def put(_: int) -> bool:
        store = DirectoryStore("vault", tmp_path / "store")
        store.put(NAME, source, digest, UNTIL)
        return store.holds(NAME, digest)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(put, range(24)))
    assert [path.name for path in (tmp_path / "store").rglob("*") if path.is_file()] == [Path(NAME).name]


def test_of_two_that_put_different_bytes_under_one_name_one_is_refused(tmp_path: Path) -> None:
    """The name is taken while the second one still writes."""
    store = DirectoryStore("vault", tmp_path / "store")
    digests = [hashlib.sha256(content).hexdigest() for content in (b"first", b"second")]

    def overtaken() -> Iterator[bytes]:
        store.receive(NAME, [b"first"], digests[0])
        yield b"second"

    with pytest.raises(NameTakenError):
        store.receive(NAME, overtaken(), digests[1])
    assert (tmp_path / "store" / NAME).read_bytes() == b"first"
    assert len([path for path in (tmp_path / "store").rglob("*") if path.is_file()]) == 1


def test_part_of_a_store_may_lie_on_another_disk(tmp_path: Path) -> None:
    """A file can only be linked within its file system."""
    source, digest = source_of(tmp_path, b"content")
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert Path(elsewhere).stat().st_dev != tmp_path.stat().st_dev, "/dev/shm is the same file system"
        (tmp_path / "store").mkdir()
        (tmp_path / "store" / "log").symlink_to(elsewhere)
        store = DirectoryStore("vault", tmp_path / "store")
        assert store.put(NAME, source, digest, UNTIL).bytes == 7
        assert store.holds(NAME, digest)
        assert [path.name for path in Path(elsewhere).rglob("*") if path.is_file()] == [Path(NAME).name]


PUT = """
import sys
from datetime import datetime
from pathlib import Path
from vault.stores.directory import DirectoryStore
from verify.errors import StrongroomError
try:
    store = DirectoryStore("vault", Path(sys.argv[1]))
    print(store.put(sys.argv[2], Path(sys.argv[3]), sys.argv[4], datetime.max).bytes)
except StrongroomError as error:
    print(type(error).__name__)
"""


def put_without_rights(folder: Path, source: Path, digest: str, bytes_a_file: int | None = None) -> str:
    """What a put says in a process that may do no more than the files' owner."""
    command = [sys.executable, "-c", PUT, str(folder), NAME, str(source), digest]
    done = run_unprivileged(command, folder.parent, bytes_a_file)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_folder_without_the_right_to_write_is_a_named_error(tmp_path: Path) -> None:
    """Another account made it, or it was mounted for reading only."""
    source, digest = source_of(tmp_path, b"content")
    (tmp_path / "store").mkdir(mode=0o555)
    assert put_without_rights(tmp_path / "store", source, digest) == "StoreUnreachableError"
    assert list((tmp_path / "store").iterdir()) == []


def test_a_file_that_nobody_may_write_is_acknowledged_again(tmp_path: Path) -> None:
    """People protect their archives; a put only reads what is there already."""
    source, digest = source_of(tmp_path, b"content")
    DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    (tmp_path / "store" / NAME).chmod(0o400)
    assert put_without_rights(tmp_path / "store", source, digest) == "7"


def test_a_file_beyond_what_the_system_allows_leaves_nothing_behind(tmp_path: Path) -> None:
    """The kernel's own refusal in the middle of a file, as of a disk that fills."""
    source, digest = source_of(tmp_path, b"content" * 10_000)
    assert put_without_rights(tmp_path / "store", source, digest, 40_000) == "StoreFullError"
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []
