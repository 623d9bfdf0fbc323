"""Placing files in several folders at once: all of them, or everything as before."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from archiver.placement import Place, PlaceTakenError, leftovers_in, placing, taken_by


def places_in(folder: Path) -> list[Place]:
    return [Place(folder / "a" / "deep", ("x", "y"), 0o755), Place(folder / "b", ("z",), 0o700)]


def fill(stages: list[Path]) -> None:
    for stage, names in zip(stages, (("x", "y"), ("z",)), strict=True):
        for name in names:
            (stage / name).write_text(name)


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != "elsewhere"}


def test_everything_appears_together(tmp_path: Path) -> None:
    """No staging folder stays."""
    with placing(places_in(tmp_path)) as stages:
        fill(stages)
        assert not (tmp_path / "a" / "deep" / "x").exists()
    assert files_under(tmp_path) == {"a", "a/deep", "a/deep/x", "a/deep/y", "b", "b/z"}


@pytest.mark.parametrize("failure", [OSError("full"), KeyboardInterrupt()])
def test_a_failure_leaves_everything_as_before(tmp_path: Path, failure: BaseException) -> None:
    """Also Ctrl-C in the middle."""
    with pytest.raises(type(failure)), placing(places_in(tmp_path)) as stages:
        fill(stages)
        raise failure
    assert files_under(tmp_path) == set()


def test_a_name_that_was_taken_meanwhile_takes_everything_back(tmp_path: Path) -> None:
    """Two people found an archive at the same moment: one of them gets an error, and no file is lost."""
    with pytest.raises(PlaceTakenError), placing(places_in(tmp_path)) as stages:
        fill(stages)
        (tmp_path / "b" / "z").write_text("somebody else's")
    assert files_under(tmp_path) == {"b", "b/z"}
    assert (tmp_path / "b" / "z").read_text() == "somebody else's"


def test_two_at_once_place_nothing_over_one_another(tmp_path: Path) -> None:
    """The second is told at once, and the first one's work is not touched."""
    with placing(places_in(tmp_path)) as stages:
        fill(stages)
        other = [Place(tmp_path / "c", ("x",), 0o755), places_in(tmp_path)[1]]
        with pytest.raises(PlaceTakenError, match=str(tmp_path / "b")), placing(other):
            pass
        assert not (tmp_path / "c").exists()
    assert files_under(tmp_path) == {"a", "a/deep", "a/deep/x", "a/deep/y", "b", "b/z"}


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    """It holds keys, and nobody will ever look for them there."""
    leave_as_killed(places_in(tmp_path))
    left = leftovers_in(places_in(tmp_path))
    assert len(left) == 2 and all(any(stage.iterdir()) for stage in left)
    swept: list[Path] = []
    with placing(places_in(tmp_path), swept) as stages:
        fill(stages)
    assert swept == left and files_under(tmp_path) == {"a", "a/deep", "a/deep/x", "a/deep/y", "b", "b/z"}


def leave_as_killed(places: list[Place]) -> None:
    """Lets a process place there and be killed before it has moved anything."""
    child = os.fork()
    if not child:
        # No test of the parent's may go on in the child, whatever happens here.
        try:
            with placing(places) as stages:
                for place, stage in zip(places, stages, strict=True):
                    (stage / place.names[0]).write_text("a key")
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_link_that_leads_nowhere_counts_as_taken(tmp_path: Path) -> None:
    """Writing through it would put a key where somebody else points."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "z").symlink_to(tmp_path / "nowhere")
    assert taken_by(places_in(tmp_path)) == [tmp_path / "b" / "z"]


def test_what_bears_the_name_of_a_staging_folder_and_is_none_stays(tmp_path: Path) -> None:
    """It was made by somebody else; and removing a FIFO as a folder would wait for ever."""
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / ".strongroom-init-pipe")
    (tmp_path / "b" / ".strongroom-init-file").touch()
    with placing(places_in(tmp_path)) as stages:
        fill(stages)
    assert files_under(tmp_path / "b") == {"z", ".strongroom-init-pipe", ".strongroom-init-file"}
