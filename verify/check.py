"""Checks: the numbered questions of the ceremony and their answers (FORMAT.md section 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from verify.errors import StrongroomError, UsageError
from verify.wording import counted

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
    "C18": "events",
    "C21": "header",
    "C22": "structure",
    "C23": "records",
    "C24": "state",
    "C25": "counts and gaps",
    "C26": "event bundles",
}
PROVES = {
    "C01": "the trust roots follow from the one whose fingerprint was given; they name whose signatures count",
    "C02": "the newest head of the log is signed with both of the log's keys",
    "C03": "every entry that this head commits to is there, and none was exchanged",
    "C04": "older heads of the log, and what was remembered, are beginnings of this log: no history was rewritten",
    "C05": "every entry is signed by key pairs that have the role for it",
    "C06": "the snapshots follow one another, none is left out, and all are of one tenant",
    "C07": "snapshots are sealed only to recipients that a trust root names, and to none before its time",
    "C08": "the encrypted files are there, in the size that was signed for; those that were read, with their SHA-512",
    "C09": "the lists that prove parts of files are there; those that were read are as signed, and fit the files",
    "C10": "every full is kept at least as long as each delta that leans on it",
    "C11": "somebody had shown that he opens what is sealed to a recipient, before a snapshot was",
    "C12": "the log, the trust roots and the canaries of its time lie beside every full, so that it stands by itself",
    "C13": "the newest snapshot is no older than was asked for",
    "C14": "other parties have co-signed the head of the log",
    "C15": "clocks of others have stamped the log",
    "C16": "another identity has observed the locks on the files",
    "C17": "every entry of the log that an earlier verification saw is still there",
    "C18": "what was read of the tenant's logs goes on where it ended, and no statement of it is left out",
    "C21": "the identity that was given opens the files that make up the snapshot",
    "C22": "what is in them has the structure of the format, and no byte is unaccounted for",
    "C23": "every record has the key and the hash that the tables give",
    "C24": "all records together give the state that was signed: none was added, none left out",
    "C25": "there are as many objects and records of each collection as was signed",
    "C26": "the bundles of events open, and hold the events that were signed for and nothing else",
}
"""What a check that passed has proved, in a sentence. FORMAT.md section 13 adds the rules behind it."""

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

    `error` is the class of what was found, `next_step` what to do about it; both are None unless it failed, or
    could not be made because of something that the caller can mend.
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
        self._subjects: dict[str, set[str]] = {}

    def require(self, ids: Iterable[str]) -> None:
        """Adds to the required checks; nothing takes away."""
        self._required.update(ids)

    def passed(self, id_: str, detail: str) -> None:
        """Notes that a check found nothing wrong; a failure of the same check that was noted stays."""
        if id_ not in self._checks:
            self._note(Check(id_, PASS, id_ in self._required, None, detail))

    def failed(self, id_: str, error: StrongroomError, subject: str | None) -> None:
        """Notes one thing that a check found wrong."""
        if subject is not None:
            self._subjects.setdefault(id_, set()).add(subject)
        if len(self.failures(id_)) >= MAX_FAILURES_SHOWN:
            self._beyond[id_] = self._beyond.get(id_, 0) + 1
            return
        name, required = type(error).__name__, id_ in self._required
        self._note(Check(id_, FAIL, required, subject, error.message, name, error.next_step))

    def not_checked(self, id_: str, reason: str, *, exists: bool = True, error: StrongroomError | None = None) -> None:
        """Notes that a check was not made; `exists` is False if this archive has nothing that it could be about.

        `error` is what stood in the way, where the caller can mend that.
        """
        if id_ not in self._checks:
            name, next_step = (type(error).__name__, error.next_step) if error else (None, None)
            self._note(Check(id_, NOT_CHECKED, exists and id_ in self._required, None, reason, name, next_step))

    def failures(self, id_: str) -> list[Check]:
        """Returns the failures that were noted for a check."""
        return [check for check in self._checks.get(id_, ()) if check.result == FAIL]

    def subjects(self, id_: str) -> set[str]:
        """Returns the files that a check failed for, those that are not listed too."""
        return self._subjects.get(id_, set())

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
                more = counted(self._beyond[id_], "more failure of this check is", "more failures of this check are")
                detail = f"{more} not listed"
                ordered.append(Check(id_, FAIL, last.required, None, detail, last.error, last.next_step))
        return tuple(ordered)

    def _note(self, check: Check) -> None:
        self._checks.setdefault(check.id, []).append(check)
