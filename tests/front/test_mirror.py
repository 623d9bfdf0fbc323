"""`mirror` at the command line: what it says, and with which exit status."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from archiver.founding import Founded
from tests.front.outcome import Call
from tests.unprivileged import run_unprivileged
from tests.vault.host import Host, user


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An archive of one snapshot."""
    host = Host(tmp_path)
    host.prove()
    host.seal([user(number) for number in range(300)])
    return host


def words_for(host: Host, target: str | os.PathLike[str], *words: str) -> list[str]:
    trust = f"sha256:{host.chain.newest.fingerprint}"
    return ["mirror", str(host.archive), "--to", os.fspath(target), "--trust", trust, "--json", *words]


def test_it_says_what_the_copy_holds(host: Host, call: Call, tmp_path: Path) -> None:
    """Scripts read this document (COMMANDS.md section 4)."""
    done = call(*words_for(host, tmp_path / "copy"))
    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert done.status == 0 and done.document == {
        "folder": str(tmp_path / "copy"),
        "files": len(files),
        "bytes": size,
        "copied": len(files),
        "snapshots": 1,
        "missing": [],
        "ahead": 0,
    }


def test_a_source_that_lacks_files_is_exit_3(host: Host, call: Call, tmp_path: Path) -> None:
    """A copy of what there is, and a word about what there is not."""
    lost = next(host.archive.rglob("*.seg"))
    lost.unlink()
    done = call(*words_for(host, tmp_path / "copy"))
    assert done.status == 3 and done.document["missing"] == [str(lost.relative_to(host.archive))]
    again = call(*(word for word in words_for(host, tmp_path / "copy") if word != "--json"))
    missing, step = again.out.splitlines()[-2:]
    assert missing == f"MISSING {lost.relative_to(host.archive)}"
    assert step.startswith("next: mirror another copy of the archive to ")


def test_a_source_with_a_damaged_file_is_exit_31(host: Host, call: Call, tmp_path: Path) -> None:
    """Everything else is copied first."""
    damaged = next(host.archive.rglob("*.seg"))
    damaged.write_bytes(b"damaged")
    done = call(*words_for(host, tmp_path / "copy"))
    assert done.status == 31 and str(damaged.relative_to(host.archive)) in done.error["message"]
    assert list((tmp_path / "copy" / "log" / "checkpoints").iterdir())


@pytest.mark.parametrize("since", ["0", "-3", "1.5", "x", "", "9" * 23, "2"])
def test_a_since_that_names_no_snapshot_is_a_usage_error(host: Host, call: Call, tmp_path: Path, since: str) -> None:
    """Nothing is made: a copy without bundles would be taken for one."""
    done = call(*words_for(host, tmp_path / "copy", f"--since={since}"))
    assert done.status == 2 and not (tmp_path / "copy").exists()


def test_an_empty_word_is_no_folder(host: Host, call: Call) -> None:
    """An unset variable of a script, `--to "$MEDIUM"`, must not fill the folder that one happens to be in."""
    done = call(*words_for(host, ""))
    assert done.status == 2 and list(Path.cwd().iterdir()) == []


def test_the_archive_itself_is_refused(host: Host, call: Call) -> None:
    """Nothing is written into it."""
    before = sorted(host.archive.rglob("*"))
    assert call(*words_for(host, host.archive / "inside")).status == 4
    assert sorted(host.archive.rglob("*")) == before


def test_a_copy_that_is_behind_its_target_is_said(host: Host, call: Call, tmp_path: Path) -> None:
    """Also with --quiet: the source may have been rolled back."""
    call(*words_for(host, tmp_path / "old"))
    host.seal([user(1)])
    call(*words_for(host, tmp_path / "new"))
    words = words_for(host, tmp_path / "new", "--quiet")
    words[1] = str(tmp_path / "old")
    done = call(*words)
    assert (done.status, done.document["ahead"]) == (0, 1) and "1 entry" in done.err


