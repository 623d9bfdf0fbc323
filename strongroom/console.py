"""What a command says: its result on standard output, everything else on standard error.

With --json, standard output holds exactly one JSON document: the command's, or the error's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TextIO

from recovery.exact_json import exact_json_of
from strongroom.errors import DeclinedError
from verify.errors import OutputError, StrongroomError
from verify.standard_stream import give_up
from verify.visible import visible

DEFECT_STATUS = 1
INTERRUPTED_STATUS = 130
DEFECT_STEP = "This is a defect of Strongroom: report it, with what STRONGROOM_TRACEBACK=1 adds to this."
OUTPUT_STEP = "What the command does is done; make room, or send standard output elsewhere."
_CLEAR_LINE = "\r\x1b[2K"  # ECMA-48: erase the whole line


class Console:
    """Where a command's words go. `out` takes the result, `err` the talk; `keyboard` gives answers.

    `as_json` and `quiet` are the options of the same names. `settle` is called when the result stands, so that no
    signal turns half of it, or an interruption, into the answer. Every line is made visible first, so that no name
    from a tenant can move a cursor or forge a line.
    """

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        keyboard: TextIO | None = None,
        *,
        as_json: bool = False,
        quiet: bool = False,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._settle = settle
        self.as_json = as_json
        self.quiet = quiet
        self._out = out
        self._err = err
        self._keyboard = keyboard
        self._shown = False
        self._progress_stands = False

    @property
    def is_interactive(self) -> bool:
        """Whether a person can be asked: keyboard and talk are both a terminal."""
        return bool(self._keyboard and self._keyboard.isatty() and self._err.isatty())

    def show(self, document: object, lines: Iterable[str], *, ends: bool = True) -> None:
        """Gives the command's result, once: `document` with --json, else `lines`, which a person may still interrupt.

        `ends` says whether the command's work is done by then, so that nothing is left to interrupt.

        Raises:
            OutputError: standard output takes no more.
            BrokenPipeError: its reader has gone, and wants no more.
        """
        self._end_progress()
        if self.as_json:
            if self._shown:
                raise RuntimeError("a command shows one result")
            lines = [_json_of(document)]
            if ends:
                self._settle()
        else:
            lines = (visible(line) for line in lines)
        for line in lines:
            self._write_result(line + "\n")
        self._shown = True
        self._write_result("", flush=True)
        if ends:
            self._settle()

    def say(self, line: str) -> None:
        """Tells what is going on; silent with --quiet."""
        if not self.quiet:
            self.warn(line)

    def warn(self, line: str) -> None:
        """Tells what must be heard, also with --quiet."""
        self._end_progress()
        self._talk(visible(line) + "\n")

    def progress(self, line: str) -> None:
        """Shows how far the work is, in place of the last such line; on a terminal only."""
        if not self.quiet and self._err.isatty():
            self._talk(_CLEAR_LINE + visible(line))
            self._progress_stands = True

    @property
    def watcher(self) -> Callable[[str], None] | None:
        """What shows progress; None where nobody sees it, so that nothing need be asked for it."""
        return self.progress if not self.quiet and self._err.isatty() else None

    def confirm(self, question: str) -> None:
        """Asks a person whether to go on; does nothing where nobody can be asked.

        Raises:
            DeclinedError: the answer is not yes.
        """
        if not self.is_interactive or self._keyboard is None:
            return
        self._end_progress()
        self._talk(f"{visible(question)} [y/N] ")
        if self._keyboard.readline().strip().lower() not in {"y", "yes"}:
            raise DeclinedError("declined")

    def fail(self, error: StrongroomError) -> int:
        """Reports an error that the program foresees, and returns its exit status."""
        return self._report(type(error).__name__, error.exit_status, error.message, error.next_step)

    def interrupt(self) -> int:
        """Reports that a person interrupted the command, and returns the exit status."""
        return self._report("Interrupted", INTERRUPTED_STATUS, "interrupted", "Run it again; nothing half-made stays.")

    def break_down(self, error: Exception) -> int:
        """Reports an error that nobody foresaw, without a traceback, and returns the exit status."""
        message = " ".join(str(error).split()) or "no message"
        return self._report(type(error).__name__, DEFECT_STATUS, message, DEFECT_STEP)

    def _report(self, name: str, status: int, message: str, next_step: str) -> int:
        self._end_progress()
        if self.as_json and not self._shown:
            self._shown = True
            error = {"class": name, "code": status, "message": message, "next_step": next_step}
            try:
                self._write_result(_json_of({"error": error}) + "\n", flush=True)
            except (OutputError, BrokenPipeError):
                give_up(self._out)  # and it is told on standard error
            else:
                return status
        first, *more = message.splitlines() or [message]
        lines = [f"strongroom: {visible(first)}", *(f"            {visible(line)}" for line in more)]
        lines += [f"      next: {visible(next_step)}", f"      exit: {status} ({name})"]
        self._talk("".join(f"{line}\n" for line in lines))
        return status

    def _write_result(self, text: str, *, flush: bool = False) -> None:
        try:
            self._out.write(text)
            if flush:
                self._out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self._shown = True
            give_up(self._out)
            raise OutputError(
                f"the result can't be written to standard output: {error.strerror}", next_step=OUTPUT_STEP
            ) from error

    def _talk(self, text: str) -> None:
        """Writes to standard error. Talk is no result: where nobody can take it, the work goes on."""
        try:
            self._err.write(text)
            self._err.flush()
        except OSError:
            give_up(self._err)

    def _end_progress(self) -> None:
        if self._progress_stands:
            self._talk(_CLEAR_LINE)
            self._progress_stands = False


def _json_of(document: object) -> str:
    """One line of ASCII: every other character is escaped, so that a terminal obeys nothing in it."""
    return exact_json_of(document).replace("\x7f", "\\u007f")
