"""The program `strongroom`: turns what happens in a command into words and an exit status."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from strongroom import stop_signal
from strongroom.cli import call, wants
from strongroom.console import INTERRUPTED_STATUS, Console
from strongroom.errors import WorkingFolderError
from verify.errors import StrongroomError
from verify.standard_stream import give_up, prepare_standard_streams

TRACEBACK_VARIABLE = "STRONGROOM_TRACEBACK"
PRIVATE_UMASK = 0o077
OTHERS_WRITE = 0o022
BROKEN_PIPE_STATUS = 141
"""What a shell shows for a program that died of SIGPIPE: 128 + 13."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line (default: the process's own) and returns its exit status; never raises."""
    words = sys.argv[1:] if argv is None else argv
    prepare_standard_streams()
    _bound_umask()
    is_program = argv is None
    settle = stop_signal.ignore if is_program else _nothing
    console = Console(
        sys.stdout,
        sys.stderr,
        sys.stdin,
        as_json=wants("--json", words),
        quiet=wants("--quiet", words),
        settle=settle,
    )
    if is_program:  # before the command's modules are there: importing them takes longer than a manager waits
        stop_signal.heed()
    try:
        return _status_of(words, console, settle)
    except BrokenPipeError:
        give_up(sys.stdout)
        return BROKEN_PIPE_STATUS
    except KeyboardInterrupt:  # in the moment between an end and telling of it
        return INTERRUPTED_STATUS
    finally:
        settle()
        stop_signal.keep_status()


def _status_of(words: Sequence[str], console: Console, settle: Callable[[], None]) -> int:
    try:
        return call(words, console)
    except StrongroomError as error:
        settle()
        _trace()
        return console.fail(error)
    except KeyboardInterrupt:
        settle()
        _trace()
        return console.interrupt()
    except BrokenPipeError:
        raise
    except Exception as error:
        settle()
        _trace()
        if isinstance(error, OSError) and not _has_working_folder():
            return console.fail(WorkingFolderError("the folder in which this command was called is not there any more"))
        return console.break_down(error)


def _nothing() -> None:
    """What a caller in another program has done about signals is its own business."""


def _has_working_folder() -> bool:
    """Whether relative paths lead anywhere: the folder of this process may have been removed."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _bound_umask() -> None:
    """Whatever umask the caller has: no new file or folder is closed to its owner, and none that others may change."""
    given = os.umask(PRIVATE_UMASK)
    os.umask(given & PRIVATE_UMASK | OTHERS_WRITE)


def _trace() -> None:
    """Prints the traceback for somebody who asked for it; it may hold file names and fragments of data."""
    if os.environ.get(TRACEBACK_VARIABLE) == "1":
        traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main())
