"""What a verdict means in words, and what it does not: said only of checks that were done and passed.

The ids are those of the ceremony (verify/FORMAT.md section 13).
"""

from __future__ import annotations

from typing import NamedTuple

from recovery.reports.number import ranges_text
from recovery.reports.verdict_document import FAIL, INCOMPLETE, NOT_CHECKED, PASS, Verdict
from verify.check import LEVELS
from verify.errors import WrongIdentityError
from verify.wording import counted

LEVEL_TITLES = {
    "0": "Level 0: signatures, log and files, without any key",
    "1": "Level 1: everything of level 0, and the content of the snapshot, decrypted",
    "2": "Level 2: everything of level 1, and restorability",
}


_KEYLESS_LEVEL = "0"


class _Claim(NamedTuple):
    """A sentence that holds when every check in `needs` passed, and its opposite number when one was not done.

    `keyed` claims need a key; at the level without one they are not made at all.
    """

    needs: frozenset[str]
    proved: str
    open: str
    keyed: bool = False


_CLAIMS = (
    _Claim(
        frozenset({"C01", "C02", "C05"}),
        "Everything that the archive states is signed by keys that the trust root names.",
        "Whether all signatures are by keys that the trust root names: that was not checked to the end.",
    ),
    _Claim(
        frozenset({"C03", "C04", "C06"}),
        "The history is whole: no snapshot has been taken out, exchanged or put in another order.",
        "Whether the history is whole: that was not checked to the end.",
    ),
    _Claim(
        frozenset({"C08", "C09"}),
        "Every bundle of {scope} is present and holds exactly the bytes that were signed for.",
        "Whether the bundles are present and undamaged: that was not checked to the end.",
    ),
    _Claim(
        frozenset({"C21", "C22", "C23"}),
        "The content of {scope} was opened, and each record in it is the one that was sealed.",
        "Whether the bundles can be opened and hold what was sealed: that was not checked to the end.",
        keyed=True,
    ),
    _Claim(
        frozenset({"C24", "C25"}),
        "Nothing was added to it or left out of it since it was sealed; its counts and gaps are as signed.",
        "Whether its records, counts and gaps are those that were signed for.",
        keyed=True,
    ),
    _Claim(
        frozenset({"C13"}),
        "The newest snapshot is no older than was asked for.",
        "Whether the archive is up to date: its age was not checked.",
    ),
    _Claim(
        frozenset({"C17"}),
        "Everything that an earlier verification saw is still there.",
        "Whether something seen earlier is gone: nothing was remembered to compare with.",
    ),
    _Claim(
        frozenset({"C14"}),
        "Other parties have co-signed this same history.",
        "Whether others were shown a different history: no witness was checked.",
    ),
    _Claim(
        frozenset({"C16"}),
        "Another identity has observed the locks on the files.",
        "Whether the files are locked against deletion: no observation of locks was checked.",
    ),
)

_SENTENCES = {
    PASS: "Every required check passed. What was looked at is what was signed for.",
    FAIL: "At least one check failed. Do not rely on what the failed checks name until the cause is known.",
    INCOMPLETE: "Nothing failed, but a required check could not be done. Nothing may be concluded from that silence.",
}


_OTHER_RECIPIENTS = (
    "Signatures, log and files hold. The content could not be looked at: "
    "it is sealed to another identity than the one that was given."
)


def sentence_of(verdict: Verdict) -> str:
    """The verdict in one or two sentences, for someone who reads nothing else."""
    return _OTHER_RECIPIENTS if _is_for_other_recipients(verdict) else _SENTENCES[verdict.word]


def scope_of(verdict: Verdict) -> str:
    """The snapshots whose bundles the verification looked at, in words."""
    covered = [snapshot.sequence for snapshot in verdict.snapshots if snapshot.covered]
    if len(covered) == 1:
        return f"snapshot {covered[0]}"
    return f"snapshots {ranges_text(covered)}" if covered else "no snapshot"


def meanings_of(verdict: Verdict) -> list[str]:
    """What the verdict says, sentence by sentence; for a FAIL first that something is wrong, then what still holds."""
    results = _results_of(verdict)
    scope = scope_of(verdict)
    holds = [
        claim.proved.format(scope=scope) for claim in _CLAIMS if all(results.get(id_) == {PASS} for id_ in claim.needs)
    ]
    failed = [check for check in verdict.checks if check.result == FAIL]
    if verdict.word == FAIL:
        named = counted(len(failed), "check")
        return [f"Bytes, signatures or counts are not what they were when they were signed: {named} failed.", *holds]
    return holds


def limits_of(verdict: Verdict) -> list[str]:
    """What the verdict does not say, most specific first."""
    results = _results_of(verdict)
    lines = []
    if verdict.word == FAIL:
        lines.append("That somebody meant harm: damage and tampering look alike here, and both need an answer.")
        lines.append("That every snapshot is lost: each failed check names what it concerns.")
    for claim in _CLAIMS:
        if claim.keyed and verdict.level == _KEYLESS_LEVEL:
            continue
        found = set().union(*(results.get(id_, {NOT_CHECKED}) for id_ in claim.needs))
        if NOT_CHECKED in found and FAIL not in found:
            lines.append(claim.open)
    if verdict.level == _KEYLESS_LEVEL:
        lines.append("That the content is right: no key was used. Level 1 opens the snapshot.")
    others = sum(not snapshot.covered for snapshot in verdict.snapshots)
    if others:
        number = counted(others, "other snapshot")
        lines.append(f"Anything about {number}: only the files that make up {scope_of(verdict)} were looked at.")
    gaps = verdict.snapshots[-1].gap_count if verdict.snapshots else 0
    if gaps:
        lines.append(f"That the whole tenant is here: the newest snapshot has {counted(gaps, 'signed gap')}.")
    if verdict.level != "2":
        lines.append("That a tenant can be rebuilt from it: level 2 shows that.")
    lines.append("That the tenant was sound when it was read: what an intruder had changed by then is archived too.")
    return lines


def _is_for_other_recipients(verdict: Verdict) -> bool:
    """Whether all that is missing is an identity that what was asked for is sealed to."""
    missing = [check for check in verdict.checks if check.result == NOT_CHECKED and check.required]
    return (
        verdict.word == INCOMPLETE
        and any(check.error == WrongIdentityError.__name__ for check in missing)
        and all(LEVELS.get(check.id, 0) > 0 for check in missing)
    )


def _results_of(verdict: Verdict) -> dict[str, set[str]]:
    """Every result that a check's id has; one id may stand for several subjects."""
    results: dict[str, set[str]] = {}
    for check in verdict.checks:
        results.setdefault(check.id, set()).add(check.result)
    return results
