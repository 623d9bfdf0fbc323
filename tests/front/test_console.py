"""The console: one result on standard output, all else on standard error, nothing that a terminal obeys."""

from __future__ import annotations

import io
import json

import pytest

from strongroom.console import DEFECT_STEP, Console
from strongroom.errors import DeclinedError
from tests.front.terminal import Terminal
from verify.errors import LogError


def test_a_value_with_a_line_break_can_not_forge_a_line_of_a_result() -> None:
    """Each line that a command gives is one line that the operator sees."""
    out = io.StringIO()
    Console(out, io.StringIO()).show({}, ["name: x\nverdict: PASS"])
    assert out.getvalue().count("\n") == 1


def test_with_json_the_result_is_one_ascii_document() -> None:
    """A program reads it, and an operator may print it: no byte in it may be a terminal's command."""
    out = io.StringIO()
    Console(out, io.StringIO(), as_json=True).show({"name": "\x1b\x7f\u202eé"}, ["unused"])
    assert json.loads(out.getvalue()) == {"name": "\x1b\x7f\u202eé"}
    assert out.getvalue().rstrip("\n").isprintable() and out.getvalue().isascii()


def test_talk_and_progress_never_reach_standard_output() -> None:
    """What stands in standard output is parsed."""
    out, err = io.StringIO(), Terminal()
    console = Console(out, err, as_json=True)
    console.say("reading")
    console.progress("5 of 10")
    console.warn("careful")
    assert out.getvalue() == ""
    assert "reading" in err.getvalue() and "5 of 10" in err.getvalue() and "careful" in err.getvalue()


def test_quiet_silences_talk_and_keeps_warnings() -> None:
    """A warning that --quiet hides would be one that nobody gave."""
    err = Terminal()
    console = Console(io.StringIO(), err, quiet=True)
    console.say("reading")
    console.progress("5 of 10")
    console.warn("careful")
    assert err.getvalue() == "careful\n"


def test_progress_is_drawn_on_a_terminal_only() -> None:
    """A log file is not a terminal."""
    err = io.StringIO()
    Console(io.StringIO(), err).progress("5 of 10")
    assert err.getvalue() == ""


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "nonsense\n"])
def test_anything_but_yes_declines(answer: str) -> None:
    """The safe answer is the one that comes by accident."""
    with pytest.raises(DeclinedError):
        Console(io.StringIO(), Terminal(), Terminal(answer)).confirm("Go on?")


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_yes_goes_on(answer: str) -> None:
    """The question is asked on standard error, so that a redirected result stays clean."""
    out, err = io.StringIO(), Terminal()
    Console(out, err, Terminal(answer)).confirm("Go on?")
    assert err.getvalue() == "Go on? [y/N] " and out.getvalue() == ""


def test_where_nobody_can_be_asked_nothing_is_asked() -> None:
    """A script must not hang on a question."""
    err = io.StringIO()
    Console(io.StringIO(), err, io.StringIO("n\n")).confirm("Go on?")
    assert err.getvalue() == ""


def test_an_error_says_what_to_do_next_and_its_status() -> None:
    """An operator at night reads the message and nothing else."""
    err = io.StringIO()
    status = Console(io.StringIO(), err).fail(LogError("entry 5 is missing\x1b[2J"))
    assert status == 32
    assert err.getvalue().splitlines()[0] == "strongroom: entry 5 is missing\\x1b[2J"
    assert "next: Keep both histories" in err.getvalue() and "exit: 32 (LogError)" in err.getvalue()


def test_an_error_after_the_result_does_not_add_a_second_document() -> None:
    """Two documents are none for a parser."""
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err, as_json=True)
    console.show({"done": True}, [])
    assert console.fail(LogError("late")) == 32
    assert json.loads(out.getvalue()) == {"done": True} and "late" in err.getvalue()


def test_an_unforeseen_error_is_called_a_defect_and_shows_no_traceback() -> None:
    """A traceback is no message; the class, the text and the way to more are."""
    out = io.StringIO()
    status = Console(out, io.StringIO(), as_json=True).break_down(KeyError("users"))
    assert status == 1
    assert json.loads(out.getvalue())["error"] == {
        "class": "KeyError",
        "code": 1,
        "message": "'users'",
        "next_step": DEFECT_STEP,
    }
