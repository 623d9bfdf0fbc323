"""The command line: what is not understood is said; a command is loaded only when it is chosen."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from strongroom.cli import help_lines, parser_of
from strongroom.command import COMMANDS, LATER_COMMANDS, Command
from tests.front.golden import assert_golden
from tests.front.outcome import Call

HEAVY = {
    "aiohttp",
    "apscheduler",
    "azure",
    "cryptography",
    "httpx",
    "msgraph",
    "msgspec",
    "pydantic",
    "zstandard",
}
HELP_SECONDS = 0.3
NAMES = [row.name for row in COMMANDS]


def row_of(name: str) -> Command:
    return next(row for row in COMMANDS if row.name == name)


def test_help_lists_every_command_in_one_line() -> None:
    """The list is the first thing that a new operator sees."""
    assert_golden("help/strongroom.txt", "\n".join(help_lines()) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_reads_as_agreed(name: str) -> None:
    """Options are a contract with scripts; a change of one is seen here."""
    assert_golden(f"help/{name.replace(' ', '-')}.txt", parser_of(row_of(name)).format_help())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_takes_the_common_options(name: str) -> None:
    """What holds for one command holds for all (COMMANDS.md section 1)."""
    options = {option for action in parser_of(row_of(name))._actions for option in action.option_strings}
    assert {"--config", "--json", "--quiet", "--help"} <= options


def test_table_and_modules_agree(repository: Path) -> None:
    """A module without a row can't be reached, a row without a module breaks when it is chosen."""
    modules = {file.stem for file in (repository / "strongroom" / "commands").glob("[a-z]*.py")}
    assert modules == {row.module for row in COMMANDS}


def test_help_needs_no_library_and_little_time(repository: Path) -> None:
    """Whoever asks for help waits for it; the best of three, since the machine has other work."""
    script = (
        "import sys; from strongroom.__main__ import main; main(['--help']);"
        f" print({HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}}, file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=repository, capture_output=True, check=True, text=True
        )
        seconds.append(time.monotonic() - began)
        assert done.stderr == "set()\n"
    assert min(seconds) < HELP_SECONDS


@pytest.mark.parametrize("name", LATER_COMMANDS)
def test_a_command_of_a_later_version_is_said_to_be_that(call: Call, name: str) -> None:
    """Whoever read the design must not look for his own mistake."""
    done = call(*name.split(" "), "x", "--json")
    assert (done.status, done.error["class"]) == (2, "UsageError")
    assert done.error["message"] == f"{name}: this version does not have the command"
    assert name not in "\n".join(help_lines()).split()


