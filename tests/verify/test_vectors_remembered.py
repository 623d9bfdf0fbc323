"""A verifier that remembers what it saw tells a log that was taken back or forked from one that has grown."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.kit.archive import ForgedArchive, forge, forge_files, write_files
from tests.verify.kit.crew import sound_story, tenant_records, user
from tests.verify.kit.story import FailedRun, Story
from tests.verify.kit.verdict import Verdict, verdict_on

Visit = Callable[..., Verdict]


@pytest.fixture
def archive(tmp_path: Path) -> ForgedArchive:
    """Seven entries, seen once."""
    return forge(tmp_path, sound_story())


@pytest.fixture
def visit(archive: ForgedArchive, tmp_path: Path) -> Visit:
    """Verifies the archive at level 0 and remembers it; the first visit has been made."""

    def visit(*more: str) -> Verdict:
        return verdict_on(archive, level=0, more=("--remember", str(tmp_path / "remembered.json"), *more))

    assert visit().exit_status == 0
    return visit


def _log_of(story: Story) -> dict[str, bytes]:
    return {name: content for name, content in forge_files(story).files.items() if name.startswith("log/")}


def _replace_log(archive: ForgedArchive, files: dict[str, bytes]) -> None:
    for path in archive.path.glob("log/*/*"):
        path.unlink()
    write_files(archive.path, files)


def test_an_unchanged_archive_passes_again(visit: Visit) -> None:
    """Nothing happened between two visits."""
    assert visit().exit_status == 0


def test_an_archive_that_has_grown_passes(archive: ForgedArchive, visit: Visit) -> None:
    """The remembered log is a prefix of the one that is there now, entry by entry the same bytes."""
    kept = {path.relative_to(archive.path).as_posix(): path.read_bytes() for path in archive.path.glob("log/*/*")}
    longer = sound_story()
    longer.events.append(FailedRun(day=6))
    longer.entries = lambda entries: [
        *(kept[f"log/entries/{place:08d}.dsse.json"] for place in range(7)),
        entries[7],
    ]
    longer.files = lambda files: {**files, **kept}
    _replace_log(archive, _log_of(longer))
    assert visit().exit_status == 0


def test_a_forked_log_is_a_fail(archive: ForgedArchive, visit: Visit) -> None:
    """Another history of the same length, signed by the same keys, is sound in itself; memory tells."""
    fork = sound_story()
    fork.snapshots[3].live = sorted([*tenant_records(), user(88)])
    _replace_log(archive, _log_of(fork))
    verdict = visit()
    assert verdict.exit_status == 5
    assert (verdict.failures[0]["id"], verdict.failures[0]["error"]) == ("C04", "LogError")


def test_a_log_that_was_taken_back_is_no_pass_once_freshness_is_asked_for(archive: ForgedArchive, visit: Visit) -> None:
    """A store that is behind may be a slow replica; past the greatest age it is a rollback like any other."""
    for place in (5, 6):
        (archive.path / f"log/entries/{place:08d}.dsse.json").unlink()
        (archive.path / f"log/checkpoints/{place + 1:08d}").unlink()
    behind = next(check for check in visit().document["checks"] if check["id"] == "C17")
    assert behind["result"] == "NOT CHECKED"
    late = visit("--max-age", "24")
    assert late.exit_status == 5
    assert [check["id"] for check in late.failures] == ["C13", "C17"]


def test_another_archive_under_a_remembered_name_is_a_fail(visit: Visit, tmp_path: Path) -> None:
    """A whole archive of another tenant does not pass for the one that was seen."""
    other = sound_story()
    other.label = "another crew"
    theirs = forge(tmp_path / "theirs", other)
    verdict = verdict_on(theirs, level=0, more=("--remember", str(tmp_path / "remembered.json")))
    assert verdict.exit_status == 5
    assert verdict.failures[0]["error"] == "WrongArchiveError"


@pytest.mark.parametrize("damage", ["leaves", "size"])
def test_a_memory_that_does_not_add_up_is_refused(damage: str, visit: Visit, tmp_path: Path) -> None:
    """Leaf hashes that do not give the root beside them were damaged; a fork must not be read out of that."""
    memory = tmp_path / "remembered.json"
    document = json.loads(memory.read_bytes())
    leaves = bytearray(base64.b64decode(document["leaves"]))
    leaves[0] ^= 1
    damaged = {"leaves": base64.b64encode(leaves).decode(), "size": document["size"] - 1}
    memory.write_text(json.dumps({**document, damage: damaged[damage]}))
    kept = memory.read_bytes()
    assert visit().exit_status == 35
    assert memory.read_bytes() == kept
