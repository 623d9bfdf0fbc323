"""What a killed put left is removed; what another put is writing, and what is not ours, stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vault.stores.arrival import ABANDONED_SECONDS, DEAD_SECONDS, arrival_in, sweep

NOW = 1_000_000_000.0
TOKEN = "0123456789abcdef"


@pytest.fixture(scope="module")
def dead() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def left(folder: Path, process: int, seconds: float, name: str = "") -> Path:
    """A file of that process that was last written `seconds` before NOW."""
    path = folder / (name or f".put-{process}-{TOKEN}")
    path.write_bytes(b"half")
    os.utime(path, (NOW - seconds, NOW - seconds))
    return path


def test_what_a_dead_process_left_an_hour_ago_is_removed(tmp_path: Path, dead: int) -> None:
    """A store must not fill with halves of bundles, one for each kill."""
    path = left(tmp_path, dead, DEAD_SECONDS)
    sweep(tmp_path, NOW)
    assert not path.exists()


def test_what_was_just_written_stays_whoever_wrote_it(tmp_path: Path, dead: int) -> None:
    """The process may live on another host, or in another container, that shares the disk."""
    path = left(tmp_path, dead, DEAD_SECONDS - 1)
    sweep(tmp_path, NOW)
    assert path.exists()


@pytest.mark.parametrize("process", [os.getpid(), os.getppid(), 1], ids=["this", "the one above", "the first"])
def test_what_a_living_process_writes_stays_for_a_week(tmp_path: Path, process: int) -> None:
    """A large bundle on a slow disk; but ids are given out again, and a container has the same one every day."""
    path = left(tmp_path, process, ABANDONED_SECONDS - 1)
    sweep(tmp_path, NOW)
    assert path.exists()
    sweep(tmp_path, NOW + 1)
    assert not path.exists()


@pytest.mark.parametrize(
    "name", ["1.root.json", ".put-", ".put-1", ".put-1-short", ".put-x-0123456789abcdef", ".put-1-0123456789abcdef.age"]
)
def test_what_bears_another_name_stays(tmp_path: Path, name: str) -> None:
    """Only files of our own making are ever removed."""
    path = left(tmp_path, 0, 2 * ABANDONED_SECONDS, name)
    sweep(tmp_path, NOW)
    assert path.exists()


def test_what_is_no_file_stays(tmp_path: Path, dead: int) -> None:
    """A folder or a link of that name was made by a person."""
    (tmp_path / f".put-{dead}-{TOKEN}").mkdir()
    (tmp_path / f".put-{dead}-{TOKEN[::-1]}").symlink_to(tmp_path)
    sweep(tmp_path, NOW * 2)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Sweeping is done in passing; what it can't do must not stop a put."""
    sweep(tmp_path / "away", NOW)


def test_no_two_arrivals_have_one_name(tmp_path: Path) -> None:
    """Two containers that write into one folder have the same process id."""
    assert arrival_in(tmp_path) != arrival_in(tmp_path)
