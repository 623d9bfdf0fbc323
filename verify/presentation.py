"""The verdict for people, as plain text. Names come from the archive: nothing that a terminal obeys gets through."""

from __future__ import annotations

from collections.abc import Iterator

from verify.check import NOT_CHECKED, Check
from verify.manifest import Manifest
from verify.verdict import PRESENT, SnapshotLine, Verdict
from verify.visible import visible

_SNAPSHOTS_SHOWN = 10
_NAMES_SHOWN = 5
_GAPS_SHOWN = 5
_TITLE_WIDTH = 25

_MEANING = {
    "PASS": "everything that this level and the policy ask for was proved",
    "INCOMPLETE": "nothing is wrong, and something that is required could not be checked",
    "FAIL": "something is not what was signed for",
}


_OTHER_RECIPIENTS = "signatures, log and digests hold; the identity given does not open the content that was asked for"


def text_of(verdict: Verdict) -> str:
    """Returns the whole verdict; lines end with LF."""
    return "".join(f"{visible(line).rstrip()}\n" for line in _lines(verdict))


def headline_of(verdict: Verdict) -> str:
    """Returns the verdict in one line."""
    meaning = _OTHER_RECIPIENTS if verdict.is_for_other_recipients else _MEANING[verdict.word]
    return f"{verdict.word}  level {verdict.level}: {meaning}"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield headline_of(verdict)
    yield f"archive {verdict.archive_id or 'unknown'}"
    yield ""
    for check in verdict.checks:
        yield from _check_lines(check)
    if verdict.snapshots:
        yield ""
        yield from _snapshot_lines(verdict)
    for names, meaning in (
        (verdict.pending, "log entries that no checkpoint commits to yet"),
        (verdict.orphans, "bundle files that no manifest names, left by a run that was cut off; harmless"),
        (verdict.strays, "files that are no part of an archive; they prove nothing"),
    ):
        if names:
            yield ""
            yield f"{meaning} ({len(names)}):"
            yield from (f"  {name}" for name in names[:_NAMES_SHOWN])
            if len(names) > _NAMES_SHOWN:
                yield f"  and {len(names) - _NAMES_SHOWN} more"
    yield ""
    yield "what each check proves: verify/FORMAT.md, section 13"


def _check_lines(check: Check) -> Iterator[str]:
    result = check.result
    if result == NOT_CHECKED and not check.required:
        result = "not asked"
    yield f"  {check.id}  {result:<11}  {check.title:<{_TITLE_WIDTH}}  {check.detail}"
    indent = " " * (22 + _TITLE_WIDTH)
    if check.subject and check.subject not in check.detail:
        yield f"{indent}in {check.subject}"
    if check.error:
        yield f"{indent}{check.error}. {check.next_step or ''}"


def _snapshot_lines(verdict: Verdict) -> Iterator[str]:
    yield "  snapshot  taken at              kind      records  gaps"
    for line in verdict.snapshots[:_SNAPSHOTS_SHOWN]:
        yield _snapshot_line(line)
    if len(verdict.snapshots) > _SNAPSHOTS_SHOWN:
        yield f"  and {len(verdict.snapshots) - _SNAPSHOTS_SHOWN} older ones"
    shown = next((line.manifest for line in verdict.snapshots if line.covered), None)
    if shown is not None and shown.gaps:
        yield ""
        yield from _gap_lines(shown)


def _snapshot_line(line: SnapshotLine) -> str:
    one = line.manifest
    notes = [line.state] if line.state != PRESENT else []
    notes += ["simulated tenant"] if one.simulated else []
    return (
        f"  {one.sequence:>8}  {one.taken_at:%Y-%m-%d %H:%M:%S}Z  {one.kind:<5}  {one.state_count:>10,}  "
        f"{len(one.gaps):>4}  {', '.join(notes)}"
    )


def _gap_lines(manifest: Manifest) -> Iterator[str]:
    yield f"signed gaps of snapshot {manifest.sequence} (what could not be read, and why):"
    for gap in manifest.gaps[:_GAPS_SHOWN]:
        yield f"  {gap.place}: {gap.reason}. {gap.detail}"
    if len(manifest.gaps) > _GAPS_SHOWN:
        yield f"  and {len(manifest.gaps) - _GAPS_SHOWN} more"
