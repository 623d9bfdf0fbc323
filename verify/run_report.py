"""Runs that sealed nothing, as the log states them (FORMAT.md section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verify.dsse import VerifiedStatement


@dataclass(frozen=True)
class RunReport:
    """A run that failed. `code` is the exit status that it ended with."""

    index: int
    started_at: datetime
    ended_at: datetime
    error_class: str
    code: int
    message: str


def run_report_of(statement: VerifiedStatement, index: int) -> RunReport:
    """Reads a run statement.

    Raises:
        MalformedError: a listed member is missing or of another type.
    """
    members = statement.members
    if members.text("outcome") != "failed":
        raise members.malformed("outcome", "failed")
    error = members.members("error")
    return RunReport(
        index,
        members.time("started_at"),
        members.time("ended_at"),
        error.text("class"),
        error.integer("code"),
        error.text("message"),
    )
