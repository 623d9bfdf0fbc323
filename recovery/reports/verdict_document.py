"""The JSON document of `strongroom verify --json`, read into values that a page can be made from."""

from __future__ import annotations

from typing import NamedTuple

from recovery.reports.member import (
    Document,
    document_of,
    documents_member,
    flag_member,
    gap_of,
    number_member,
    text_member,
    texts_member,
    word_member,
)
from verify.bundle_state import FULL_MISSING, PRESENT
from verify.gap import Gap

PASS, FAIL, NOT_CHECKED, INCOMPLETE = "PASS", "FAIL", "NOT CHECKED", "INCOMPLETE"
_VERDICTS = frozenset({PASS, FAIL, INCOMPLETE})
_RESULTS = frozenset({PASS, FAIL, NOT_CHECKED})
_THERE = frozenset({"", PRESENT, FULL_MISSING})


class Check(NamedTuple):
    """One numbered check. `error` is the class of what was found, `next_step` what to do; both may be empty."""

    id: str
    title: str
    result: str
    required: bool
    subject: str
    detail: str
    error: str
    next_step: str


class Snapshot(NamedTuple):
    """One snapshot. `gaps` is None where the document gives only their number; sizes in bytes, None if not given.

    `counts` is collection to (objects, records); a collection that was not read whole is not in it. `covered` says
    whether it was asked for, `read` whether its bundle was read whole; `state` is "present", "expired", another word,
    or empty.
    """

    sequence: int
    taken_at: str
    kind: str
    records: int
    gap_count: int
    gaps: tuple[Gap, ...] | None
    state_root: str
    manifest_sha256: str
    bundle_bytes: int | None
    counts: dict[str, tuple[int, int]]
    state: str
    covered: bool
    read: bool

    @property
    def is_there_unread(self) -> bool:
        """Whether only presence and size of its files were looked at."""
        return not self.read and self.state in _THERE


class Verdict(NamedTuple):
    """What was proved. `word` is never better than what the checks say.

    `contradiction` says why it differs from the document's own word, and is empty when the two agree. `snapshots`
    ascend by sequence. `behind` is how many remembered entries of the log are missing; `fault` is a word of
    `verify.fault`, or empty.
    """

    word: str
    contradiction: str
    level: str
    checks: tuple[Check, ...]
    snapshots: tuple[Snapshot, ...]
    archive: str
    archive_id: str
    tenant: str
    trust_root: str
    simulated: bool
    strays: tuple[str, ...]
    orphans: tuple[str, ...]
    pending: tuple[str, ...]
    behind: int
    fault: str


def verdict_of(document: Document) -> Verdict:
    """The verdict from its JSON form.

    Raises:
        MalformedError: a member of COMMANDS.md section 4 is missing, of the wrong type or an unknown word.
    """
    stated = word_member(document, "verdict", _VERDICTS)
    checks = tuple(_check_of(item) for item in documents_member(document, "checks"))
    word, contradiction = _word_of(stated, checks)
    snapshots = (_snapshot_of(item) for item in documents_member(document, "snapshots"))
    level = document.get("level")
    return Verdict(
        word=word,
        contradiction=contradiction,
        level=str(level) if isinstance(level, int | str) else "",
        checks=checks,
        snapshots=tuple(sorted(snapshots, key=lambda snapshot: snapshot.sequence)),
        archive=text_member(document, "archive"),
        archive_id=text_member(document, "archive_id"),
        tenant=text_member(document, "tenant"),
        trust_root=text_member(document, "trust_root"),
        simulated=flag_member(document, "simulated"),
        strays=texts_member(document, "strays"),
        orphans=texts_member(document, "orphans"),
        pending=texts_member(document, "pending"),
        behind=0 if document.get("behind") is None else number_member(document, "behind"),
        fault=text_member(document, "fault"),
    )


def _word_of(stated: str, checks: tuple[Check, ...]) -> tuple[str, str]:
    failed = [check for check in checks if check.result == FAIL]
    undone = [check for check in checks if check.result == NOT_CHECKED and check.required]
    if failed and stated != FAIL:
        return FAIL, f"The document says {stated}, yet check {failed[0].id} failed. The failed check counts."
    if undone and stated == PASS:
        return INCOMPLETE, f"The document says PASS, yet required check {undone[0].id} was not done."
    if stated == PASS and not any(check.result == PASS for check in checks):
        return INCOMPLETE, "The document says PASS, yet it holds no check that passed."
    return stated, ""


def _check_of(document: Document) -> Check:
    return Check(
        id=text_member(document, "id"),
        title=text_member(document, "title"),
        result=word_member(document, "result", _RESULTS),
        required=flag_member(document, "required"),
        subject=text_member(document, "subject"),
        detail=text_member(document, "detail"),
        error=text_member(document, "error"),
        next_step=text_member(document, "next_step"),
    )


def _snapshot_of(document: Document) -> Snapshot:
    gaps: tuple[Gap, ...] | None = None
    if isinstance(document.get("gaps"), list):
        gaps = tuple(gap_of(item) for item in documents_member(document, "gaps"))
    return Snapshot(
        sequence=number_member(document, "sequence"),
        taken_at=text_member(document, "taken_at"),
        kind=text_member(document, "kind"),
        records=number_member(document, "records"),
        gap_count=number_member(document, "gaps") if gaps is None else len(gaps),
        gaps=gaps,
        state_root=text_member(document, "state_root"),
        manifest_sha256=text_member(document, "manifest_sha256"),
        bundle_bytes=None if document.get("bundle_bytes") is None else number_member(document, "bundle_bytes"),
        counts=_counts_of(document),
        state=text_member(document, "state"),
        covered=flag_member(document, "covered", default=True),
        read=flag_member(document, "read", default=flag_member(document, "covered", default=True)),
    )


def _counts_of(document: Document) -> dict[str, tuple[int, int]]:
    counts = document_of(document.get("counts") or {}, "counts")
    return {
        name: (number_member(count, "objects"), number_member(count, "records"))
        for name, count in ((name, document_of(value, name)) for name, value in sorted(counts.items()))
    }