def limited(words: list[str], repository: Path, bytes_a_file: int | None = None) -> int:
    """The exit status of the program in a process without a superuser's rights."""
    return run_unprivileged([sys.executable, "-m", "strongroom", *words], repository, bytes_a_file).returncode


def test_a_target_that_can_not_be_written_is_exit_20(host: Host, tmp_path: Path, repository: Path) -> None:
    """A medium that is write-protected."""
    (tmp_path / "medium").mkdir(mode=0o555)
    assert limited(words_for(host, tmp_path / "medium" / "copy"), repository) == 20
    assert list((tmp_path / "medium").iterdir()) == []


def test_a_target_that_is_full_is_exit_23_and_holds_no_half_of_a_file(
    host: Host, tmp_path: Path, repository: Path
) -> None:
    """The trust root fits, the bundle does not; with room it goes on from there."""
    bundle = max(path.stat().st_size for path in host.archive.rglob("*.age"))
    root = (host.archive / "root" / "1.root.json").stat().st_size
    assert root < bundle
    assert limited(words_for(host, tmp_path / "copy"), repository, bundle - 1) == 23
    held = {path.relative_to(tmp_path / "copy") for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert all((tmp_path / "copy" / name).read_bytes() == (host.archive / name).read_bytes() for name in held)
    assert not [name for name in held if "checkpoints" in name.parts]
    assert limited(words_for(host, tmp_path / "copy"), repository) == 0


@pytest.mark.parametrize("content", [b"# created\nAGE-SECRET-KEY-PQ-1X\n", b'{\n "type": "root-key"}\n'])
def test_a_folder_of_private_keys_is_no_place_for_a_copy(
    host: Host, call: Call, tmp_path: Path, content: bytes
) -> None:
    """Also where no identity is given: whoever is handed the medium would have the archive and what opens it."""
    offline = tmp_path / "offline"
    offline.mkdir()
    (offline / "key").write_bytes(content)
    done = call(*words_for(host, offline))
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert "holds a private key, key" in done.error["message"]
    assert [path.name for path in offline.iterdir()] == ["key"]


def test_the_text_says_where_the_copy_is_and_that_it_was_proved(host: Host, call: Call, tmp_path: Path) -> None:
    """What `cp` would have said is nothing; the proof on the way is why one mirrors."""
    words = [word for word in words_for(host, tmp_path / "copy") if word != "--json"]
    assert f"the copy is in {tmp_path / 'copy'}; each file was proved against the signed log" in call(*words).out


@pytest.mark.parametrize("link", ["bundles", "log", "root", "log/entries", "bundles/sha256"])
def test_a_target_whose_folders_lead_elsewhere_is_refused(host: Host, call: Call, tmp_path: Path, link: str) -> None:
    """What is copied would land in another archive, or among the state; nothing is written before that is known."""
    elsewhere, place = tmp_path / "elsewhere-else", tmp_path / "copy" / link
    elsewhere.mkdir()
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere)
    before = sorted((tmp_path / "copy").rglob("*"))
    done = call(*words_for(host, tmp_path / "copy"))
    assert (done.status, done.error["class"]) == (4, "RefusedError")
    assert f"{place} is a symbolic link" in done.error["message"]
    assert sorted((tmp_path / "copy").rglob("*")) == before and list(elsewhere.iterdir()) == []


def test_a_target_that_is_a_link_itself_is_a_folder_like_any_other(host: Host, call: Call, tmp_path: Path) -> None:
    """A medium under a name of one's own."""
    (tmp_path / "medium").mkdir()
    (tmp_path / "copy").symlink_to(tmp_path / "medium")
    assert call(*words_for(host, tmp_path / "copy")).status == 0
    assert call(*words_for(host, tmp_path / "copy")).status == 0
    assert (tmp_path / "medium" / "root" / "1.root.json").is_file()


def test_a_name_that_no_file_system_takes_is_a_named_error(host: Host, call: Call, tmp_path: Path) -> None:
    """And no defect of the program."""
    done = call(*words_for(host, tmp_path / ("x" * 300)))
    assert done.status in (4, 20) and "File name too long" in done.error["message"]
    assert "defect" not in done.error["next_step"] and "outbox" not in done.error["next_step"]


