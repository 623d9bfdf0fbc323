"""A commit happened or it did not, wherever the process was killed."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from vault.errors import ForkRefusedError, SpoolError
from vault.ledger.head import Head
from vault.ledger.ledger import Ledger
from verify.tree import leaf_hash_of, root_of

ARCHIVE = "00" * 16


def committed(folder: Path, entry: bytes) -> Ledger:
    """A ledger with one more commit of one entry and one file."""
    ledger = Ledger(folder, ARCHIVE)
    staging = ledger.stage()
    staging.add("log/entries/x", entry, "2030-01-01T00:00:00Z")
    ledger.commit(staging, after(ledger, entry), [entry])
    return ledger


def after(ledger: Ledger, entry: bytes) -> Head:
    """The head after one more entry."""
    root = root_of(ledger.leaves + leaf_hash_of(entry)).hex()
    return replace(ledger.head, log_size=ledger.head.log_size + 1, log_root=root)


def test_a_commit_survives_reopening(tmp_path: Path) -> None:
    """The head and the leaves are what the next run continues from."""
    committed(tmp_path, b"one")
    ledger = Ledger(tmp_path, ARCHIVE)
    assert ledger.head.log_size == 1
    assert ledger.leaves == leaf_hash_of(b"one")
    assert [put.name for commit in ledger.commits() for put in commit.puts] == ["log/entries/x"]


def test_staged_files_that_were_not_committed_are_swept(tmp_path: Path) -> None:
    """A run killed while staging has not happened."""
    ledger = Ledger(tmp_path, ARCHIVE)
    ledger.stage().add("log/entries/x", b"half", "2030-01-01T00:00:00Z")
    again = Ledger(tmp_path, ARCHIVE)
    assert again.head == Head(ARCHIVE)
    assert not list(tmp_path.glob("staging*"))
    assert again.commits() == []


def test_a_kill_between_commit_and_head_is_finished_by_the_next_start(tmp_path: Path) -> None:
    """The rename is the commit; everything after it can be done again."""
    committed(tmp_path, b"one")
    before = tmp_path.with_name("before")
    shutil.copytree(tmp_path, before)
    committed(tmp_path, b"two")
    shutil.copytree(tmp_path / "outbox" / "00000002", before / "outbox" / "00000002")
    ledger = Ledger(before, ARCHIVE)
    assert ledger.head.log_size == 2
    assert ledger.leaves == leaf_hash_of(b"one") + leaf_hash_of(b"two")


def test_a_full_moves_its_table_in_and_the_old_epochs_table_out(tmp_path: Path) -> None:
    """The table of an ended epoch would let a thief confirm guesses at the past."""
    ledger = Ledger(tmp_path, ARCHIVE)
    for epoch in (1, 2):
        staging = ledger.stage()
        (staging.folder / "table").write_bytes(b"table %d" % epoch)
        ledger.commit(staging, replace(after(ledger, b"entry"), epoch=epoch), [b"entry"])
        assert ledger.table_path.read_bytes() == b"table %d" % epoch
    assert [path.name for path in tmp_path.glob("table-*")] == ["table-2"]


def test_a_state_folder_put_back_to_another_day_is_refused(tmp_path: Path) -> None:
    """Going on from an old head would sign a second history."""
    committed(tmp_path, b"one")
    old_head = (tmp_path / "head.json").read_bytes()
    ledger = committed(tmp_path, b"two")
    for commit in ledger.commits():
        ledger.discard(commit)
    (tmp_path / "head.json").write_bytes(old_head)
    with pytest.raises(ForkRefusedError, match="same moment"):
        Ledger(tmp_path, ARCHIVE)


def test_a_ledger_of_another_archive_is_refused(tmp_path: Path) -> None:
    """Two archives that share a state folder would share epochs and sequence numbers."""
    committed(tmp_path, b"one")
    with pytest.raises(ForkRefusedError, match="belongs to archive"):
        Ledger(tmp_path, "11" * 16)


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    """A head that can't be read is no reason to start from nothing."""
    committed(tmp_path, b"one")
    (tmp_path / "head.json").write_bytes(b"{")
    with pytest.raises(ForkRefusedError, match="damaged"):
        Ledger(tmp_path, ARCHIVE)


