"""Small files of the state: replaced in one step, or as before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vault.durable import make_folder, remove_folder, write_file


def test_a_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    """A reader sees the old content or the new one."""
    write_file(tmp_path / "head", b"old")
    write_file(tmp_path / "head", b"new", 0o644)
    assert [path.name for path in tmp_path.iterdir()] == ["head"]
    assert (tmp_path / "head").read_bytes() == b"new"


def test_what_a_killed_process_of_the_same_id_left_is_no_obstacle(tmp_path: Path) -> None:
    """In a container the archiver has the same process id every day."""
    (tmp_path / f".head.{os.getpid()}").write_bytes(b"half")
    write_file(tmp_path / "head", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """A folder stands where the file should be: the rename fails, and nothing stays beside it."""
    (tmp_path / "head").mkdir()
    with pytest.raises(OSError):
        write_file(tmp_path / "head", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    """Also when it is there already."""
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    """It is not replaced."""
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize("make", [os.mkfifo, Path.touch, lambda path: path.symlink_to(path.parent)])
def test_what_is_no_folder_is_not_removed_as_one(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A FIFO would be opened first, and nobody ever writes into it."""
    make(tmp_path / "a")
    with pytest.raises(NotADirectoryError):
        remove_folder(tmp_path / "a")
    assert os.path.lexists(tmp_path / "a")
