"""What a person is told to do depends on what the operating system said."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from archiver.state.state_folder import StateFolder
from archiver.state.state_trouble import spool_error_of, with_its_step
from vault.errors import CommitInterruptedError, SpoolError


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (errno.EROFS, "mounted for writing"),
        (errno.EACCES, "account that owns"),
        (errno.EPERM, "account that owns"),
        (errno.EEXIST, "See what lies there"),
        (errno.ENOTDIR, "See what lies there"),
        (errno.EISDIR, "See what lies there"),
        (errno.EINVAL, "See what lies there"),
        (errno.ENXIO, "See what lies there"),
        (errno.ENOENT, "a link that leads nowhere"),
        (errno.ENOSPC, "Free space"),
        (errno.EIO, "Free space"),
    ],
)
def test_a_missing_right_and_a_wrong_place_need_other_steps_than_a_full_disk(number: int, step: str) -> None:
    """Who frees space on a read-only file system has lost an hour."""
    cause = OSError(number, "said so")
    error = spool_error_of(cause, "it can't be written")
    assert (error.exit_status, error.message) == (23, "it can't be written: said so")
    assert step in error.next_step
    from_vault = CommitInterruptedError("the disk failed")
    from_vault.__cause__ = cause
    assert step in with_its_step(from_vault).next_step
    assert type(with_its_step(from_vault)) is CommitInterruptedError


def test_a_device_is_no_place_for_the_state() -> None:
    """`archive.state_dir` is a setting, and settings are mistyped."""
    with pytest.raises(SpoolError, match="/dev/null can't be made") as raised:
        StateFolder(Path("/dev/null"))
    assert "archive.state_dir to a folder" in raised.value.next_step


def test_an_error_without_a_cause_stays_as_it_is() -> None:
    """There is nothing to know better."""
    error = SpoolError("full", next_step="Ask the vault.")
    assert with_its_step(error) is error
