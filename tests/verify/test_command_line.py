"""`python -m verify` as an auditor meets it: exit codes, one JSON document, no traceback, no file written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story
from verify.__main__ import main


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """A sound archive."""
    return forge(tmp_path_factory.mktemp("command"), sound_story())


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(words)
    output = capsys.readouterr()
    return status, output.out, output.err


def _words(archive: ForgedArchive) -> list[str]:
    return [str(archive.path), "--trust", f"sha256:{archive.fingerprint}"]


def test_a_sound_archive_passes_at_both_levels(archive: ForgedArchive, capsys: pytest.CaptureFixture[str]) -> None:
    """Level 1 is the default with an identity, level 0 without."""
    for more, level in (([], 0), (["--identity", str(archive.identity_path)], 1)):
        status, out, err = _run(capsys, *_words(archive), *more, "--json")
        document = json.loads(out)
        assert (status, document["verdict"], document["level"], err) == (0, "PASS", level, "")
        assert [line["sequence"] for line in document["snapshots"]] == [4, 3, 2, 1]


def test_trust_may_be_a_file_of_either_kind(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The trust root file itself, or the note on which its fingerprint was written down."""
    note = tmp_path / "fingerprint.txt"
    note.write_text(f"sha256:{archive.fingerprint}\n")
    for trust in (archive.trust_root_path, note):
        assert _run(capsys, str(archive.path), "--trust", str(trust), "--quiet")[0] == 0


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("# created: today\nAGE-SECRET-KEY-PQ-1XYZ\n", "an identity"),
        ('{"seed": "00", "type": "root-key"}', "the private key of the trust root"),
        ('{"type":"signer"}', "the private keys of an archive host's signer"),
        ("-----BEGIN EC PRIVATE KEY-----\n", "a private key"),
    ],
)
def test_a_private_key_is_no_trust_root(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, what: str
) -> None:
    """Hashed, it would be a fingerprint that nothing has, and a verdict that calls a sound archive another one."""
    key = tmp_path / "key"
    key.write_text(content)
    status, out, err = _run(capsys, str(archive.path), "--trust", str(key))
    assert (status, out) == (2, "")
    assert f"{key} is {what}" in err and "not a trust root" in err and "--trust fingerprint.txt" in err
    assert content not in err


@pytest.mark.parametrize("content", ['{"type":"signer"}', '{"type" : "root-key"}', "-----BEGIN PRIVATE KEY-----"])
def test_another_private_key_is_no_identity(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    """Whoever mixes them up learns which file he holds."""
    key = tmp_path / "key"
    key.write_text(content)
    status, _, err = _run(capsys, *_words(archive), "--identity", str(key))
    assert status == 40 and "not an identity: identity.txt is" in err and content not in err


def test_quiet_prints_one_line(archive: ForgedArchive, capsys: pytest.CaptureFixture[str]) -> None:
    """For cron mails."""
    _, out, _ = _run(capsys, *_words(archive), "--quiet")
    assert out.startswith("PASS") and out.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "status", "class_", "text"),
    [
        (["s3://bucket/prefix", "--trust", "sha256:" + "0" * 64], 2, "UsageError", "strongroom mirror"),
        (["dir:/srv/archive", "--trust", "sha256:" + "0" * 64], 2, "UsageError", "strongroom mirror"),
        (["{archive}", "--trust", "sha256:00"], 2, "UsageError", "64 hex digits"),
        (["{archive}", "--trust=--"], 2, "UsageError", "argument --trust: `--` is no value"),
        (["{trust}", "--", "{archive}", "--"], 2, "UsageError", "`--` ends the options"),
        (["{archive}", "--trust", "/nowhere/root.json"], 2, "UsageError", "can't be read"),
        (["{archive}"], 2, "UsageError", "--trust"),
        (["{archive}", "{trust}", "--report", "x.html"], 2, "UsageError", "strongroom verify"),
        (["{archive}", "{trust}", "--level", "2"], 2, "UsageError", "(choose from 0, 1)"),
        (["{archive}", "{trust}", "--level", "7"], 2, "UsageError", "--level"),
        (["", "{trust}"], 2, "UsageError", "an empty word"),
        (["{archive}", "--trust", ""], 2, "UsageError", "not a regular file"),
        (["{archive}", "{trust}", "--max-age", "-1"], 2, "UsageError", "hours"),
        (["{archive}", "{trust}", "--require", "C99"], 2, "UsageError", "no such check"),
        (["{archive}", "{trust}", "--level", "1"], 40, "NoIdentityError", "--identity"),
        (["{archive}", "{trust}", "--identity", "/nowhere/id.txt"], 40, "NoIdentityError", "can't be read"),
        (["{archive}", "{trust}", "--identity", "{identity}", "--snapshot", "99"], 2, "UsageError", "snapshot"),
        (["/nowhere", "{trust}"], 20, "UnreachableArchiveError", "/nowhere"),
        (["{identity}", "{trust}"], 20, "UnreachableArchiveError", "Not a directory"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_exit_status_and_a_next_step(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], words: list[str], status: int, class_: str, text: str
) -> None:
    """With --json the error is the one document on standard output; without, it is on standard error."""
    places = {
        "{archive}": str(archive.path),
        "{trust}": f"--trust=sha256:{archive.fingerprint}",
        "{identity}": str(archive.identity_path),
    }
    filled = [places.get(word, word) for word in words]
    code, out, err = _run(capsys, *filled, "--json")
    error = json.loads(out)["error"]
    assert (code, error["class"], error["code"], err) == (status, class_, status, "")
    assert text in error["message"] + error["next_step"]
    code, out, err = _run(capsys, *filled)
    assert (code, out) == (status, "") and text in err


def test_a_required_check_that_can_t_be_made_is_incomplete(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never green by absence: neither a policy check nor one of a higher level."""
    for check in ("C14", "records"):
        status, out, _ = _run(capsys, *_words(archive), "--require", check, "--json")
        assert (status, json.loads(out)["verdict"]) == (3, "INCOMPLETE")


def test_an_old_archive_fails_when_freshness_is_asked_for(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str]
) -> None:
    """A store that stopped growing is found."""
    status, out, _ = _run(capsys, *_words(archive), "--max-age", "24", "--json")
    failed = [check for check in json.loads(out)["checks"] if check["result"] == "FAIL"]
    assert (status, [(one["id"], one["error"], one["subject"]) for one in failed]) == (
        5, [("C13", "StaleError", "log/entries/00000006.dsse.json")]
    )  # fmt: skip
    assert json.loads(out)["fault"] == "not fresh"
    _, line, _ = _run(capsys, *_words(archive), "--max-age", "24", "--quiet")
    assert line.startswith("FAIL  level 0: not fresh, and nothing else failed: the newest snapshot is ")


def test_nothing_is_written_but_what_is_to_be_remembered(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A verifier runs on media that are evidence."""
    before = {path: path.stat().st_mtime_ns for path in archive.path.parent.rglob("*")}
    memory = tmp_path / "memory" / "log.json"
    memory.parent.mkdir()
    for _ in range(2):
        more = ["--identity", str(archive.identity_path), "--snapshot", "all", "--remember", str(memory)]
        assert _run(capsys, *_words(archive), *more)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in archive.path.parent.rglob("*")} == before
    assert list(memory.parent.iterdir()) == [memory]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"type":"remembered","version":1}', b"\xff"])
