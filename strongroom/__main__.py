"""The program `strongroom`: turns what happens in a command into words and an exit status."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

from strongroom.cli import call, wants
from strongroom.console import Console
from verify.errors import StrongroomError

TRACEBACK_VARIABLE = "STRONGROOM_TRACEBACK"
BROKEN_PIPE_STATUS = 141
"""What a shell shows for a program that died of SIGPIPE: 128 + 13."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line (default: the process's own) and returns its exit status; never raises."""
    words = sys.argv[1:] if argv is None else argv
    console = Console(
        _stream_of(sys.stdout),
        _stream_of(sys.stderr),
        sys.stdin,
        as_json=wants("--json", words),
        quiet=wants("--quiet", words),
    )
    try:
        return _status_of(words, console)
    except BrokenPipeError:
        _give_up_output()
        return BROKEN_PIPE_STATUS


def _status_of(words: Sequence[str], console: Console) -> int:
    try:
        return call(words, console)
    except StrongroomError as error:
        _trace()
        return console.fail(error)
    except KeyboardInterrupt:
        _trace()
        return console.interrupt()
    except BrokenPipeError:
        raise
    except Exception as error:
        _trace()
        return console.break_down(error)


def _stream_of(stream: TextIO | None) -> TextIO:
    """A stream that takes any character; Python has None where the caller closed the descriptor."""
    if stream is None:
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _trace() -> None:
    """Prints the traceback for somebody who asked for it; it may hold file names and fragments of data."""
    if os.environ.get(TRACEBACK_VARIABLE) == "1":
        traceback.print_exc()


def _give_up_output() -> None:
    """The reader has gone: what is still buffered goes nowhere, without a word at the interpreter's end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
