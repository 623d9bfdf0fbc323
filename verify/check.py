"""Checks: the numbered questions of the ceremony and their answers (FORMAT.md section 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from verify.errors import StrongroomError, UsageError

PASS, FAIL, NOT_CHECKED = "PASS", "FAIL", "NOT CHECKED"

TITLES = {
    "C01": "trust root",
    "C02": "checkpoint",
    "C03": "log",
    "C04": "history",
    "C05": "statements",
    "C06": "snapshots",
    "C07": "recipients",
    "C08": "bundles",
    "C09": "segments",
    "C10": "retention",
    "C11": "canaries",
    "C12": "evidence carried forward",
    "C13": "freshness",
    "C14": "witnesses",
    "C15": "time stamps",
    "C16": "lock observations",
    "C17": "completeness of the store",
    "C21": "header",
    "C22": "structure",
    "C23": "records",
    "C24": "state",
    "C25": "counts and gaps",
}
LEVELS = {id_: 0 if id_ < "C20" else 1 for id_ in TITLES}

ON_REQUEST = frozenset(("C13", "C14", "C15", "C16", "C17"))
"""Checks that are required only where the policy or the caller asks for them."""

MAX_FAILURES_SHOWN = 100
"""Failures of one check that are listed one by one; the rest are counted."""


def check_id_of(word: str) -> str:
    """Returns the id of the check that a word names: its id in any case, or its title.

    Raises:
        UsageError: there is no such check.
    """
    named = {title: id_ for id_, title in TITLES.items()} | {id_.lower(): id_ for id_ in TITLES}
    if word.lower() not in named:
        raise UsageError(f"--require {word}: there is no such check", next_step=f"Checks are {', '.join(TITLES)}.")
    return named[word.lower()]


@dataclass(frozen=True)
class Check:
    """One answer. `subject` is the file concerned, or None for the archive as a whole.

    `error` is the class of what was found, `next_step` what to do about it; both are None unless it failed.
    """

    id: str
    result: str
    required: bool
    subject: str | None
    detail: str
    error: str | None = None
    next_step: str | None = None

    @property
    def title(self) -> str:
        """What the check is about."""
        return TITLES[self.id]

    def document(self) -> dict[str, Any]:
        """Returns the check as COMMANDS.md section 4 has it."""
        return {
            "id": self.id,
            "title": self.title,
            "level": LEVELS[self.id],
            "result": self.result,
            "required": self.required,
            "subject": self.subject,
            "detail": self.detail,
            "error": self.error,
            "next_step": self.next_step,
        }


class CheckList:
    """The answers of one ceremony, as they come in."""

    def __init__(self, required: frozenset[str]) -> None:
        """`required` names the checks whose absence makes a verdict INCOMPLETE."""
        self._required = set(required)
        self._checks: dict[str, list[Check]] = {}
        self._beyond: dict[str, int] = {}

    def require(self, ids: Iterable[str]) -> None:
        """Adds to the required checks; nothing takes away."""
        self._required.update(ids)

    def passed(self, id_: str, detail: str) -> None:
        """Notes that a check found nothing wrong; a failure of the same check that was noted stays."""
        if id_ not in self._checks:
            self._note(Check(id_, PASS, id_ in self._required, None, detail))

    def failed(self, id_: str, error: StrongroomError, subject: str | None) -> None:
        """Notes one thing that a check found wrong."""
        if len(self.failures(id_)) >= MAX_FAILURES_SHOWN:
            self._beyond[id_] = self._beyond.get(id_, 0) + 1
            return
        name, required = type(error).__name__, id_ in self._required
        self._note(Check(id_, FAIL, required, subject, error.message, name, error.next_step))

    def not_checked(self, id_: str, reason: str, *, exists: bool = True) -> None:
        """Notes that a check was not made; `exists` is False if this archive has nothing that it could be about."""
        if id_ not in self._checks:
            self._note(Check(id_, NOT_CHECKED, exists and id_ in self._required, None, reason))

    def failures(self, id_: str) -> list[Check]:
        """Returns the failures that were noted for a check."""
        return [check for check in self._checks.get(id_, ()) if check.result == FAIL]

    def has(self, id_: str) -> bool:
        """Whether the check has an answer."""
        return id_ in self._checks

    def checks(self) -> tuple[Check, ...]:
        """Returns all answers in order of ids; a check that failed often says how often in its last line."""
        ordered = []
        for id_ in sorted(self._checks):
            ordered += self._checks[id_]
            if id_ in self._beyond:
                last = ordered[-1]
                detail = f"{self._beyond[id_]} more failures of this check are not listed"
                ordered.append(Check(id_, FAIL, last.required, None, detail, last.error, last.next_step))
        return tuple(ordered)

    def _note(self, check: Check) -> None:
        self._checks.setdefault(check.id, []).append(check)
