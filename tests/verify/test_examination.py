"""Level 1 on one snapshot: bytes are proved before they are read, and a wrong key is told apart from wrong bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

import verify.state
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import CLASSIC, short_story, sound_story
from tests.verify.kit.verdict import verdict_on
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


def test_a_damaged_segment_list_is_what_failed_and_the_content_was_not_looked_at(tmp_path: Path) -> None:
    """Without its list no part of a file can be proved; C21 to C25 have nothing to say that C09 has not said."""
    archive = forge(tmp_path, short_story())
    _bundle_of(archive).with_suffix(".seg").unlink()
    verdict = verdict_on(archive, level=1)
    assert verdict.exit_status == 5
    results = {check["id"]: (check["result"], check["detail"]) for check in verdict.document["checks"]}
    assert [results[id_][0] for id_ in ("C08", "C09")] == ["PASS", "FAIL"]
    assert {results[id_] for id_ in ("C21", "C22", "C23", "C24", "C25")} == {
        ("NOT CHECKED", "a file that is needed is missing or damaged (C08, C09)")
    }


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


def test_spans_are_put_together_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers end as they will; the state root is over leaves in the order of keys."""
    monkeypatch.setattr(verify.state, "_SPAN_BYTES", 1)  # so that every block of a small archive is a span
    assert verdict_on(forge(tmp_path, sound_story()), level=1).exit_status == 0
