"""Checks this host: settings, keys, state, disk, stores, clock, credential and permissions.

Each check is PASS, WARN, FAIL or NOT CHECKED, says what to do, and never stops the others. What a missing
permission costs is said in collections, with the line that grants it. Exit 3 if a check is FAIL.
"""

from __future__ import annotations

import argparse
import os

from archiver.doctor.check import FAIL, Check
from archiver.doctor.examination import examine
from strongroom.clock import now
from strongroom.console import Console
from verify.wording import counted

RESULT_COLUMNS = len("NOT CHECKED")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`doctor` has no arguments of its own."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Examines and reports; exit 3 on any FAIL."""
    checks = []
    for check in examine(arguments.config, os.environ, now):
        checks.append(check)
        console.progress(f"{counted(len(checks), 'check')}: {check.title}")
    healthy = all(check.result != FAIL for check in checks)
    document = {"ok": healthy, "checks": [check._asdict() for check in checks]}
    console.show(document, lines_of(checks))
    return 0 if healthy else 3


def lines_of(checks: list[Check]) -> list[str]:
    """The report as text: a line for each check, and below it what to do."""
    indent = " " * (RESULT_COLUMNS + 2)
    lines = []
    for check in checks:
        first, *more = check.detail.splitlines() or [""]
        lines.append(f"{check.result:{RESULT_COLUMNS}}  {check.title}: {first}")
        lines += [f"{indent}{line}" for line in more]
        if check.next_step:
            lines.append(f"{indent}next: {check.next_step}")
    counts = {result: sum(check.result == result for check in checks) for result in ("PASS", "WARN", "FAIL")}
    lines += ["", ", ".join(f"{count} {result}" for result, count in counts.items())]
    return lines
