"""Which pair may sign which entry, when trust roots replace each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.kit.archive import forge
from tests.verify.kit.crew import CLASSIC, IMPOSTOR, SEALER, sound_story
from tests.verify.kit.edit import Json, member
from tests.verify.kit.verdict import verdict_on


@pytest.mark.parametrize(
    ("revocations", "failing"),
    [
        ([], range(7)),
        ([{"key": SEALER.id, "from_index": 7, "reason": "replaced"}], range(0)),
        ([{"key": SEALER.id, "from_index": 5, "reason": "stolen"}], range(5, 7)),
        ([{"key": SEALER.id, "from_index": 0, "reason": "stolen before the first day"}], range(7)),
    ],
)
def test_a_pair_that_is_dropped_is_believed_up_to_its_revocation(
    tmp_path: Path, revocations: list[Json], failing: range
) -> None:
    """A key that is replaced must not invalidate ten years, and a stolen one must not sign the eleventh."""
    story = sound_story()
    story.roots[1].sealer_keys = [IMPOSTOR]
    story.roots[1].revocations = revocations
    verdict = verdict_on(forge(tmp_path, story), level=0)
    failed = [check["subject"] for check in verdict.failures if check["id"] == "C05"]
    assert failed == [f"log/entries/{index:08d}.dsse.json" for index in failing]


@pytest.mark.parametrize("number", [1, 2])
def test_trust_may_start_at_any_root_of_the_chain(tmp_path: Path, number: int) -> None:
    """Later roots are followed from it, earlier ones are named by the hashes in it."""
    archive = forge(tmp_path, sound_story())
    root = tmp_path / "archive" / "root" / f"{number}.root.json"
    assert verdict_on(archive, level=0, more=("--trust", str(root))).exit_status == 0


@pytest.mark.parametrize("path", ["recipients.0.recipient", "assure_recipients"])
def test_a_root_with_a_mistyped_recipient_is_named(tmp_path: Path, path: str) -> None:
    """The message about the string alone would not say in which of the files it stands."""
    story = sound_story()
    wrong = CLASSIC.recipient[:-1] + ("q" if CLASSIC.recipient[-1] != "q" else "p")
    story.roots[1].statement.payload = member(path, [wrong] if path == "assure_recipients" else wrong)
    verdict = verdict_on(forge(tmp_path, story), level=0)
    assert [(one["id"], one["subject"]) for one in verdict.failures[:1]] == [("C01", "root/2.root.json")]
