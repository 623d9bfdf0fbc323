"""What a FAIL comes to, in sentences: evidence that does not hold, or only something that the caller named."""

from __future__ import annotations

from typing import NamedTuple

from recovery.reports.verdict_document import Verdict
from verify.fault import ALTERED, NO_ARCHIVE, NOT_FRESH, OTHER_MEMORY, OTHER_ROOT


class Failure(NamedTuple):
    """What a FAIL comes to: the sentence at the top of the page, and the first line of what it says."""

    sentence: str
    line: str


ALTERED_EVIDENCE = Failure(
    "At least one check failed. Do not rely on what the failed checks name until the cause is known.",
    "Something is altered, missing or unreadable since it was signed: {failed} failed.",
)
_FAILURES = {
    ALTERED: ALTERED_EVIDENCE,
    NO_ARCHIVE: Failure(
        "No archive lies here: it is another folder than was meant, or an archive that was emptied.",
        "Nothing was proved: there is no file of an archive where one was looked for.",
    ),
    OTHER_ROOT: Failure(
        "This is not the trust root that was named. The fingerprint is mistyped, this is another archive, or its trust "
        "roots were exchanged.",
        "Nothing was proved: no trust root here has the fingerprint that was given.",
    ),
    OTHER_MEMORY: Failure(
        "This is not the archive that was remembered. Nothing else that was checked is wrong.",
        "It is another archive than the one that was remembered under this name.",
    ),
    NOT_FRESH: Failure(
        "The archive is not fresh. Nothing else that was checked is wrong.",
        "The newest snapshot is not of the time that was asked for.",
    ),
}


def failure_of(verdict: Verdict) -> Failure:
    """The words for a verdict that is a FAIL; a fault that this release does not know is the worst one."""
    return _FAILURES.get(verdict.fault, ALTERED_EVIDENCE)