def test_a_target_below_a_folder_that_one_may_not_enter_is_a_named_error(
    host: Host, tmp_path: Path, repository: Path
) -> None:
    """A folder of another account, on a medium that several use."""
    (tmp_path / "medium").mkdir(mode=0o600)
    words = words_for(host, tmp_path / "medium" / "copy")
    done = run_unprivileged([sys.executable, "-m", "strongroom", *words], repository)
    error = json.loads(done.stdout)["error"]
    assert done.returncode in (4, 20) and "Permission denied" in error["message"]
    assert "defect" not in error["next_step"] and "outbox" not in error["next_step"]


def test_a_store_that_is_filled_in_part_is_told_what_it_lacks(call: Call, archiving: Founded, tmp_path: Path) -> None:
    """A store that came back empty is no archive with the last snapshots alone, and nobody compares them by hand."""
    settings = Path(str(archiving.files["settings"]))
    for _ in range(2):
        assert call("run", "--full", "--config", settings).status == 0
    second = tmp_path / "second"
    with settings.open("a") as file:
        file.write(f'\n[[stores]]\nname = "second"\nurl = "dir:{second}"\nretention_days = 9\nmode = "none"\n')
    words = ["mirror", "vault", "--quiet", "--config", settings, "--to"]
    elsewhere = call(*words, tmp_path / "copy", "--since", "2")
    assert elsewhere.status == 0 and elsewhere.err == ""
    part = call(*words, second, "--since", "2")
    assert part.status == 0 and "lacks the bundles of 1 snapshot before 2" in part.err
    assert call(*words, second).err == ""
    assert call(*words, second, "--since", "2").err == ""


@pytest.mark.parametrize("place", ["deep/er/key", "bundles/sha256/key", "log/key"])
def test_a_private_key_deep_in_the_target_is_found(host: Host, call: Call, tmp_path: Path, place: str) -> None:
    """`doctor` fails for a store that holds one wherever it lies; a medium is handed around the same way."""
    target = tmp_path / "copy"
    (target / place).parent.mkdir(parents=True)
    (target / place).write_bytes(b"AGE-SECRET-KEY-PQ-1X\n")
    before = sorted(target.rglob("*"))
    done = call(*words_for(host, target))
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert f"holds a private key, {place}" in done.error["message"] and sorted(target.rglob("*")) == before


def test_a_target_that_holds_the_state_of_a_host_is_refused(host: Host, call: Call, tmp_path: Path) -> None:
    """The copy would be mixed with what a run writes, and taken along with it."""
    target = tmp_path / "copy"
    assert call("init", tmp_path / "another" / "host").status == 0
    shutil.copytree(tmp_path / "another" / "host" / "state", target / "state")
    before = sorted(target.rglob("*"))
    done = call(*words_for(host, target))
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert "the state of an archive's host" in done.error["message"] and sorted(target.rglob("*")) == before


@pytest.mark.parametrize("place", ["target", "target/log", "target/below"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [("file", "a regular file"), ("pipe", "a named pipe"), ("link", "a symbolic link"), ("loop", "a symbolic link")],
)
def test_a_target_that_can_be_no_folder_is_refused_in_true_words(
    host: Host, call: Call, tmp_path: Path, kind: str, place: str, words: str
) -> None:
    """ "File exists" says nothing of what lies there, and no right to write would help."""
    obstacle = tmp_path / ("target" if place.endswith("below") else place)
    obstacle.parent.mkdir(exist_ok=True)
    make = {"file": obstacle.touch, "pipe": lambda: os.mkfifo(obstacle)}
    links = {"link": tmp_path / "nowhere", "loop": obstacle}
    obstacle.symlink_to(links[kind]) if kind in links else make[kind]()
    done = call(*words_for(host, tmp_path / place.removesuffix("/log")))
    assert (done.status, done.error["class"]) == (4, "RefusedError")
    assert f"{obstacle} is {words}" in done.error["message"] and not (tmp_path / "nowhere").exists()
