"""Commands that open an archive: which archive, which files, and what is said when a word names nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from archiver.founding import Founded
from tests.front.outcome import Call
from tests.recovery.tenant_days import object_record
from tests.vault.host import Host
from vault.trust import new_identity
from verify.identity import identity_text_of

ANNA = "a" * 8
ANNAS_NAME = "anna@contoso.com"


class Archive(NamedTuple):
    """An archive of two days with the words that open it; `folder` holds it and the identity file."""

    folder: Path
    path: Path
    trust: str
    identity: Path

    @property
    def opened(self) -> list[str]:
        """The options that open it."""
        return [self.trust, f"--identity={self.identity}"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Anna moves from Oslo to Bergen."""
    folder = tmp_path_factory.mktemp("archive")
    host = Host(folder)
    host.prove()
    for city in ("Oslo", "Bergen"):
        host.seal([object_record("users", ANNA, displayName="Anna", city=city, userPrincipalName=ANNAS_NAME)])
    identity = folder / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    return Archive(folder, host.archive, f"--trust=sha256:{host.chain.newest.fingerprint}", identity)


def _without_privileges(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The program by an account whose rights end at what files and folders say, as root's do not."""
    command = [sys.executable, "-m", "strongroom", *words]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv of util-linux is absent, and this is root")
        rights = "-dac_override,-dac_read_search"
        command = [setpriv, f"--bounding-set={rights}", f"--inh-caps={rights}", *command]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may read or enter."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    yield folder
    folder.chmod(0o700)


@pytest.mark.parametrize(
    ("word", "status", "name", "text"),
    [
        ("nowhere", 2, "UsageError", "nowhere is neither a directory nor a configured store"),
        ("/nowhere/at/all", 20, "UnreachableArchiveError", "/nowhere/at/all: No such file"),
        ("dir:nowhere", 20, "UnreachableArchiveError", "nowhere: No such file"),
        ("/dev/null", 20, "UnreachableArchiveError", "/dev/null: Not a directory"),
        ("x" * 5000, 20, "UnreachableArchiveError", "File name too long"),
        ("", 2, "UsageError", "an empty word names no archive"),
        ("dir:", 2, "UsageError", "an empty word names no archive"),
        ("s3://bucket", 2, "UsageError", "no stores of the kind s3"),
        (".", 31, "DigestError", "no trust root lies here"),
    ],
)
def test_a_word_that_names_no_archive_is_told_from_trust_that_is_missing(
    call: Call, archive: Archive, word: str, status: int, name: str, text: str
) -> None:
    """The fingerprint was given; to be told that it was not sends the reader the wrong way."""
    done = call("snapshots", word, archive.trust, "--json")
    assert (done.status, done.error["class"]) == (status, name)
    assert text in done.error["message"] and done.error["next_step"]


def test_nothing_to_trust_is_said_to_be_that(call: Call, archive: Archive) -> None:
    """Without settings and without --trust there is no beginning."""
    done = call("snapshots", archive.path, "--json")
    assert done.status == 2 and "whom to trust" in done.error["message"]


def test_settings_that_are_named_must_be_there(call: Call, archive: Archive) -> None:
    """A mistyped --config must not mean "without settings"."""
    done = call("snapshots", archive.path, archive.trust, "--config", "nowhere.toml", "--json")
    assert (done.status, done.error["class"]) == (10, "SettingsNotFoundError")


def test_a_folder_that_may_not_be_read_is_unreachable(archive: Archive, closed: Path) -> None:
    """The commonest reason is the wrong account; it is not a defect, and not a verdict."""
    for word in (closed, closed / "archive"):
        done = _without_privileges(["snapshots", str(word), archive.trust, "--json"], archive.folder)
        assert (done.returncode, json.loads(done.stdout)["error"]["class"]) == (20, "UnreachableArchiveError")


def test_an_id_that_neither_snapshot_has_is_no_empty_difference(call: Call, archive: Archive) -> None:
    """ "Nothing changed" would be believed of a mistyped id."""
    words = ["diff", str(archive.path), "1", "2", *archive.opened]
    done = call(*words, "--id", "nobody", "--id", ANNA, "--json")
    assert (done.status, done.error["class"]) == (2, "UnknownObjectError")
    assert done.error["message"] == "neither snapshot has an object 'nobody'"
    assert call(*words, "--id", ANNA, "--collection", "users", "--json").document["summary"]["users"]["changed"] == 1
    done = call(*words, "--id", "nobody", "--collection", "users", "--json")
    assert done.error["message"] == "neither snapshot has an object 'nobody' in users"
    same = call("diff", archive.path, "1", "1", *archive.opened, "--id", ANNA)
    assert same.status == 0 and "no difference" in same.out


def test_a_misspelt_collection_gets_a_suggestion(call: Call, archive: Archive) -> None:
    """The names are long, and nobody knows all of them."""
    done = call("diff", archive.path, "1", "2", *archive.opened, "--collection", "usres", "--json")
    assert (done.status, done.error["next_step"]) == (2, "Did you mean users?")


def test_a_user_is_shown_by_principal_name_and_said_to_be_which(call: Call, archive: Archive) -> None:
    """The id is what every other command and system wants next."""
    done = call("show", archive.path, "users", ANNAS_NAME.upper(), *archive.opened)
    asked = f"asked for as {ANNAS_NAME.upper()}, its userPrincipalName"
    assert done.out.splitlines()[0] == f"users {ANNA} ({asked}) in snapshot 2, proved"
    assert call("show", archive.path, "users", ANNAS_NAME, *archive.opened, "--json").document["id"] == ANNA
    by_id = call("show", archive.path, "users", ANNA, *archive.opened)
    assert by_id.out.splitlines()[0] == f"users {ANNA} in snapshot 2, proved"


@pytest.mark.parametrize("words", [["users", "../../x"], ["../../x", "y"], ["users", ""], ["users", "a\nb"]])
def test_an_object_that_is_not_there_is_a_mistake_of_the_caller(call: Call, archive: Archive, words: list[str]) -> None:
    """Exit 2: nothing is wrong with the archive, and no file is looked for by such a name."""
    done = call("show", archive.path, *words, *archive.opened, "--json")
    assert (done.status, done.error["class"]) == (2, "UnknownObjectError")


@pytest.mark.parametrize("command", [["diff", "1", "2", "--html"], ["diff", "1", "2", "--out"], ["verify", "--report"]])
def test_a_file_that_was_asked_for_is_announced_on_standard_error(
    call: Call, archive: Archive, tmp_path: Path, command: list[str]
) -> None:
    """Whoever asks for a report wants to know where it lies; --quiet wants nothing."""
    name, *rest = command
    words = [name, str(archive.path), *archive.opened, *rest, "report.html"]
    done = call(*words)
    assert (
        done.status == 0 and done.err.endswith(f" is in {Path.cwd() / 'report.html'}\n") and done.err.count("\n") == 1
    )
    assert (Path.cwd() / "report.html").stat().st_size > 500
    assert call(*words, "--quiet").err == ""


@pytest.mark.parametrize("option", ["--html", "--out", "--report", "--remember"])
@pytest.mark.parametrize("kind", ["folder", "FIFO", "link", "absent folder", "device"])
def test_a_file_that_can_not_be_written_is_found_before_the_work(
    call: Call, archive: Archive, tmp_path: Path, option: str, kind: str
) -> None:
    """A named error and what to do, nothing written, and nothing that hangs."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "FIFO")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    place = {"absent folder": tmp_path / "absent" / "x", "device": Path("/dev/null")}.get(kind, tmp_path / kind)
    verb = (
        ["verify", str(archive.path)] if option in ("--report", "--remember") else ["diff", str(archive.path), "1", "2"]
    )
    before = sorted(tmp_path.rglob("*"))
    done = call(*verb, *archive.opened, option, place, "--json")
    expected = (20, "UnreachableArchiveError") if option == "--remember" else (4, "TargetFolderError")
    assert (done.status, done.error["class"]) == expected
    assert str(place) in done.error["message"] and "Name a file" in done.error["next_step"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("option", ["--html", "--out", "--report", "--remember"])
def test_a_file_in_a_folder_that_may_not_be_written_is_a_named_error(
    archive: Archive, tmp_path: Path, option: str
) -> None:
    """The evidence is often mounted read-only."""
    (tmp_path / "read-only").mkdir(mode=0o500)
    for folder in ("read-only", "closed"):
        (tmp_path / folder).mkdir(mode=0, exist_ok=True)
        verb = ["verify", str(archive.path)] if option.startswith("--re") else ["diff", str(archive.path), "1", "2"]
        done = _without_privileges([*verb, *archive.opened, option, f"{folder}/x", "--json"], tmp_path)
        error = json.loads(done.stdout)["error"]
        assert done.returncode == error["code"] == (20 if option == "--remember" else 4)
        assert f"{folder}/x can't be written" in error["message"]
    (tmp_path / "closed").chmod(0o700)


def test_two_reports_need_two_files(call: Call, archive: Archive) -> None:
    """The later would replace the earlier, and both were asked for."""
    done = call("diff", archive.path, "1", "2", *archive.opened, "--html", "x", "--out", "x", "--json")
    assert (done.status, done.error["class"]) == (2, "UsageError") and not Path("x").exists()
    Path("here").symlink_to(".")
    done = call("verify", archive.path, *archive.opened, "--report", "x", "--remember", "here/x", "--json")
    assert (done.status, done.error["class"]) == (2, "UsageError") and not Path("x").exists()


def test_an_export_does_not_go_into_an_archive(call: Call, archive: Archive) -> None:
    """What is mirrored and kept for years would hold the tenant in the clear."""
    before = sorted(archive.path.rglob("*"))
    Path("link").symlink_to(archive.path)
    for target in (archive.path / "out", Path("link/bundles/out")):
        done = call("export", archive.path, *archive.opened, "--to", target, "--json")
        assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
        assert "lies in the archive" in done.error["message"]
    assert sorted(archive.path.rglob("*")) == before


def test_an_export_goes_through_a_link_to_a_folder_that_was_named(call: Call, archive: Archive, tmp_path: Path) -> None:
    """The folder above is the caller's own choice; only the new one must not be there."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert call("export", archive.path, *archive.opened, "--to", tmp_path / "link" / "out").status == 0
    assert (tmp_path / "disk" / "out" / "users.jsonl").is_file()


EXPORT_TOLD = """
import os, signal, sys
from pathlib import Path
number, moment = signal.Signals[sys.argv.pop(1)], sys.argv.pop(1)
if moment == "made":
    make = os.mkdir

    def told(path, *args, **more):
        make(path, *args, **more)
        if ".strongroom-export-" in str(path):
            os.kill(os.getpid(), number)

    os.mkdir = told
else:
    open_file = Path.open

    def told(path, *args, **more):
        file = open_file(path, *args, **more)
        if ".strongroom-export-" in str(path):
            for _ in range(2):
                os.kill(os.getpid(), number)
        return file

    Path.open = told
from strongroom.__main__ import main
sys.exit(main())
"""
"""The program, told to end when the folder of an export is made, or twice when a file is opened in it."""


def _told(
    archive: Archive, out: Path, repository: Path, number: str, moment: str, disposition: str
) -> subprocess.CompletedProcess[str]:
    """An export that is told to end; `disposition` is what the signal means to a program that has not spoken yet."""
    program = f"import signal; signal.signal(signal.{number}, signal.{disposition})\n" + EXPORT_TOLD
    words = ["export", str(archive.path), archive.trust, f"--identity={archive.identity}", "--to", str(out), "--json"]
    command = [sys.executable, "-c", program, number, moment, *words]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("moment", ["made", "written"])
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_an_export_that_is_told_to_end_leaves_nothing_in_the_clear(
    archive: Archive, tmp_path: Path, repository: Path, number: str, moment: str
) -> None:
    """A terminal that closes, or `timeout`, which sends its order twice, must not publish half a tenant."""
    done = _told(archive, tmp_path / "out", repository, number, moment, "SIG_DFL")
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted"
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]  # where it was called


