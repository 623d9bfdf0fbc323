"""Proves an archive and says, check by check, what was proved.

Level 0 needs nothing but the files and a fingerprint: signatures, log, digests of every bundle. Level 1 opens a
snapshot with an identity and proves every record. `python -m verify` does the same without this program.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options
from verify.ceremony import Ceremony, Request
from verify.check import check_id_of
from verify.errors import NoIdentityError, UsageError
from verify.headline import headline_of
from verify.presentation import text_of
from verify.remembered import remember, remembered_in
from verify.strict_json import text_of_time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the verdict's options and the archive's."""
    add_archive_options(parser, also="all")
    group = parser.add_argument_group("the verdict")
    group.add_argument(
        "--level", type=int, choices=(0, 1), help="0 needs no key, 1 opens a snapshot (default: 1 with an identity)"
    )
    group.add_argument("--max-age", type=float, metavar="HOURS", help="greatest age of the newest snapshot")
    group.add_argument(
        "--require", nargs="+", action="append", default=[], metavar="CHECK", help="checks that must pass, such as C14"
    )
    group.add_argument("--remember", type=Path, metavar="FILE", help="keep what was seen; compare the next time")
    group.add_argument("--report", type=Path, metavar="FILE.html", help="write the verdict as a page for people")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Holds the ceremony. Whatever it finds is a verdict: 0, 3 or 5."""
    if arguments.max_age is not None and not 0 < arguments.max_age < 1e6:
        raise UsageError(f"--max-age {arguments.max_age}: not a number of hours")
    if arguments.report is not None:
        from strongroom.report_file import require_place, require_two_places

        require_place(arguments.report)
        require_two_places(("--report", arguments.report), ("--remember", arguments.remember))
    opening = opening_of(arguments, console)
    opening.occupied.require_free(arguments.report, arguments.remember)
    level = arguments.level if arguments.level is not None else (1 if opening.identities else 0)
    if level > 0 and not opening.identities:
        raise NoIdentityError("level 1 opens a snapshot, and no identity was given")
    request = Request(
        fingerprint=opening.fingerprint,
        level=level,
        now=now(),
        snapshots=arguments.snapshot,
        identities=opening.identities if level > 0 else (),
        max_age_hours=arguments.max_age,
        required=frozenset(check_id_of(word) for words in arguments.require for word in words),
        remembered=remembered_in(arguments.remember) if arguments.remember else None,
    )
    outcome = Ceremony(opening.reader, request).outcome()
    if arguments.remember and outcome.to_remember:
        remember(arguments.remember, outcome.to_remember)
    verdict = outcome.verdict
    document = verdict.document()
    if arguments.report is not None:
        from recovery.reports.verdict_page import verdict_page
        from strongroom.report_file import write_report

        written = write_report(arguments.report, verdict_page(document, generated_at=text_of_time(request.now)))
        console.say(f"the verdict as a page is in {written}")
    console.show(document, [headline_of(verdict)] if arguments.quiet else text_of(verdict).splitlines())
    return verdict.exit_status
