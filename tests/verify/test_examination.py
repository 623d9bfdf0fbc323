"""Level 1 on one snapshot: bytes are proved before they are read, and a wrong key is told apart from wrong bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

import verify.state
from tests.vectors.catalogue import VECTORS
from tests.vectors.vector import Fault
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import CLASSIC, short_story, sound_story
from tests.verify.kit.edit import member
from tests.verify.kit.story import Story
from tests.verify.kit.verdict import Verdict, verdict_on
from verify.archive import Archive
from verify.examination import examination_of
from verify.identity_file import identities_in
from verify.store import DirectoryReader


def _bundle_of(archive: ForgedArchive) -> Path:
    (bundle,) = archive.path.glob("bundles/sha256/*/*.age")
    return bundle


def test_no_byte_of_a_bundle_is_parsed_before_it_was_proved(tmp_path: Path) -> None:
    """Parsers are where hostile bytes do harm; a file that is not the one that was signed for must not reach one."""
    forged = forge(tmp_path, short_story())
    bundle = _bundle_of(forged)
    bundle.write_bytes(bytes(bundle.stat().st_size))
    reader = DirectoryReader(forged.path)
    manifest = Archive.open(reader, forged.fingerprint).manifest(1)
    found = examination_of(reader, manifest, manifest, identities_in(str(forged.identity_path)), None)
    (finding,) = found.findings
    assert type(finding.error).__name__ == "DigestError"
    assert "segment 0" in finding.error.message and bundle.name in finding.error.message


CONTENT = ("C21", "C22", "C23", "C24", "C25")
"""The checks of level 1."""


def _of_content(verdict: Verdict) -> set[tuple[str, str]]:
    """Result and detail of the checks of level 1, each once."""
    return {(one["result"], one["detail"]) for one in verdict.document["checks"] if one["id"] in CONTENT}


def _without_list(story: Story) -> None:
    """The segment list is missing."""
    story.files = lambda files: {name: content for name, content in files.items() if not name.endswith(".seg")}


def _of_another_sha512(story: Story) -> None:
    """The manifest gives another SHA-512 than the bundle has."""
    story.snapshots[0].manifest = lambda payload, past: member("bundles.0.sha512", "00" * 64)(payload)


@pytest.mark.parametrize(("fault", "check"), [(_without_list, "C09"), (_of_another_sha512, "C08")])
def test_the_content_of_damaged_files_is_not_spoken_of(fault: Fault, check: str, tmp_path: Path) -> None:
    """C21 to C25 say nothing of bytes that nobody signed for; and without its list, no part of a file is proved."""
    story = short_story()
    fault(story)
    verdict = verdict_on(forge(tmp_path, story), level=1)
    assert {one["id"] for one in verdict.failures if one["result"] == "FAIL"} == {check}
    assert _of_content(verdict) == {("NOT CHECKED", "a file that is needed is missing or damaged (C08, C09)")}


def test_a_snapshot_that_has_expired_is_not_called_damaged(tmp_path: Path) -> None:
    """Retention has passed and the files are gone, as they should be; whoever asks for them learns that."""
    (vector,) = (one for one in VECTORS if one.id == "snapshot-asked-for-that-has-expired")
    verdict = verdict_on(forge(tmp_path, vector.story()), level=1, more=vector.arguments)
    assert verdict.exit_status == 3
    assert _of_content(verdict) == {("NOT CHECKED", "what was asked for has expired")}


def test_what_a_key_of_one_period_does_not_open_is_named(tmp_path: Path) -> None:
    """With a key for each quarter, an auditor has to know which one he lacks."""
    archive = forge(tmp_path, sound_story())
    identity = archive.identity_paths[CLASSIC.fingerprint]
    verdict = verdict_on(archive, level=1, more=("--identity", str(identity)))
    header = next(check for check in verdict.document["checks"] if check["id"] == "C21")
    assert verdict.exit_status == 3
    assert header["detail"].startswith("snapshots 3, 4, out of 4 asked for: sealed to recipient ")
    assert CLASSIC.fingerprint[:16] in header["detail"]
    assert header["next_step"]
    assert {result for result, _ in _of_content(verdict)} == {"NOT CHECKED"}


def test_spans_are_put_together_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers end as they will; the state root is over leaves in the order of keys."""
    monkeypatch.setattr(verify.state, "_SPAN_BYTES", 1)  # so that every block of a small archive is a span
    assert verdict_on(forge(tmp_path, sound_story()), level=1).exit_status == 0
