"""`python -m verify DIRECTORY --trust ...`: the verifier by itself, without network and without settings."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from verify.ceremony import Ceremony, Request
from verify.check import check_id_of
from verify.errors import NoIdentityError, OutputError, StrongroomError, UsageError
from verify.headline import headline_of
from verify.identity_file import identities_in, is_stream
from verify.lone_dashes import lone_dashes_in
from verify.output_place import Occupied
from verify.presentation import text_of
from verify.remembered import remember, remembered_in
from verify.selector import LATEST
from verify.standard_stream import give_up, prepare_standard_streams
from verify.store import DirectoryReader
from verify.trust import fingerprint_of
from verify.verdict import Verdict
from verify.visible import visible

INTERRUPTED = 130
DEFECT = 1
BROKEN_PIPE = 141
"""What a shell shows for a program that died of SIGPIPE: 128 + 13."""
MOST_HOURS = 10_000_000
"""A thousand years; more would leave the calendar."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+:")


class _Parser(argparse.ArgumentParser):
    """A parser that leaves the printing of errors to `main`."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status (COMMANDS.md section 1)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    prepare_standard_streams()
    try:
        parser = _parser()
        if wrong := lone_dashes_in(words):
            parser.error(wrong)
        return _run(parser.parse_args(words))
    except StrongroomError as error:
        return _fail(type(error).__name__, error.exit_status, error.message, error.next_step, as_json)
    except KeyboardInterrupt:
        return _fail("Interrupted", INTERRUPTED, "interrupted", "Run the command again.", as_json)
    except BrokenPipeError:
        give_up(sys.stdout)
        return BROKEN_PIPE
    except Exception as error:
        message = f"unexpected: {type(error).__name__}: {error}"
        return _fail(type(error).__name__, DEFECT, message, StrongroomError.default_next_step, as_json)


def _run(options: argparse.Namespace) -> int:
    if not options.archive:
        raise UsageError("an empty word names no directory")
    if _URL.match(options.archive):
        raise UsageError(
            f"{options.archive} is a URL, and this verifier has no network",
            next_step="Copy the archive into a directory with `strongroom mirror`, and verify that.",
        )
    if options.report:
        raise UsageError("--report is made by `strongroom verify`", next_step="Use `strongroom verify --report FILE`.")
    if options.remember:
        _occupied_by(options).require_free(Path(options.remember))
    level = options.level if options.level is not None else (1 if options.identity else 0)
    if level > 0 and not options.identity:
        raise NoIdentityError("level 1 opens a snapshot, and no --identity was given")
    request = Request(
        fingerprint=fingerprint_of(options.trust),
        level=level,
        now=datetime.now(UTC),
        snapshots=options.snapshot,
        identities=identities_in(options.identity) if level > 0 else (),
        max_age_hours=options.max_age,
        required=frozenset(check_id_of(word) for words in options.require for word in words),
        remembered=remembered_in(Path(options.remember)) if options.remember else None,
    )
    outcome = Ceremony(DirectoryReader(Path(options.archive)), request).outcome()
    if options.remember and outcome.to_remember:
        remember(Path(options.remember), outcome.to_remember)
    _print_verdict(outcome.verdict, as_json=options.json, quiet=options.quiet)
    return outcome.verdict.exit_status


def _occupied_by(options: argparse.Namespace) -> Occupied:
    files = [(Path(options.trust), "the file that --trust names")]
    if options.identity and not is_stream(options.identity):
        files.append((Path(options.identity), "the identity file"))
    return Occupied(files, [(Path(options.archive), "the archive")])


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m verify",
        description="Proves that a Strongroom archive is intact and complete. Opens no network connection.",
        epilog="Exit status: 0 PASS, 3 INCOMPLETE, 5 FAIL, 2 usage, 4 refused, 20 archive unreachable, 23 no room, "
        "40 no identity.",
    )
    add = parser.add_argument
    add("archive", metavar="DIRECTORY", help="the archive, or a mirror of it")
    add(
        "--trust",
        required=True,
        metavar="FILE|sha256:FINGERPRINT",
        help="trust root, or its fingerprint, that did not come with the archive",
    )
    add("--identity", metavar="FILE", help="age identity file, - for standard input; needed at level 1")
    add("--level", type=int, choices=(0, 1), help="0 needs no key, 1 opens a snapshot (default: 1 with an identity)")
    add("--snapshot", default=LATEST, metavar="SNAPSHOT", help="what level 1 opens: number, latest~2, date, all ...")
    add("--max-age", type=_hours, metavar="HOURS", help="greatest age of the newest snapshot")
    add("--require", nargs="+", action="append", default=[], metavar="CHECK", help="checks that must pass, such as C14")
    add("--remember", metavar="FILE", help="keeps what was seen, and compares with it the next time")
    add("--report", metavar="FILE", help=argparse.SUPPRESS)
    add("--json", action="store_true", help="one JSON document on standard output")
    add("--quiet", action="store_true", help="one line only")
    return parser


def _hours(word: str) -> float:
    try:
        hours = float(word)
    except ValueError:
        hours = -1.0
    if not 0 < hours < MOST_HOURS:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of hours")
    return hours


def _print_verdict(verdict: Verdict, *, as_json: bool, quiet: bool) -> None:
    """Raises OutputError, BrokenPipeError."""
    text = f"{headline_of(verdict)}\n" if quiet else text_of(verdict)
    try:
        print(_json_line_of(verdict.document()) if as_json else text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up(sys.stdout)
        raise OutputError(f"the verdict is {verdict.word}, and can't be written: {error.strerror}") from error


def _fail(class_: str, code: int, message: str, next_step: str, as_json: bool) -> int:
    """Prints an error, to standard error where standard output can't be written, and returns its exit status."""
    error = {"class": class_, "code": code, "message": message, "next_step": next_step}
    try:
        if as_json and code != OutputError.exit_status:
            print(_json_line_of({"error": error}), end="", flush=True)
            return code
    except OSError:
        give_up(sys.stdout)
    try:
        print(f"error: {visible(message)}\n{visible(next_step)}", file=sys.stderr, flush=True)
    except OSError:
        give_up(sys.stderr)
    return code


def _json_line_of(document: object) -> str:
    return json.dumps(document, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
