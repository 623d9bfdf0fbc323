"""The checks of a verdict, grouped by what they look at, failed ones first."""

from __future__ import annotations

import re

import verify.errors as verify_errors
from recovery.reports.markup import Markup, element, joined
from recovery.reports.number import count_text
from recovery.reports.page import Section, table
from recovery.reports.sign import result_word
from recovery.reports.value import block_value, inline_value
from recovery.reports.verdict_document import FAIL, NOT_CHECKED, Check, Verdict
from verify.check import PROVES

EVIDENCE, FILES, CONTENT, RESTORE, OTHER = "Evidence", "Files", "Content", "Restorability", "Other checks"
_LEADS = {
    EVIDENCE: "Who signed what, and whether the history hangs together.",
    FILES: "Whether the encrypted files are there and undamaged.",
    CONTENT: "Whether the records inside are those that were sealed.",
    RESTORE: "Whether a tenant can be rebuilt from them.",
    OTHER: "Checks that this release knows no group for.",
}
_FILE_CHECKS = frozenset({8, 9, 17})
_FIRST_CONTENT_CHECK, _FIRST_RESTORE_CHECK = 21, 31  # verify/FORMAT.md section 13: C01 to C18, C21 to C26
_NUMBERED = re.compile(r"C(\d{2})\Z")
_HEADINGS = (("Result", "slim"), ("Id", "slim"), ("Check", None))
_DETAIL_LIMIT = 400  # characters
_FINDINGS_SHOWN = 6  # more than that is a table to read, not a headline


def check_section(verdict: Verdict) -> Section:
    """The section with one table for each group that has checks."""
    groups: dict[str, list[Check]] = {name: [] for name in _LEADS}
    for check in verdict.checks:
        groups[_group_of(check)].append(check)
    parts: list[Markup] = []
    for name, checks in groups.items():
        if checks:
            parts.append(element("h3", name))
            parts.append(_table(_LEADS[name], sorted(checks, key=_order)))
    return Section("checks", "Checks", joined(parts) if parts else element("p", "The document holds no checks."))


def findings(verdict: Verdict) -> Markup | None:
    """What stands in the way of a PASS, for the top of the page: failed checks, else required ones not done."""
    found = [check for check in verdict.checks if check.result == FAIL]
    found = found or [check for check in verdict.checks if check.result == NOT_CHECKED and check.required]
    if not found:
        return None
    rest = len(found) - _FINDINGS_SHOWN
    more = element("p", f"{count_text(rest)} more are below.") if rest > 0 else None
    rows = [_row(check) for check in found[:_FINDINGS_SHOWN]]
    heading = "What failed" if found[0].result == FAIL else "What could not be checked"
    return element("div", element("h3", heading), table(_HEADINGS, rows), more, class_="findings")


def _group_of(check: Check) -> str:
    found = _NUMBERED.match(check.id)
    if not found:
        return OTHER
    number = int(found[1])
    if number >= _FIRST_RESTORE_CHECK:
        return RESTORE
    if number >= _FIRST_CONTENT_CHECK:
        return CONTENT
    return FILES if number in _FILE_CHECKS else EVIDENCE


def _order(check: Check) -> int:
    """Failed, then required and not checked, then passed, then what nobody asked for; inside each as they come."""
    if check.result == NOT_CHECKED:
        return 1 if check.required else 3
    return 0 if check.result == FAIL else 2


def _table(lead: str, checks: list[Check]) -> Markup:
    return table(_HEADINGS, [_row(check) for check in checks], lead)


def _row(check: Check) -> Markup:
    asked = None if check.required else element("small", "not required")
    return element(
        "tr",
        element("td", result_word(check.result), asked),
        element("td", inline_value(check.id), class_="digest slim"),
        element("th", *_about(check), scope="row"),
        class_=f"is-row-{check.result.lower().replace(' ', '-')}",
    )


def _about(check: Check) -> list[Markup]:
    """Title and subject, what the check is for, what was found, and what to do about it."""
    named = check.subject and check.subject not in check.detail
    subject = element("span", inline_value(check.subject), class_="subject") if named else None
    about = [element("div", element("b", inline_value(check.title[:1].upper() + check.title[1:])), " ", subject)]
    if check.id in PROVES:
        about.append(element("div", element("small", f"Whether {PROVES[check.id]}.")))
    if check.detail:
        about.append(element("div", block_value(check.detail, _DETAIL_LIMIT)))
    step = _next_step(check)
    if step:
        about.append(element("div", element("b", "What to do: "), inline_value(step, _DETAIL_LIMIT)))
    return about


def _next_step(check: Check) -> str:
    """The document's own next step, or that of the error's class; nothing unless the check failed."""
    if check.result != FAIL or check.next_step:
        return check.next_step
    class_ = getattr(verify_errors, check.error, None)
    if isinstance(class_, type) and issubclass(class_, verify_errors.StrongroomError):
        return class_.default_next_step
    return ""