def test_a_damaged_memory_is_not_taken_for_an_empty_one(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    """Whoever can truncate the file could otherwise make the verifier forget."""
    memory = tmp_path / "log.json"
    memory.write_bytes(content)
    assert _run(capsys, *_words(archive), "--remember", str(memory))[0] == 35
    assert memory.read_bytes() == content


def test_a_store_that_is_behind_is_said_to_be_and_stays_remembered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A replica that lags is no rollback; what was seen of the other one is not forgotten over it."""
    archive = forge(tmp_path, sound_story())
    memory = tmp_path / "log.json"
    words = [*_words(archive), "--remember", str(memory), "--json"]
    assert _run(capsys, *words)[0] == 0
    kept = memory.read_bytes()
    (archive.path / "log/entries/00000006.dsse.json").unlink()
    (archive.path / "log/checkpoints/00000007").unlink()
    status, out, _ = _run(capsys, *words)
    behind = next(check for check in json.loads(out)["checks"] if check["id"] == "C17")
    assert (status, behind["result"]) == (0, "NOT CHECKED")
    assert "BEHIND what was remembered by 1 entry" in behind["detail"]
    assert json.loads(out)["behind"] == 1
    _, line, _ = _run(capsys, *words[:-1], "--quiet")
    assert line.startswith("PASS  level 0: BEHIND what was remembered by 1 entry; ")
    assert "no manifest names, of the entries that are not here" in _run(capsys, *words[:-1])[1]
    assert memory.read_bytes() == kept
    assert _run(capsys, *words, "--max-age", "24")[0] == 5


def test_a_name_from_the_archive_can_t_command_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """File names on a medium are chosen by whoever wrote it."""
    archive = forge(tmp_path, sound_story())
    (archive.path / "\x1b[2Jevil").write_bytes(b"")
    _, out, _ = _run(capsys, *_words(archive))
    assert "evil" in out and "\x1b" not in out


def test_only_levels_that_exist_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    """A level in --help that is refused when it is asked for is a promise that is broken."""
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--level {0,1}" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["empty", "forged/log"])
def test_a_folder_that_is_no_archive_fails_and_says_which_folder_to_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: str
) -> None:
    """FAIL, since whoever emptied an archive must not get away with less; and most often it is the wrong folder."""
    archive = forge(tmp_path / "forged", sound_story())
    (tmp_path / "empty").mkdir()
    place = archive.path / "log" if folder == "forged/log" else tmp_path / folder
    status, out, _ = _run(capsys, str(place), f"--trust=sha256:{archive.fingerprint}")
    assert status == 5 and "no trust root lies here" in out and "which holds root/, log/ and bundles/" in out
    assert out.startswith("FAIL  level 0: no archive lies here: ")


def test_the_memory_takes_no_place_that_is_taken(
    archive: ForgedArchive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An archive with a file too many, and an identity that is gone, are worse than no memory."""
    files = {path: path.read_bytes() for path in archive.path.rglob("*") if path.is_file()}
    (tmp_path / "link").symlink_to(archive.path)
    places = (archive.path / "log" / "memory", tmp_path / "link" / "root" / "1.root.json", archive.identity_path)
    for place in places:
        words = [*_words(archive), "--identity", str(archive.identity_path), "--remember", str(place), "--json"]
        status, out, _ = _run(capsys, *words)
        assert (status, json.loads(out)["error"]["class"]) == (4, "OccupiedPlaceError")
    words = [str(archive.path), "--trust", str(archive.trust_root_path), "--remember", str(archive.trust_root_path)]
    assert _run(capsys, *words)[0] == 4
    assert {path: path.read_bytes() for path in archive.path.rglob("*") if path.is_file()} == files
