"""What one check that failed means for the others, and for what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.verify.kit.archive import forge
from tests.verify.kit.crew import sound_story
from tests.verify.kit.edit import fields
from tests.verify.kit.keys import base64_of
from tests.verify.kit.story import Story
from tests.verify.kit.verdict import verdict_on
from verify.ceremony import Ceremony, Request
from verify.check import PASS
from verify.store import DirectoryReader

Fault = Callable[[Story], None]
ENTRY = "log/entries/00000006.dsse.json"


def _fork(story: Story) -> None:
    """An older checkpoint commits to another history: C04 fails alone."""
    story.checkpoint(3).head = fields(root=bytes(32))


def _loss(story: Story) -> None:
    """The last entry is gone: C03 fails, and no check of the log's history."""
    story.files = lambda files: {name: content for name, content in files.items() if name != ENTRY}


@pytest.mark.parametrize(("fault", "check"), [(_fork, "C04"), (_loss, "C03")], ids=["forked", "cut short"])
def test_a_log_that_was_not_proved_is_not_remembered(fault: Fault, check: str, tmp_path: Path) -> None:
    """What is remembered is what later visits are held against; a forged history must never become it."""
    story = sound_story()
    fault(story)
    memory = tmp_path / "remembered.json"
    verdict = verdict_on(forge(tmp_path, story), level=0, more=("--remember", str(memory)))
    assert {one["id"] for one in verdict.failures if one["result"] == "FAIL"} == {check}
    assert not memory.exists()


def test_an_entry_that_is_not_proved_leaves_the_succession_unchecked(tmp_path: Path) -> None:
    """One forged signature must not read as if snapshots had been taken out."""
    story = sound_story()
    story.snapshots[1].statement.signatures = lambda halves: [{**one, "sig": base64_of(bytes(64))} for one in halves]
    verdict = verdict_on(forge(tmp_path, story), level=0)
    results = {one["id"]: one["result"] for one in verdict.document["checks"]}
    assert (results["C05"], results["C06"]) == ("FAIL", "NOT CHECKED")


def test_a_log_of_which_nothing_is_proved_is_not_called_an_empty_one(tmp_path: Path) -> None:
    """`There is no snapshot yet` is what a new archive says."""
    story = sound_story()
    for event in story.events:
        event.statement.signatures = lambda halves: []
    verdict = verdict_on(forge(tmp_path, story), level=1, more=("--max-age", "900000"))
    details = {one["id"]: one["detail"] for one in verdict.document["checks"]}
    assert {details[id_] for id_ in ("C07", "C12", "C13", "C21")} == {"no snapshot is proved (C03, C05)"}


def test_a_checkpoint_of_entries_that_are_gone_is_still_looked_at(tmp_path: Path) -> None:
    """It can't be compared with what is lost; whether the log signed it can be said."""
    story = sound_story()
    _loss(story)
    story.checkpoint(6).lines = lambda lines: lines[:1]
    kept = story.files
    story.files = lambda files: {name: one for name, one in kept(files).items() if "entries/00000005" not in name}
    verdict = verdict_on(forge(tmp_path, story), level=0)
    assert {one["id"] for one in verdict.failures if one["result"] == "FAIL"} == {"C03", "C04"}


def test_an_entry_that_was_written_while_the_archive_was_listed_is_read(tmp_path: Path) -> None:
    """A run may end between the listing and the reading; its entry is not missing for that."""

    class Stale(DirectoryReader):
        def list(self, prefix: str) -> Iterator[tuple[str, int]]:
            return (one for one in super().list(prefix) if one[0] != ENTRY)

    archive = forge(tmp_path, sound_story())
    request = Request(archive.fingerprint, 0, datetime.now(UTC))
    assert Ceremony(Stale(archive.path), request).outcome().verdict.word == PASS


@pytest.mark.parametrize("word", ["99", "nonsense", "2030-01-01", ""])
@pytest.mark.parametrize("level", [0, 1])
def test_a_word_that_names_no_snapshot_is_a_mistake_at_every_level(tmp_path: Path, word: str, level: int) -> None:
    """A PASS would be read as one of what was asked for."""
    archive = forge(tmp_path, sound_story())
    done = verdict_on(archive, level=level, more=("--snapshot", word))
    assert done.exit_status == 2


def test_a_snapshot_that_damage_hides_is_a_finding_at_level_0(tmp_path: Path) -> None:
    """Whoever asks for it is not told that he is mistaken, but that the log is."""
    story = sound_story()
    _loss(story)
    verdict = verdict_on(forge(tmp_path, story), level=0, more=("--snapshot", "2"))
    assert {one["id"] for one in verdict.failures if one["result"] == "FAIL"} >= {"C03"}
