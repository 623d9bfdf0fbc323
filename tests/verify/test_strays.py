"""What lies in a store and is no part of the archive is named, whatever it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.kit.archive import forge
from tests.verify.kit.crew import sound_story
from tests.verify.kit.verdict import verdict_on


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize(("put", "end"), [(Path.mkdir, "/"), (os.mkfifo, ""), (link_to_nowhere, "")])
def test_what_stands_in_place_of_an_older_checkpoint_is_a_stray(
    put: Callable[[Path], None], end: str, tmp_path: Path
) -> None:
    """An older checkpoint may be gone; what somebody put there instead is a trace of him."""
    archive = forge(tmp_path, sound_story())
    oldest = min((archive.path / "log" / "checkpoints").iterdir())
    oldest.unlink()
    put(oldest)
    verdict = verdict_on(archive, level=0)
    assert verdict.document["verdict"] == "PASS"
    assert verdict.document["strays"] == [f"log/checkpoints/{oldest.name}{end}"]


def test_folders_of_their_own_are_no_strays(tmp_path: Path) -> None:
    """Only what stands under the name of a file is in anything's place."""
    archive = forge(tmp_path, sound_story())
    for name in ("READER/verify", "VECTORS/one", "lost+found", "bundles/sha256/00"):
        (archive.path / name).mkdir(parents=True, exist_ok=True)
    assert verdict_on(archive, level=0).document["strays"] == []