def test_a_command_that_nohup_started_outlives_its_terminal(archive: Archive, tmp_path: Path, repository: Path) -> None:
    """What `nohup` ignores stays ignored."""
    done = _told(archive, tmp_path / "out", repository, "SIGHUP", "written", "SIG_IGN")
    assert done.returncode == 0 and (tmp_path / "out" / "users.jsonl").is_file()


def test_an_export_into_a_closed_folder_is_a_named_error(archive: Archive, closed: Path) -> None:
    """Also where not even looking is allowed."""
    done = _without_privileges(
        ["export", str(archive.path), *archive.opened, "--to", str(closed / "x"), "--json"], archive.folder
    )
    assert (done.returncode, json.loads(done.stdout)["error"]["class"]) == (4, "TargetFolderError")


@pytest.mark.parametrize("umask", ["000", "777"])
def test_no_umask_opens_a_file_to_others_or_closes_it_to_its_owner(
    archive: Archive, tmp_path: Path, umask: str
) -> None:
    """A memory that others can write forgets for them; a folder that its owner can't enter ends the next run."""
    memory, export, report = tmp_path / "memory", tmp_path / "export", tmp_path / "report.html"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for words in (
        ["verify", "--remember", str(memory), "--report", str(report)],
        ["export", "--to", str(export)],
    ):
        line = [sys.executable, "-m", "strongroom", words[0], str(archive.path), *archive.opened, *words[1:]]
        script = f'umask {umask}; exec "$@"'
        subprocess.run(["bash", "-c", script, "bash", *line], env=environ, check=True, capture_output=True)
    made = [memory, report, export, *export.iterdir()]
    assert [path for path in made if path.stat().st_mode & 0o022 or not path.stat().st_mode & 0o400] == []
    assert export.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("home", ["", "/nowhere", None])
