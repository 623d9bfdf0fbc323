"""The command line: finds the command in the table, parses its arguments, calls it."""

from __future__ import annotations

import argparse
import difflib
import shutil
from collections.abc import Sequence
from typing import NoReturn

from strongroom.command import COMMANDS, LATER_COMMANDS, Command
from strongroom.console import Console
from strongroom.option import add_common_options
from verify.errors import UsageError
from verify.lone_dashes import lone_dashes_in

HELP_WORDS = frozenset({"-h", "--help", "help"})
MAX_HELP_COLUMNS = 100
HELP_STEP = "Run `strongroom --help`."
MAX_WORD_CHARACTERS = 80
_INTRODUCTION = """\
Strongroom archives a Microsoft Entra tenant: sealed so that the machine that makes the archive can't
read it back, and so that anyone with the trust root's fingerprint can prove that nothing was changed."""


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose mistakes are UsageErrors, and whose options can't be shortened."""

    def __init__(self, command: Command, description: str | None) -> None:
        self._command = command.name
        columns = min(shutil.get_terminal_size().columns, MAX_HELP_COLUMNS)
        super().__init__(
            prog=f"strongroom {command.name}",
            description=description,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=30, width=columns
            ),
        )

    def error(self, message: str) -> NoReturn:
        """Raises UsageError instead of ending the process."""
        raise UsageError(f"{self._command}: {message}", next_step=f"Run `{self.prog} --help`.")


def call(argv: Sequence[str], console: Console) -> int:
    """Carries out the command line and returns the exit status.

    Raises:
        StrongroomError: whatever the command raises; UsageError for a command line that is not understood.
    """
    if not argv:
        raise UsageError("a command is missing", next_step=HELP_STEP)
    if argv[0] in HELP_WORDS:
        console.show({"commands": {row.name: row.summary for row in COMMANDS}}, help_lines())
        return 0
    if argv[0] == "--version":
        return _show_version(console)
    command, rest = _chosen(argv)
    if command is None:
        console.show({"commands": {row.name: row.summary for row in _group(argv[0])}}, help_lines(argv[0]))
        return 0
    module = command.load()
    parser = parser_of(command)
    if {"-h", "--help"} & set(_options_in(rest)):
        console.show({"help": parser.format_help()}, parser.format_help().splitlines())
        return 0
    if wrong := lone_dashes_in(rest):
        parser.error(wrong)
    return module.run(parser.parse_args(rest), console)


def parser_of(command: Command) -> CommandParser:
    """The parser of a command, with its own arguments and those of every command."""
    module = command.load()
    parser = CommandParser(command, module.__doc__)
    module.add_arguments(parser)
    add_common_options(parser)
    return parser


def help_lines(group: str | None = None) -> list[str]:
    """The text of `strongroom --help`, or of a group's, which lists the group's commands only."""
    rows = _group(group) if group else COMMANDS
    width = max(len(row.name) for row in rows)
    usage = f"usage: strongroom {group} COMMAND ..." if group else "usage: strongroom COMMAND ..."
    introduction = [] if group else [*_INTRODUCTION.splitlines(), ""]
    name = f"strongroom {group} COMMAND" if group else "strongroom COMMAND"
    return [
        usage,
        "",
        *introduction,
        "commands:",
        *(f"  {row.name:{width}}  {row.summary}" for row in rows),
        "",
        f"`{name} --help` says more about one of them.",
    ]


def wants(option: str, argv: Sequence[str]) -> bool:
    """Whether an option without a value stands in a command line, also in one that can't be parsed."""
    return option in _options_in(argv)


def _options_in(argv: Sequence[str]) -> Sequence[str]:
    """The words before `--`, behind which nothing is an option."""
    return argv[: argv.index("--")] if "--" in argv else argv


def _chosen(argv: Sequence[str]) -> tuple[Command | None, Sequence[str]]:
    """The command and its arguments; None for a group by itself, which shows its help."""
    for command in COMMANDS:
        words = command.words
        if tuple(argv[: len(words)]) == words:
            return command, argv[len(words) :]
    if _group(argv[0]) and len(argv) > 1 and argv[1] in HELP_WORDS:
        return None, ()
    raise _unknown(argv)


def _group(word: str) -> tuple[Command, ...]:
    return tuple(row for row in COMMANDS if row.words[0] == word and len(row.words) > 1)


def _unknown(argv: Sequence[str]) -> UsageError:
    shown = [word[:MAX_WORD_CHARACTERS] for word in argv[:2]]
    if argv[0].startswith("-"):
        return UsageError(f"{shown[0]} stands before the command; options stand after it", next_step=HELP_STEP)
    for name in (" ".join(shown), shown[0]):
        if name in LATER_COMMANDS:
            return UsageError(
                f"{name}: this version does not have the command",
                next_step="Run `strongroom --help` for the commands that it has.",
            )
    group = _group(argv[0])
    if group and len(argv) == 1:
        wanted = " or ".join(f"`{row.name}`" for row in group)
        return UsageError(f"{shown[0]}: say which: {wanted}", next_step=f"Run `strongroom {shown[0]} --help`.")
    typed = " ".join(shown) if group else shown[0]
    close = difflib.get_close_matches(typed, [row.name for row in group or COMMANDS], n=1)
    return UsageError(
        f"{typed}: there is no such command",
        next_step=f"Did you mean `strongroom {close[0]}`?" if close else HELP_STEP,
    )


def _show_version(console: Console) -> int:
    from importlib.metadata import version  # takes a third of the time of `--help`, which does not need it

    number = version("strongroom")
    console.show({"version": number}, [f"strongroom {number}"])
    return 0
