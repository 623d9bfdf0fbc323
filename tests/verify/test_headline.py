"""The one line that cron mails carry: the word, how far it reaches, and what a FAIL comes to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story
from verify.__main__ import main
from verify.wording import ranged


@pytest.fixture
def archive(tmp_path: Path) -> ForgedArchive:
    """Four snapshots."""
    return forge(tmp_path / "forged", sound_story())


def _line(capsys: pytest.CaptureFixture[str], archive: ForgedArchive, *more: str, trust: str | None = None) -> str:
    main([str(archive.path), "--trust", trust or f"sha256:{archive.fingerprint}", *more, "--quiet"])
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return out.rstrip("\n")


def test_a_verdict_on_one_snapshot_says_that_it_is_on_one(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """`PASS level 1` alone reads as if the archive had been read through."""
    identity = ("--identity", str(archive.identity_path))
    proved = "everything that this level and the policy ask for was proved"
    assert _line(capsys, archive, *identity) == (
        f"PASS  level 1, snapshot 4: {proved}; "
        "the bytes of 2 other snapshots were not read (--snapshot all, or level 0, reads them)"
    )
    assert _line(capsys, archive, *identity, "--snapshot", "all") == f"PASS  level 1, snapshots 1 to 4: {proved}"
    assert _line(capsys, archive) == f"PASS  level 0: {proved}"


def test_a_fingerprint_of_another_trust_root_is_not_called_an_alteration(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most often it is mistyped."""
    line = _line(capsys, archive, trust="sha256:" + "0" * 64)
    assert line.startswith("FAIL  level 0: not the trust root that was named: a mistyped fingerprint, ")


def test_trust_roots_that_are_gone_from_an_archive_are_an_alteration(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log without its trust roots is no wrong folder."""
    for root in (archive.path / "root").iterdir():
        root.unlink()
    assert _line(capsys, archive) == (
        "FAIL  level 0: what is here is not what was signed for: altered, missing or unreadable (C01)"
    )


def test_a_forged_trust_root_is_an_alteration(archive: ForgedArchive, capsys: pytest.CaptureFixture[str]) -> None:
    """One flipped letter of a signed statement is no mistyped fingerprint."""
    root = archive.path / "root/2.root.json"
    root.write_bytes(root.read_bytes().replace(b"ml-dsa-65", b"ml-dsa-66", 1))
    assert _line(capsys, archive).endswith("altered, missing or unreadable (C01)")


def test_a_canary_beside_a_host_s_keys_makes_no_archive(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder of an archive host has `keys/` too, and is the wrong folder that people name."""
    for name in ("root", "log", "bundles"):
        (archive.path / name).rename(archive.path.parent / name)
    assert "no archive lies here: another folder than was meant" in _line(capsys, archive)


def test_a_remembered_log_of_another_archive_is_not_called_an_alteration(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Somebody named the file that he keeps for another archive; an altered byte beside it is worse than that."""
    other = sound_story()
    other.label = "another crew"
    memory = ("--remember", str(tmp_path / "memory.json"))
    assert _line(capsys, forge(tmp_path / "other", other), *memory).startswith("PASS")
    assert "not the archive that was remembered; nothing else" in _line(capsys, archive, *memory)
    bundle = next(archive.path.glob("bundles/sha256/*/*.age"))
    bundle.write_bytes(bytes(bundle.stat().st_size))
    assert _line(capsys, archive, *memory).endswith("altered, missing or unreadable (C04, C08, C09)")


def test_an_old_archive_with_a_damaged_bundle_is_not_only_old(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worse of two faults is the one to be told."""
    next(archive.path.glob("bundles/sha256/*/*.age")).unlink()
    assert _line(capsys, archive, "--max-age", "1").endswith("altered, missing or unreadable (C08, C13)")


def test_a_copy_that_is_behind_and_fresh_enough_says_both(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """PASS by contract; who reads one line has to see that newer entries exist."""
    memory = ("--remember", str(tmp_path / "memory.json"), "--max-age", "900000")
    _line(capsys, archive, *memory)
    (archive.path / "log/entries/00000006.dsse.json").unlink()
    (archive.path / "log/checkpoints/00000007").unlink()
    assert _line(capsys, archive, *memory).startswith(
        "PASS  level 0: BEHIND what was remembered by 1 entry; everything"
    )
    main([str(archive.path), "--trust", f"sha256:{archive.fingerprint}", *memory, "--json"])
    behind = next(one for one in json.loads(capsys.readouterr().out)["checks"] if one["id"] == "C17")
    assert (behind["result"], behind["detail"]) == (
        "PASS", "BEHIND what was remembered by 1 entry: an older copy, and fresh enough for what was asked"
    )  # fmt: skip


def test_the_text_has_one_word_for_what_was_not_checked(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """The word of the JSON document and of SECURITY.md, whether or not somebody asked."""
    main([str(archive.path), "--trust", f"sha256:{archive.fingerprint}"])
    out = capsys.readouterr().out
    assert set(re.findall(r"^  (C\d\d)  NOT CHECKED ", out, re.MULTILINE)) == {
        "C13", "C14", "C15", "C16", "C17", "C18"
    }  # fmt: skip
    assert "--remember FILE" in out and "--max-age HOURS" in out


def test_a_long_row_of_numbers_is_cut_with_a_mark() -> None:
    """A sentence about 3,650 snapshots stays a sentence, and says that it was cut."""
    assert ranged([1, 2, 3, 7, 9, 10]) == "1 to 3, 7, 9 to 10"
    assert ranged([1, 3, 5, 7], 2) == "1, 3, …"
    assert ranged([]) == ""
