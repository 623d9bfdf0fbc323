"""A directory keeps what it was given, whole or not at all, and replaces nothing."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vault.errors import (
    DigestRefusedError,
    LockNotEnforcedError,
    NameTakenError,
    StoreFullError,
    StoreUnreachableError,
)
from vault.stores.directory import DirectoryStore

UNTIL = datetime(2030, 1, 1, tzinfo=UTC)
NAME = "log/entries/00000000.dsse.json"


def source_of(folder: Path, content: bytes) -> tuple[Path, str]:
    """A file to put, and its digest."""
    path = folder / "source"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_a_put_is_acknowledged_with_the_digest_of_what_lies_there(tmp_path: Path) -> None:
    """A receipt is a claim about the store, not about the sender."""
    source, digest = source_of(tmp_path, b"content")
    receipt = DirectoryStore("vault", tmp_path / "store").put(NAME, source, digest, UNTIL)
    assert (tmp_path / "store" / NAME).read_bytes() == b"content"
    assert (receipt.sha256, receipt.bytes, receipt.mode, receipt.retain_until) == (digest, 7, "none", None)


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
    assert store.put(NAME, source, digest, UNTIL).sha256 == digest


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
