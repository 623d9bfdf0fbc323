"""The verdict in one line: the word, what it is about, and how far it reaches."""

from __future__ import annotations

from verify.check import FAIL
from verify.errors import StaleError
from verify.fault import NO_ARCHIVE, NOT_FRESH, OTHER_MEMORY, OTHER_ROOT
from verify.verdict import INCOMPLETE, Verdict
from verify.wording import counted, ranged

_NUMBERS_SHOWN = 5

_PROVED = "everything that this level and the policy ask for was proved"
_OPEN = "nothing that was checked is wrong, and something that is required could not be checked"
_OTHER_RECIPIENTS = "signatures, log and digests hold; the identity given does not open the content that was asked for"
_FAULTS = {
    NO_ARCHIVE: "no archive lies here: another folder than was meant, or an archive that was emptied",
    OTHER_ROOT: "not the trust root that was named: a mistyped fingerprint, another archive, or exchanged trust roots",
    OTHER_MEMORY: "not the archive that was remembered; nothing else that was checked is wrong",
}


def headline_of(verdict: Verdict) -> str:
    """Returns the verdict in one line, without LF."""
    parts = [_meaning_of(verdict)]
    if verdict.behind:
        parts.insert(0, f"BEHIND what was remembered by {counted(verdict.behind, 'entry', 'entries')}")
    unread = [counted(len(verdict.unread), "other snapshot")] if verdict.unread else []
    if events := len(verdict.unread_events):
        unread.append(counted(events, "other bundle of events", "other bundles of events"))
    if unread:
        parts.append(f"the bytes of {' and '.join(unread)} were not read (--snapshot all, or level 0, reads them)")
    return f"{verdict.word}  level {verdict.level}{_asked_of(verdict)}: {'; '.join(parts)}"


def _asked_of(verdict: Verdict) -> str:
    """Names what was asked for, where that may be less than everything."""
    asked = sorted(line.manifest.sequence for line in verdict.snapshots if line.covered)
    if verdict.level == 0 or not asked:
        return ""
    return f", snapshot{'s' if len(asked) > 1 else ''} {ranged(asked, _NUMBERS_SHOWN)}"


def _meaning_of(verdict: Verdict) -> str:
    if verdict.word == INCOMPLETE:
        return _OTHER_RECIPIENTS if verdict.is_for_other_recipients else _OPEN
    failed = [check for check in verdict.checks if check.result == FAIL]
    if not failed:
        return _PROVED
    if verdict.fault in _FAULTS:
        return _FAULTS[verdict.fault]
    if verdict.fault == NOT_FRESH:
        why = next((check.detail for check in failed if check.error == StaleError.__name__), "")
        return f"not fresh, and nothing else failed: {why}"
    named = ", ".join(dict.fromkeys(check.id for check in failed))
    return f"what is here is not what was signed for: altered, missing or unreadable ({named})"
