"""The HTML report of a verdict: the JSON document of `strongroom verify`, for a manager and for an engineer.

Members of the document that are shown beyond those of COMMANDS.md section 4, all optional: `archive` (where it was
read), `archive_id`, `tenant`, `trust_root` (fingerprint), `simulated`, `strays`, `orphans` and `pending` (names of
files), `behind`, `fault`; in a check `error` (class) and `next_step`; in a snapshot `gaps` as an array of gap objects,
`bundle_bytes`, `counts` (`{COLLECTION: {"objects", "records"}}`), `state`, `covered` and `read`.
"""

from __future__ import annotations

from collections import Counter

from recovery.reports.check_table import check_section, findings
from recovery.reports.count_chart import count_section
from recovery.reports.gap_table import gap_section
from recovery.reports.markup import Markup, element, joined
from recovery.reports.meaning import LEVEL_TITLES, limits_of, meanings_of, named, scope_of, sentence_of
from recovery.reports.member import Document
from recovery.reports.number import instant_text
from recovery.reports.page import Frame, Section, facts, page
from recovery.reports.sign import sign, sign_class
from recovery.reports.snapshot_table import digest_section, snapshot_section
from recovery.reports.stray_list import stray_section
from recovery.reports.value import block_value, digest_value, inline_value
from recovery.reports.verdict_document import FAIL, NOT_CHECKED, PASS, Snapshot, Verdict, verdict_of
from verify.wording import counted

_WORDS = {"PASS": "Pass", "FAIL": "Fail", "INCOMPLETE": "Incomplete"}


def verdict_page(verdict: Document, *, generated_at: str | None = None) -> str:
    """The report as one self-contained HTML file. The same arguments give the same text.

    `generated_at` is an RFC 3339 instant, or None to leave the time out.

    Raises:
        MalformedError: the document is not one of COMMANDS.md section 4.
    """
    read = verdict_of(verdict)
    sections = [
        Section("meaning", "What this means", _meaning(read)),
        check_section(read),
        *count_section(read.snapshots),
        *gap_section(read.snapshots),
        *snapshot_section(read.snapshots),
        *stray_section(read),
        *digest_section(read.snapshots),
    ]
    return page(
        Frame(
            title=f"{read.word}: verification of {read.archive or read.tenant or 'an archive'}",
            kind="Report of a verification",
            opening=_opening(read),
            sections=sections,
            document=verdict,
            made_with="strongroom verify --json",
            generated_at=generated_at,
            simulated=read.simulated,
        )
    )


def _opening(verdict: Verdict) -> Markup:
    title = element(
        "h1",
        element("span", _WORDS[verdict.word], class_=f"word {sign_class(verdict.word)}"),
        sentence_of(verdict),
    )
    headline = element("div", sign(verdict.word), title, class_="headline")
    notice = element("p", verdict.contradiction, class_="notice") if verdict.contradiction else None
    return joined((headline, notice, findings(verdict), _facts(verdict)))


def _facts(verdict: Verdict) -> Markup:
    newest = verdict.snapshots[-1] if verdict.snapshots else None
    number = len(verdict.snapshots)
    read = [snapshot.sequence for snapshot in verdict.snapshots if snapshot.read]
    files = (
        f"those of all {counted(number, 'snapshot')}"
        if len(read) == number
        else f"those of {named(read)}, out of {counted(number, 'snapshot')}"
    )
    return facts(
        (
            ("Tenant", block_value(verdict.tenant) if verdict.tenant else None),
            ("Archive", block_value(verdict.archive) if verdict.archive else None),
            ("Asked for", LEVEL_TITLES.get(verdict.level, inline_value(f"Level {verdict.level}"))),
            ("Snapshots asked for", scope_of(verdict) if number and verdict.level != "0" else None),
            ("Files read whole", files if number else None),
            ("Checks", _tally(verdict)),
            ("Newest snapshot", _newest(newest) if newest else None),
            ("Archive id", digest_value(verdict.archive_id)),
            ("Trust root", digest_value(verdict.trust_root)),
        )
    )


def _newest(snapshot: Snapshot) -> Markup:
    return element("span", f"{snapshot.sequence}, of ", inline_value(instant_text(snapshot.taken_at)))


def _tally(verdict: Verdict) -> str:
    numbers = Counter(check.result for check in verdict.checks)
    return f"{numbers[PASS]} passed, {numbers[FAIL]} failed, {numbers[NOT_CHECKED]} not checked"


def _meaning(verdict: Verdict) -> Markup:
    """Two lists side by side; a sentence stands in the first only if all the checks behind it passed."""
    means = meanings_of(verdict) or ["Nothing yet: no group of checks was completed."]
    failing = len([line for line in means[:1] if verdict.word == FAIL])
    marks = [FAIL] * failing + [PASS if meanings_of(verdict) else NOT_CHECKED] * (len(means) - failing)
    return element(
        "div",
        element("div", element("h3", "It says"), _lines(means, marks)),
        element("div", element("h3", "It does not say"), _lines(limits_of(verdict), None)),
        class_="columns",
    )


def _lines(lines: list[str], marks: list[str] | None) -> Markup:
    signs = [sign(mark) for mark in marks] if marks else [sign(NOT_CHECKED)] * len(lines)
    return element("ul", *(element("li", mark, line) for mark, line in zip(signs, lines, strict=True)))
