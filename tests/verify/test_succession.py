"""A snapshot that is dated before the one before it: said, and no failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.verify.kit.archive import forge
from tests.verify.kit.crew import sound_story
from tests.verify.kit.story import ManifestEdit
from tests.verify.kit.verdict import verdict_on


def dated(taken_at: str) -> ManifestEdit:
    """The edit of a manifest that gives it another date."""

    def edit(payload: dict[str, Any], _: object) -> dict[str, Any]:
        return {**payload, "started_at": "2026-01-01T02:00:00Z", "taken_at": taken_at}

    return edit


def words_of_c06(folder: Path, taken_at: str | None) -> tuple[str, str]:
    """The verdict's word, and what C06 says of an archive whose second snapshot has that date, its first 02:17."""
    story = sound_story()
    if taken_at is not None:
        story.snapshots[1].manifest = dated(taken_at)
    document = verdict_on(forge(folder, story), level=0).document
    (check,) = [one for one in document["checks"] if one["id"] == "C06"]
    return document["verdict"], check["detail"]


def test_a_snapshot_dated_before_its_predecessor_is_said(tmp_path: Path) -> None:
    """A clock that is set right must not break an archive; whoever asks for a day must know that days go back."""
    word, detail = words_of_c06(tmp_path, "2026-01-01T02:16:59Z")
    assert word == "PASS"
    assert "DATED BEFORE ITS PREDECESSOR: 2 (2026-01-01T02:16:59Z): the archive host's clock" in detail


def test_a_snapshot_of_the_same_second_is_no_step_back(tmp_path: Path) -> None:
    """Two runs by hand may be that close."""
    assert words_of_c06(tmp_path, "2026-01-01T02:17:00Z")[1].endswith("none left out")


def test_dates_that_go_on_are_not_spoken_of(tmp_path: Path) -> None:
    """The quiet case."""
    assert words_of_c06(tmp_path, None)[1].endswith("none left out")