@pytest.mark.parametrize(
    ("words", "message", "next_step"),
    [
        ([], "a command is missing", "Run `strongroom --help`."),
        (["statsu"], "statsu: there is no such command", "Did you mean `strongroom status`?"),
        (["keys"], "keys: say which: `keys prove`", "Run `strongroom keys --help`."),
        (["keys", "proof"], "keys proof: there is no such command", "Did you mean `strongroom keys prove`?"),
        (["--quiet", "status"], "--quiet stands before the command", "Run `strongroom --help`."),
        (
            ["status", "--htlm", "x"],
            "status: unrecognized arguments: --htlm x",
            "Run `strongroom status --help`.",
        ),
        (["status", "--js"], "status: unrecognized arguments: --js", "Run `strongroom status --help`."),
        (["init"], "init: the following arguments are required: DIR", "Run `strongroom init --help`."),
        (
            ["tenant", "simulate", "--users", "0"],
            "tenant simulate: argument --users: not a number of users (1 to 1,000,000)",
            "Run `strongroom tenant simulate --help`.",
        ),
        (["tenant", "simulate", "--users", "9" * 5000], "tenant simulate: argument --users: not", "--help"),
        (["tenant", "simulate", "--port", "65536"], "tenant simulate: argument --port: not a port", "--help"),
        (["tenant", "simulate", "--port", "\u0663"], "tenant simulate: argument --port: not a port", "--help"),
        (["demo", "--users", "39"], "demo: argument --users: not a number of users (40 to", "--help"),
        (["demo", "--users", "-1"], "demo: argument --users: not a number of users", "--help"),
        (["demo", "--users", "1000001"], "demo: argument --users: not a number of users", "--help"),
        (["verify", "x", "--level", "2"], "verify: argument --level: invalid choice: 2 (choose from 0, 1)", "--help"),
        (["show", "x", "users", "y", "--snapshot=--"], "show: argument --snapshot: `--` is no value", "--help"),
        (["run", "--config=--"], "run: argument --config: `--` is no value", "--help"),
        (["verify", "x", "--require=--"], "verify: argument --require: `--` is no value", "--help"),
        (["show", "x", "--", "users", "--"], "show: `--` ends the options, and is no argument", "--help"),
        (["export", "x", "--to", ""], "export: argument --to: an empty word names no folder", "--help"),
        (["init", "x", "--tenant", "a b"], "init: argument --tenant: neither a GUID", "Run `strongroom init"),
        (
            ["init", "x", "--recipient", "age1x"],
            "init: argument --recipient: not an age",
            "Run `strongroom init",
        ),
    ],
)
def test_a_usage_error_names_the_word_and_exits_2(call: Call, words: list[str], message: str, next_step: str) -> None:
    """Exit 2 is for the caller's words alone; nothing was done."""
    done = call(*words)
    assert done.status == 2 and done.out == ""
    assert done.err.startswith(f"strongroom: {message}") and next_step in done.err


def test_a_usage_error_is_json_too(call: Call) -> None:
    """A program that asked for JSON gets JSON, whatever its mistake was."""
    done = call("init", "--json")
    assert done.status == 2 and done.error["code"] == 2 and done.err == ""


def test_json_behind_two_dashes_is_no_option(call: Call) -> None:
    """Behind `--` nothing is an option."""
    assert call("init", "--", "a", "--json").out == ""


@pytest.mark.parametrize("words", [["--help"], ["help"], ["keys", "--help"], ["status", "--help"]])
def test_help_is_a_result(call: Call, words: list[str]) -> None:
    """`strongroom --help | less` must show something."""
    done = call(*words)
    assert done.status == 0 and done.out.startswith("usage: strongroom") and done.err == ""


def test_the_version_is_told(call: Call) -> None:
    """A report of a defect begins with it."""
    assert call("--version").out.startswith("strongroom ")


def test_missing_settings_are_an_error_of_settings(call: Call) -> None:
    """Exit 10, and how to get some."""
    done = call("status", "--json")
    assert done.error["code"] == 10 and "strongroom init" in done.error["next_step"]


def test_a_traceback_is_printed_for_whoever_asks(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Developers need it; operators don't."""
    assert "Traceback" not in call("status").err
    monkeypatch.setenv("STRONGROOM_TRACEBACK", "1")
    assert "Traceback" in call("status").err


@pytest.mark.parametrize(
    ("failure", "status", "name"),
    [(KeyboardInterrupt(), 130, "Interrupted"), (ZeroDivisionError("by zero"), 1, "ZeroDivisionError")],
)
def test_whatever_happens_there_is_an_exit_status_and_a_message(
    call: Call, monkeypatch: pytest.MonkeyPatch, failure: BaseException, status: int, name: str
) -> None:
    """Ctrl-C is 130, a defect is 1; neither shows a traceback."""

    def fail(*_: object) -> int:
        raise failure

    monkeypatch.setattr("strongroom.__main__.call", fail)
    done = call("status", "--json")
    assert (done.status, done.error["code"], done.error["class"]) == (status, status, name)
    assert done.error["next_step"] and "Traceback" not in done.out + done.err


def test_a_reader_who_goes_away_is_no_error(repository: Path) -> None:
    """`strongroom --help | head -1` prints a line, and no complaint."""
    command = f"{sys.executable} -m strongroom --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=repository, capture_output=True, check=True, text=True)
    assert done.stderr == "" and done.stdout.strip() in {"0", "141"}
