"""Whatever the caller made of the standard streams, there is an honest exit status and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story

HELP = "strongroom --help"
MISTAKE = "strongroom status --json --config nowhere.toml"
VERIFY = "verify {archive} --trust sha256:{fingerprint}"
VERIFY_JSON = f"{VERIFY} --json"
VERIFY_NOWHERE = "verify nowhere --trust sha256:{fingerprint} --json"
STATUS_OF = {HELP: 0, MISTAKE: 10, VERIFY: 0, VERIFY_JSON: 0, VERIFY_NOWHERE: 20}
BROKEN_PIPE = 141


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> ForgedArchive:
    """A sound archive."""
    return forge(tmp_path_factory.mktemp("streams"), sound_story())


def _shell(archive: ForgedArchive, words: str, around: str, **environ: str) -> tuple[int, str, str]:
    """Runs `around` in bash, with the program in place of PROGRAM; status, output and errors."""
    program = f"{sys.executable} -m {words.format(archive=archive.path, fingerprint=archive.fingerprint)}"
    done = subprocess.run(
        ["bash", "-c", around.replace("PROGRAM", program)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", STATUS_OF)
def test_a_stream_that_the_caller_closed_changes_no_exit_status(
    archive: ForgedArchive, words: str, closed: str
) -> None:
    """Service managers and cron jobs close streams; the status is then all that there is."""
    status, _, err = _shell(archive, words, f"PROGRAM {closed}")
    assert status == STATUS_OF[words] and "Traceback" not in err and "NoneType" not in err


def test_what_is_opened_next_does_not_become_standard_output(tmp_path: Path) -> None:
    """Descriptor 1 would be the next key or state file that is opened, and a child process would write into it."""
    script = (
        "from verify.standard_stream import prepare_standard_streams; prepare_standard_streams()\n"
        f"import subprocess; kept = open({str(tmp_path / 'kept')!r}, 'w')\n"
        "assert kept.fileno() > 2; subprocess.run(['sh', '-c', 'echo talk; echo more >&2'], check=True)"
    )
    root = Path(__file__).parents[2]
    subprocess.run(["bash", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, script], cwd=root, check=True)
    assert (tmp_path / "kept").read_text() == ""


@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
@pytest.mark.parametrize("words", STATUS_OF)
def test_an_output_that_takes_ascii_only_gets_escapes(
    archive: ForgedArchive, words: str, environ: dict[str, str]
) -> None:
    """A console of another age must not turn a verdict into a defect."""
    status, out, err = _shell(archive, words, "PROGRAM", PYTHONUTF8="0", **environ)
    assert status == STATUS_OF[words] and out.isascii() and "Error: 'ascii'" not in err
    if words == VERIFY:
        assert out.startswith("PASS") and "\\u2026" in out


@pytest.mark.parametrize("words", [HELP, VERIFY, VERIFY_JSON])
def test_a_result_that_can_not_be_written_is_no_success(archive: ForgedArchive, words: str) -> None:
    """A full disk that swallows a report must not look like a report; exit 23, as any full disk."""
    status, _, err = _shell(archive, words, "PROGRAM >/dev/full")
    assert status == 23 and "No space left on device" in err and "Traceback" not in err
    assert _shell(archive, words, "PROGRAM >/dev/full 2>&1")[0] == 23


@pytest.mark.parametrize("words", [MISTAKE, VERIFY_NOWHERE])
@pytest.mark.parametrize("around", ["PROGRAM >/dev/full", "PROGRAM > >(true)"])
def test_an_error_that_can_not_be_written_as_json_is_told_on_standard_error(
    archive: ForgedArchive, words: str, around: str
) -> None:
    """The status of the error is not lost behind that of the stream."""
    status, _, err = _shell(archive, words, f"{around}; status=$?; sleep 0.2; exit $status")
    assert status == STATUS_OF[words] and "Traceback" not in err


@pytest.mark.parametrize("words", [HELP, VERIFY, VERIFY_JSON])
def test_a_reader_who_goes_away_is_no_defect(archive: ForgedArchive, words: str) -> None:
    """`... | head -1` prints its line and no complaint; 141 is what a shell shows for any such program."""
    status, out, err = _shell(archive, words, "PROGRAM | true; echo ${PIPESTATUS[0]}")
    assert status == 0 and out.strip() in {"0", str(BROKEN_PIPE)} and err == ""


def test_talk_that_nobody_takes_does_not_end_the_work(archive: ForgedArchive) -> None:
    """`strongroom run 2>&1 >run.json | head -1` must not break off an archive run in the middle."""
    script = (
        "import sys; from strongroom.console import Console; console = Console(sys.stdout, sys.stderr)\n"
        "for number in range(3): console.say('x' * 100)\n"
        "console.show({}, ['done'])"
    )
    around = f'{sys.executable} -c "{script}" 2>/dev/full'
    assert _shell(archive, "", around)[:2] == (0, "done\n")


def test_json_stays_one_document_on_any_output(archive: ForgedArchive) -> None:
    """A program reads it whatever the locale is."""
    _, out, _ = _shell(archive, VERIFY_JSON, "PROGRAM", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert json.loads(out)["verdict"] == "PASS"
