"""Called from a folder that somebody removed meanwhile: a named error, and no defect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.front.outcome import Call
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """An archive that no test changes."""
    return forge(tmp_path_factory.mktemp("archive"), sound_story())


@pytest.fixture(autouse=True)
def _removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: ForgedArchive) -> None:
    """Removes the working folder, once the archive is there."""
    folder = tmp_path / "removed"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()


@pytest.mark.parametrize(
    "line",
    [
        "mirror ARCHIVE --to x",
        "export ARCHIVE --to x",
        "verify .",
        "verify ARCHIVE --report x",
        "verify ARCHIVE --remember x",
        "init x",
        "demo",
        "tenant attack",
        "tenant simulate --port 0",
    ],
)
def test_a_working_folder_that_was_removed_is_said_and_nothing_is_a_defect(
    call: Call, archive: ForgedArchive, line: str
) -> None:
    """Relative names lead nowhere there; what to do is to change into another folder."""
    words = [str(archive.path) if word == "ARCHIVE" else word for word in line.split()]
    if words[0] in ("mirror", "export", "verify"):
        words += [f"--trust={archive.trust_root_path}", f"--identity={archive.identity_path}"]
    done = call(*words, "--json")
    assert done.status not in (0, 1, 3, 5), done
    assert done.error["next_step"] and "defect" not in done.error["next_step"]
    if done.error["class"] == "WorkingFolderError":
        assert done.status == 2 and "cd" in done.error["next_step"]


def test_a_simulated_tenant_says_it_as_every_command_does(call: Call) -> None:
    """A script that looks for 2 finds it whatever it calls."""
    done = call("tenant", "simulate", "--port", "0", "--users", "20", "--json")
    assert (done.status, done.error["class"]) == (2, "WorkingFolderError")


def test_what_needs_no_working_folder_works(call: Call, archive: ForgedArchive) -> None:
    """A monitor may have been started anywhere."""
    words = [f"--trust={archive.trust_root_path}", f"--identity={archive.identity_path}"]
    assert call("verify", archive.path, *words, "--level", "0").status == 0