def test_no_command_that_reads_an_archive_needs_a_home(archive: Archive, home: str | None) -> None:
    """Service accounts have none."""
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    if home is not None:
        environ["HOME"] = home
    for words in (["snapshots"], ["verify"], ["diff", "1", "2"], ["show", "users", ANNA]):
        line = [sys.executable, "-m", "strongroom", words[0], str(archive.path), *words[1:], *archive.opened]
        subprocess.run(line, env=environ, check=True, capture_output=True)


def test_an_identity_may_come_from_a_pipe_of_the_shell(call: Call, archive: Archive) -> None:
    """`--identity <(age -d identity.age)` keeps the identity off this machine's disks."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as file:
        file.write(archive.identity.read_bytes())
    try:
        done = call("show", archive.path, "users", ANNA, archive.trust, "--identity", f"/dev/fd/{ours}", "--json")
    finally:
        os.close(ours)
    assert done.status == 0 and done.document["record"]["city"] == "Bergen"


def test_an_identity_of_another_archive_is_said_to_be_that(call: Call, archive: Archive) -> None:
    """Exit 41 and whose it would have to be; without any, exit 40 and how to give one."""
    Path("other.txt").write_text(identity_text_of(new_identity()))
    done = call("show", archive.path, "users", ANNA, archive.trust, "--identity", "other.txt", "--json")
    assert (done.status, done.error["class"]) == (41, "WrongIdentityError")
    assert "the identity of this archive" in done.error["next_step"]
    done = call("show", archive.path, "users", ANNA, archive.trust, "--json")
    assert (done.status, done.error["class"]) == (40, "NoIdentityError") and "--identity" in done.error["next_step"]


def test_quiet_leaves_out_what_is_said_about_an_identity_beside_a_signer(
    call: Call, archive: Archive, founded: Founded
) -> None:
    """It is advice, said each time; `doctor` goes on to fail for as long as the identity lies there."""
    words = ["verify", archive.path, *archive.opened, "--config", founded.files["settings"]]
    assert "warning: an identity is used beside settings that seal" in call(*words).err
    assert call(*words, "--quiet").err == ""


def test_the_private_key_of_the_trust_root_is_told_from_an_identity(
    call: Call, archive: Archive, founded: Founded
) -> None:
    """Both lie in the folder that leaves the host; the key that should stay there is not to be taken further."""
    root_key = founded.files["root"]
    done = call("show", archive.path, "users", ANNA, archive.trust, "--identity", root_key, "--json")
    assert (done.status, done.error["class"]) == (40, "NoIdentityError")
    assert done.error["message"].endswith("is the private key of the trust root, not an identity: identity.txt is")