def test_acknowledgement_is_remembered_for_each_store(tmp_path: Path) -> None:
    """A store that has everything is not asked again; the others are."""
    ledger = committed(tmp_path, b"one")
    (commit,) = ledger.commits()
    commit.mark_done("vault")
    (again,) = Ledger(tmp_path, ARCHIVE).commits()
    assert again.done_by("vault")
    assert not again.done_by("other")


def test_a_flipped_leaf_is_refused(tmp_path: Path) -> None:
    """The next checkpoint would sign a root that no archive has, for ever."""
    ledger = committed(tmp_path, b"one")
    for commit in ledger.commits():
        ledger.discard(commit)
    leaves = bytearray((tmp_path / "leaves").read_bytes())
    leaves[5] ^= 1
    (tmp_path / "leaves").write_bytes(leaves)
    with pytest.raises(ForkRefusedError, match="damaged"):
        Ledger(tmp_path, ARCHIVE)


def test_a_damaged_outbox_is_refused(tmp_path: Path) -> None:
    """What is to be put must be what was committed."""
    committed(tmp_path, b"one")
    (tmp_path / "outbox" / "00000001" / "puts.json").write_bytes(b"[")
    with pytest.raises(ForkRefusedError, match="outbox"):
        Ledger(tmp_path, ARCHIVE)


def test_a_commit_must_follow_from_its_entries(tmp_path: Path) -> None:
    """A head that counts other entries than it adds would sign a log that nobody can recompute."""
    ledger = Ledger(tmp_path, ARCHIVE)
    for size in (0, 2):
        with pytest.raises(ForkRefusedError):
            ledger.commit(ledger.stage(), replace(ledger.head, log_size=size), [b"one"])
    assert ledger.commits() == []
    assert ledger.head == Head(ARCHIVE)


def test_a_commit_in_the_outbox_that_leaves_a_gap_is_refused(tmp_path: Path) -> None:
    """Leaves written past the end would leave a hole of zeros in the log."""
    for number in range(3):
        committed(tmp_path / "whole", b"entry %d" % number)
    for missing in ("00000001", "00000002"):
        folder = tmp_path / missing
        shutil.copytree(tmp_path / "whole" / "outbox", folder / "outbox")
        shutil.rmtree(folder / "outbox" / missing)
        with pytest.raises(ForkRefusedError, match="does not follow"):
            Ledger(folder, ARCHIVE)


def test_what_a_commit_needs_is_on_the_disk_before_it_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut at any moment, everything that was synced is there, and a name may be there without it."""
    ledger = committed(tmp_path, b"one")
    steps = Steps(tmp_path, monkeypatch)
    staging = ledger.stage()
    staging.add("log/entries/x", b"two", "2030-01-01T00:00:00Z")
    ledger.commit(staging, after(ledger, b"two"), [b"two"])
    renamed = steps.taken.index("rename outbox/00000002")
    before, behind = steps.taken[:renamed], steps.taken[renamed + 1 :]
    for name in ("put-0000", "new-leaves", "puts.json", "head.json"):
        assert before.index(f"sync staging/{name}") < before.index("sync staging")
    new_head = behind.index("rename head.json")
    assert behind.index("sync outbox") < behind.index("sync leaves") < new_head
    assert behind.index("sync .") < new_head
    assert "sync ." in behind[new_head:]


class Steps:
    """Notes what is synced and renamed, by its path in a folder. A file is named without what makes it unique."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[str] = []
        self._folder = folder
        sync, rename, replace_ = os.fsync, Path.rename, Path.replace

        def noted_sync(descriptor: int) -> None:
            self._note("sync", Path(f"/proc/self/fd/{descriptor}").readlink())
            sync(descriptor)

        def noted_rename(path: Path, target: Path) -> Path:
            self._note("rename", target)
            return rename(path, target)

        def noted_replace(path: Path, target: Path) -> Path:
            self._note("rename", target)
            return replace_(path, target)

        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(Path, "rename", noted_rename)
        monkeypatch.setattr(Path, "replace", noted_replace)

    def _note(self, step: str, path: Path) -> None:
        self.taken.append(f"{step} {path.relative_to(self._folder)}")


def test_a_fifo_in_the_place_of_a_staging_folder_makes_nobody_wait(tmp_path: Path) -> None:
    """Each run of each night would wait for it, and hold the state."""
    committed(tmp_path, b"one")
    os.mkfifo(tmp_path / "staging")
    with pytest.raises(SpoolError):
        Ledger(tmp_path, ARCHIVE)
