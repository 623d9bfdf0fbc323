"""What a verdict means in words, and what it does not: said only of checks that were done and passed.

The ids are those of the ceremony (verify/FORMAT.md section 13).
"""

from __future__ import annotations

from typing import NamedTuple

from recovery.reports.failure import ALTERED_EVIDENCE, failure_of
from recovery.reports.verdict_document import FAIL, INCOMPLETE, NOT_CHECKED, PASS, Verdict
from verify.bundle_state import EXPIRED
from verify.check import LEVELS
from verify.errors import WrongIdentityError
from verify.wording import counted, ranged

LEVEL_TITLES = {
    "0": "Level 0: signatures, log and files, without any key",
    "1": "Level 1: signatures and log, every file by its size; what was asked for is read whole and decrypted",
    "2": "Level 2: everything of level 1, and restorability",
}


_KEYLESS_LEVEL = "0"
_MEMORY = frozenset({"C17"})


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
        "The history up to the newest entry here is whole: no snapshot of it was taken out, exchanged or moved.",
        "Whether the history is whole: that was not checked to the end.",
    ),
    _Claim(
        frozenset({"C08", "C09"}),
        "{files}",
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
        frozenset({"C18"}),
        "What was read of the tenant's logs goes on without a hole that nobody names.",
        "Who did what: whether the tenant's logs are archived without a hole was not checked to the end.",
    ),
    _Claim(
        frozenset({"C26"}),
        "The events beside it were opened too, and are those that were sealed.",
        "Whether the events of the tenant's logs are those that were sealed.",
        keyed=True,
    ),
    _Claim(
        frozenset({"C13"}),
        "The newest snapshot is no older than was asked for.",
        "Whether the archive is up to date: its age was not checked.",
    ),
    _Claim(
        _MEMORY,
        "Every entry of the log that an earlier verification saw is still there.",
        "Whether something seen earlier is gone: there was nothing to compare with (--remember FILE).",
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
    INCOMPLETE: "Nothing failed, but a required check could not be done. Nothing may be concluded from that silence.",
}


_OTHER_RECIPIENTS = (
    "Signatures, log and files hold. The content could not be looked at: "
    "it is sealed to another identity than the one that was given."
)


def sentence_of(verdict: Verdict) -> str:
    """The verdict in one or two sentences, for someone who reads nothing else."""
    words = failure_of(verdict).sentence if verdict.word == FAIL else _SENTENCES[verdict.word]
    if _is_for_other_recipients(verdict):
        words = _OTHER_RECIPIENTS
    if unread := _unread_in(verdict):
        words += f" The bytes of {counted(unread, 'other snapshot')} were not read."
    if verdict.behind:
        words = f"BEHIND what was remembered by {counted(verdict.behind, 'entry', 'entries')}: an older copy. {words}"
    return words


def named(sequences: list[int]) -> str:
    """Snapshots in words, by their numbers in ascending order."""
    if len(sequences) == 1:
        return f"snapshot {sequences[0]}"
    return f"snapshots {ranged(sequences)}" if sequences else "no snapshot"


def scope_of(verdict: Verdict) -> str:
    """The snapshots that were asked for, in words."""
    return named([snapshot.sequence for snapshot in verdict.snapshots if snapshot.covered])


def _unread_in(verdict: Verdict) -> int:
    return sum(snapshot.is_there_unread for snapshot in verdict.snapshots)


def _files_of(verdict: Verdict) -> str:
    """What C08 and C09 prove together, of the files that were read and of those that were not."""
    sequences = [snapshot.sequence for snapshot in verdict.snapshots if snapshot.read]
    read = named(sequences)
    if not _unread_in(verdict):
        return f"Every bundle of {read} is present and holds exactly the bytes that were signed for."
    expired = any(snapshot.state == EXPIRED for snapshot in verdict.snapshots)
    which = " that has not expired" if expired else ""
    words = f"Every bundle{which} is present, in the size that was signed for."
    if sequences:
        verbs = ("was", "holds") if len(sequences) == 1 else ("were", "hold")
        words += f" Of these, {read} {verbs[0]} read whole and {verbs[1]} exactly the bytes that were signed for."
    return words


def meanings_of(verdict: Verdict) -> list[str]:
    """What the verdict says, sentence by sentence; for a FAIL first that something is wrong, then what still holds."""
    results = _results_of(verdict)
    words = {"scope": scope_of(verdict), "files": _files_of(verdict)}
    holds = [
        claim.proved.format(**words)
        for claim in _CLAIMS
        if all(results.get(id_) == {PASS} for id_ in claim.needs) and not (verdict.behind and claim.needs == _MEMORY)
    ]
    if verdict.word == FAIL:
        failed = counted(len({check.id for check in verdict.checks if check.result == FAIL}), "check")
        return [failure_of(verdict).line.format(failed=failed), *holds]
    return holds


def limits_of(verdict: Verdict) -> list[str]:
    """What the verdict does not say, most specific first."""
    results = _results_of(verdict)
    lines = []
    if verdict.word == FAIL and failure_of(verdict) is ALTERED_EVIDENCE:
        lines.append("That somebody meant harm: damage and tampering look alike here, and both need an answer.")
        lines.append("That every snapshot is lost: each failed check names what it concerns.")
    for claim in _CLAIMS:
        if claim.keyed and verdict.level == _KEYLESS_LEVEL:
            continue
        found = set().union(*(results.get(id_, {NOT_CHECKED}) for id_ in claim.needs))
        if claim.needs == _MEMORY and verdict.behind:
            missing = counted(verdict.behind, "entry that was seen earlier is", "entries that were seen earlier are")
            lines.append(f"That this is the newest copy: {missing} not here.")
        elif NOT_CHECKED in found and FAIL not in found:
            lines.append(claim.open)
    if verdict.level == _KEYLESS_LEVEL:
        lines.append("That the content is right: no key was used. Level 1 opens the snapshot.")
    lines += _limits_of_reading(verdict)
    gaps = verdict.snapshots[-1].gap_count if verdict.snapshots else 0
    if gaps:
        lines.append(f"That the whole tenant is here: the newest snapshot has {counted(gaps, 'signed gap')}.")
    if verdict.level != "2":
        lines.append("That a tenant can be rebuilt from it: level 2 shows that.")
    lines.append("That the tenant was sound when it was read: what an intruder had changed by then is archived too.")
    return lines


def _limits_of_reading(verdict: Verdict) -> list[str]:
    """What is not known of the snapshots that were not asked for."""
    lines = []
    if unread := _unread_in(verdict):
        lines.append(
            f"Anything about the bytes of {counted(unread, 'other snapshot')}: presence and size were looked at, and "
            "nothing was read. Level 0 reads everything, and so does level 1 of all snapshots."
        )
    leaned_on = [snapshot.sequence for snapshot in verdict.snapshots if snapshot.read and not snapshot.covered]
    if leaned_on:
        lines.append(
            f"What the tenant was in {named(leaned_on)}: read whole, and proved only as far as {scope_of(verdict)} "
            "leans on it."
        )
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
